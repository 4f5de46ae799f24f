// Several bridges share one account: each has its part of the devices, and leaves the others' alone.
#include <doctest/doctest.h>
#include <set>
#include <sstream>

#include "app/own_devices.hpp"
#include "bridge/sample_home.hpp"
#include "json/value.hpp"
#include "support/counters.hpp"
#include "support/standard_error.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

settings::Settings shard(const std::string& text) {
  settings::Settings settings = World::some_settings();
  settings.fleet.shard = text;
  return settings;
}

/// A hundred outlets, each with a load of its own.
const std::vector<std::string>& outlet_ids() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> made;
    for (int i = 100; i < 200; ++i) made.push_back("B0000B0204c45bbefa9" + std::to_string(i));
    return made;
  }();
  return ids;
}

void outlets(World& world) {
  double load_wh = 0.5;
  for (const std::string& id : outlet_ids()) {
    model::Device device = lamp();
    device.id = model::DeviceId(id);
    device.name = "Outlet " + id.substr(id.size() - 3);
    world.service.devices.push_back(device);
    world.service.states.emplace_back(model::OutletState{device.id, true});
    world.service.energy_wh[device.id] = {{1, load_wh += 0.125}};
  }
}

/// The devices with anything at all below the base topic or announced.
std::set<std::string> shown_devices(const World& world) {
  std::set<std::string> devices;
  for (const auto& [topic, payload] : world.retained) {
    if (payload.empty()) continue;
    for (const std::string& id : outlet_ids()) {
      if (topic.find(id) != std::string::npos) devices.insert(id);
    }
  }
  return devices;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string state_topic(const std::string& id) {
  return "emporia/" + id + "/state";
}

double energy_kwh(const World& world, const std::string& id) {
  const auto state = world.retained.find(state_topic(id));
  REQUIRE(state != world.retained.end());
  const auto counters = support::counters_of(state->second);
  REQUIRE(counters.count("energy_kwh") == 1);
  return counters.at("energy_kwh");
}

unsigned calls_in_busiest_hour(const World& world) {
  std::size_t most = 0;
  for (auto first = world.calls.begin(); first != world.calls.end(); ++first) {
    most = std::max<std::size_t>(most, static_cast<std::size_t>(std::count_if(
                                           first, world.calls.end(), [&](auto call) { return call - *first < 1h; })));
  }
  return static_cast<unsigned>(most);
}

/// One that belongs to the second of two, and one that does not.
std::string an_id(unsigned number, unsigned count) {
  for (const std::string& id : outlet_ids()) {
    if (settings::shard_of(id, count) == number) return id;
  }
  FAIL("no such id");
  return {};
}

}  // namespace

TEST_CASE("three bridges show together what one shows, nothing twice, within the account's budget") {
  World alone;
  outlets(alone);
  alone.start();
  alone.run_for(3h);
  std::set<std::string> together;
  unsigned calls = 0;
  unsigned budget = 0;
  for (const char* part : {"1/3", "2/3", "3/3"}) {
    CAPTURE(part);
    World world(shard(part));
    outlets(world);
    world.start();
    world.run_for(3h);
    const std::string number(1, part[0]);
    const std::set<std::string> own = shown_devices(world);
    CHECK(own.size() > 20);
    for (const std::string& id : own) {
      CHECK(together.insert(id).second);
      CHECK(settings::shard_of(id, 3) == static_cast<unsigned>(part[0] - '0'));
      // The same beginning, and exact as far as it has come.
      const ledger::Counter& counter = world.counters(model::DeviceId(id)).at(1);
      CHECK(counter.booked_from == alone.counters(model::DeviceId(id)).at(1).booked_from);
      const double minutes = static_cast<double>((counter.booked_until - counter.booked_from) / 1min);
      CHECK(minutes > 60);
      CHECK(energy_kwh(world, id) * 1000 ==
            doctest::Approx(minutes * world.service.energy_wh.at(model::DeviceId(id)).at(1)));
      const std::string& config = world.retained["homeassistant/device/emporia_" + id + "/config"];
      CHECK(has(config, "emporia/bridge/" + number + "/state"));
      CHECK_FALSE(has(config, "emporia/bridge/state"));
    }
    // Its own topics, and nobody else's.
    for (const char* leaf : {"state", "info", "health", "devices"}) {
      CHECK(world.retained.count("emporia/bridge/" + number + "/" + leaf) == 1);
      CHECK(world.retained.count(std::string("emporia/bridge/") + leaf) == 0);
    }
    CHECK(world.retained.count("homeassistant/device/emporia_bridge_emporia_" + number + "/config") == 1);
    const auto health = json::parse(world.retained["emporia/bridge/" + number + "/health"], {1 << 20, 16});
    REQUIRE(health.ok());
    const json::Value* told = health.value().find("shard");
    REQUIRE(told != nullptr);
    CHECK(*told->find("devices_elsewhere")->as_integer() == static_cast<std::int64_t>(100 - own.size()));
    budget += static_cast<unsigned>(*health.value().find("calls")->find("budget")->as_integer());
    calls += calls_in_busiest_hour(world);
  }
  CHECK(together == shown_devices(alone));
  CHECK(together.size() == 100);
  CHECK(budget == 95);
  CHECK(calls <= 95);
}

TEST_CASE("a command goes to the bridge that has the device; the other neither carries it out nor refuses it") {
  const std::string first = an_id(1, 2);
  const std::string second = an_id(2, 2);
  for (const unsigned number : {1U, 2U}) {
    CAPTURE(number);
    World world(shard(std::to_string(number) + "/2"));
    outlets(world);
    world.start();
    world.run_for(30s);
    world.transcript();
    world.receive("emporia/" + first + "/set/on", "OFF");
    world.run_for(2s);
    world.receive("emporia/" + second + "/set", "{\"on\":false}");
    world.run_for(2s);
    const std::string told = world.transcript({"/result", "UpdateOutlets"});
    CHECK(has(told, (number == 1 ? first : second) + "/result"));
    CHECK(has(told, "confirmed"));
    CHECK_FALSE(has(told, number == 1 ? second : first));
  }
}

TEST_CASE("a command for a device that there is not is refused by exactly one") {
  std::size_t answers = 0;
  for (const char* part : {"1/3", "2/3", "3/3"}) {
    World world(shard(part));
    outlets(world);
    world.start();
    world.run_for(30s);
    world.transcript();
    world.receive("emporia/nobody/set/on", "OFF");
    world.run_for(2s);
    answers += has(world.transcript({"nobody/result"}), "refused") ? 1U : 0U;
  }
  CHECK(answers == 1);
}

TEST_CASE("what another bridge has announced is not left over, however long this one runs") {
  World first(shard("1/2"));
  outlets(first);
  first.start();
  first.run_for(10min);
  World second(shard("2/2"));
  outlets(second);
  second.retained = first.retained;
  second.start();
  second.run_for(10min);
  // And the first again, started anew among all that stands there.
  World again(shard("1/2"));
  outlets(again);
  again.retained = second.retained;
  again.start();
  again.run_for(3h);
  CHECK(shown_devices(again).size() == 100);
  CHECK(again.retained.count("homeassistant/device/emporia_bridge_emporia_2/config") == 1);
  CHECK_FALSE(has(again.transcript(), "(cleared)"));
  // Its own that the account has no longer it does take away.
  const std::string gone = an_id(1, 2);
  std::erase_if(again.service.devices, [&](const model::Device& device) { return device.id.text() == gone; });
  again.run_for(3h);
  CHECK(shown_devices(again).size() == 99);
  CHECK(shown_devices(again).count(gone) == 0);
}

TEST_CASE("a device that is gone when the bridges have become others is taken away by the one it would be of now") {
  const std::string gone = [] {
    for (const std::string& id : outlet_ids()) {
      if (settings::shard_of(id, 3) != settings::shard_of(id, 4)) return id;
    }
    return std::string();
  }();
  REQUIRE_FALSE(gone.empty());
  const unsigned before = settings::shard_of(gone, 3);
  World old(shard(std::to_string(before) + "/3"));
  outlets(old);
  old.start();
  old.run_for(10min);
  auto left = old.retained;
  for (const unsigned number : {before, 4U}) {
    CAPTURE(number);
    World world(shard(std::to_string(number) + "/4"));
    outlets(world);
    std::erase_if(world.service.devices, [&](const model::Device& device) { return device.id.text() == gone; });
    world.retained = left;
    world.start();
    world.run_for(2h);
    CHECK(shown_devices(world).count(gone) == (number == 4 ? 0U : 1U));
    left = world.retained;
  }
}

TEST_CASE("a device that changes hands: its counter goes on, and it is announced anew without being taken away") {
  for (const bool back_again : {false, true}) {
    CAPTURE(back_again);
    const std::string id = [] {
      for (const std::string& each : outlet_ids()) {
        if (settings::shard_of(each, 4) == 4) return each;
      }
      return std::string();
    }();
    const unsigned before = settings::shard_of(id, 3);
    support::RisingCounters law;
    const auto listen = [&](World& world) {
      world.on_published = [&law](const mqtt::Message& message) { law.hear(message.topic, message.payload); };
    };
    // Of one time and one service: what passes in one of the two passes in the other.
    World old(shard(std::to_string(before) + "/3"));
    World fresh(shard("4/4"));
    for (World* world : {&old, &fresh}) {
      outlets(*world);
      listen(*world);
    }
    old.start();
    old.run_for(2h);
    old.stop();
    const double shown_kwh = energy_kwh(old, id);
    CHECK(shown_kwh > 0);
    fresh.pass(2h + 5s);
    fresh.retained = old.retained;
    fresh.start();
    fresh.run_for(3h);
    CHECK(energy_kwh(fresh, id) > shown_kwh);
    const std::string told = fresh.transcript({"emporia_" + id + "/config", id + "/availability"});
    CHECK(has(told, "announces"));
    CHECK_FALSE(has(told, "(cleared)"));
    CHECK_FALSE(has(told, "offline"));
    if (back_again) {
      // The first one's ledger is three hours old by now, and knows the device.
      fresh.stop();
      const double then_kwh = energy_kwh(fresh, id);
      old.pass(3h + 5s);
      old.retained = fresh.retained;
      old.start();
      old.run_for(3h);
      CHECK(energy_kwh(old, id) > then_kwh);
      const ledger::Counter& counter = old.counters(model::DeviceId(id)).at(1);
      const double minutes = static_cast<double>((counter.booked_until - counter.booked_from) / 1min);
      const double load_wh = old.service.energy_wh.at(model::DeviceId(id)).at(1);
      CHECK(counter.positive_wh() == doctest::Approx(minutes * load_wh));
      CHECK(energy_kwh(old, id) * 1000 == doctest::Approx(counter.positive_wh()));
    }
    for (const std::string& fall : law.falls()) CHECK_MESSAGE(false, fall);
    CHECK(law.counters() > 10);
  }
}

TEST_CASE("a group and all its devices are in one bridge, whatever their ids") {
  settings::Settings fleet = World::some_settings();
  // The panel and the lamp are of different bridges by their ids, and so is the group by its own.
  REQUIRE(settings::shard_of("A0001", 2) != settings::shard_of("B0001", 2));
  fleet.groups = {{"flat", "Flat", {{"A0001", "4", 1, false}, {"B0001", "1", 0.5, false}}, "consumption"}};
  std::size_t owners = 0;
  for (const char* part : {"1/2", "2/2"}) {
    fleet.fleet.shard = part;
    World world(fleet);
    world.service.devices = {panel(), lamp()};
    world.service.states = {model::OutletState{kLamp, true}};
    world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}, {5, 0.0}};
    world.service.energy_wh[kLamp] = {{1, 0.7}};
    world.start();
    world.run_for(2h);
    const bool owns = world.retained.count("emporia/group--flat/state") == 1;
    CHECK(world.retained.count("emporia/A0001/state") == (owns ? 1U : 0U));
    CHECK(world.retained.count("emporia/B0001/state") == (owns ? 1U : 0U));
    if (!owns) continue;
    ++owners;
    CHECK(world.retained["emporia/group--flat/availability"] == "online");
    // By the first of their names.
    CHECK(settings::shard_of("A0001", 2) == static_cast<unsigned>(part[0] - '0'));
  }
  CHECK(owners == 1);
}

TEST_CASE("groups with a device in common are in one bridge, in whatever order they stand") {
  settings::Settings fleet = World::some_settings();
  using Group = settings::Group;
  const Group ab{"ab", "", {{"D1", "1", 1, false}, {"C1", "1", 1, false}}, "consumption"};
  const Group cd{"cd", "", {{"B1", "1", 1, false}, {"A1", "1", 1, false}}, "consumption"};
  const Group bc{"bc", "", {{"C1", "1", 1, false}, {"B1", "1", 1, false}}, "consumption"};
  fleet.fleet.shard = "1/7";
  for (const std::vector<Group>& groups :
       {std::vector<Group>{ab, cd, bc}, std::vector<Group>{bc, ab, cd}, std::vector<Group>{cd, bc, ab}}) {
    fleet.groups = groups;
    const app::OwnDevices own(fleet);
    for (const char* level : {"A1", "B1", "C1", "D1", "group--ab", "group--bc", "group--cd"}) {
      CAPTURE(level);
      CHECK(own.shard_of_level(level) == settings::shard_of("A1", 7));
    }
    CHECK(own.shard_of_level("E1") == settings::shard_of("E1", 7));
  }
}
