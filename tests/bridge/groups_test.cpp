// Groups through the whole bridge: from the configuration to the broker.
#include <doctest/doctest.h>
#include <map>

#include "bridge/sample_home.hpp"
#include "support/standard_error.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

const model::DeviceId kRest{"group:rest"};
const model::DeviceId kFlat{"group:upper-flat"};

/// What the oven leaves of the panel's mains, and the flat that has the oven and half of the lamp.
settings::Settings two_groups() {
  settings::Settings settings = World::some_settings();
  settings.groups = {
      {"rest", "Rest", {{"A0001", "mains", 1, false}, {"A0001", "4", 1, true}}, "bidirectional"},
      {"upper-flat", "Upper flat", {{"A0001", "4", 1, false}, {"B0001", "1", 0.5, false}}, "consumption"}};
  return settings;
}

void panel_and_lamp(World& world) {
  world.service.devices = {panel(), lamp()};
  world.service.states = {model::OutletState{kLamp, true}};
  world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}, {5, 0.0}};
  world.service.energy_wh[kLamp] = {{1, 0.7}};
}

void settle(World& world) {
  world.start();
  world.run_for(60s);
  world.transcript();
}

std::string state_of(World& world, const std::string& level) {
  return world.retained["emporia/" + level + "/state"];
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a first start with groups: shown at zero, then what their members have booked") {
  World world(two_groups());
  panel_and_lamp(world);
  world.start();
  world.run_for(20s);
  check_golden("bridge_groups", world.transcript({"call ", "group--rest/", "group--upper-flat/"}));
}

TEST_CASE("the list of devices has groups; polls, lag and commands pass them over") {
  World world(two_groups());
  panel_and_lamp(world);
  settle(world);
  CHECK(has(world.retained["emporia/bridge/devices"],
            R"({"id":"group:upper-flat","topic":"emporia/group--upper-flat","model":"group","name":"Upper flat",)"));
  world.run_for(1h);
  CHECK_FALSE(has(world.transcript({"call "}), "group"));
  world.receive("emporia/group--rest/set/on", "ON");
  world.run_for(1s);
  CHECK(has(world.transcript({"group--rest/result"}),
            R"("status":"refused","error":"no setting \"on\": a Group has no)"));
  // The oven has no data any more: the group waits, and the age of the service's data is not the group's.
  world.service.energy_wh[kPanel].erase(4);
  world.run_for(100min);
  CHECK(has(state_of(world, "group--rest"), R"("as_of":"2026-11-23T09:3)"));
  CHECK(has(world.retained["emporia/bridge/health"], R"("data_lag_s":18)"));
}

TEST_CASE("a device of a group goes offline and returns; late minutes count then") {
  World world(two_groups());
  panel_and_lamp(world);
  settle(world);
  world.service.devices[1].connected = false;
  world.service.energy_wh.erase(kLamp);
  world.run_for(30min);
  CHECK(world.retained["emporia/group--upper-flat/availability"] == "offline");
  CHECK(has(state_of(world, "group--upper-flat"), R"("connected":false)"));
  CHECK(world.retained["emporia/group--rest/availability"] == "online");
  CHECK(has(state_of(world, "group--upper-flat"), R"("as_of":"2026-11-23T08:3)"));
  world.service.devices[1].connected = true;
  world.service.energy_wh[kLamp] = {{1, 0.7}};
  world.run_for(30min);
  CHECK(world.retained["emporia/group--upper-flat/availability"] == "online");
  const auto& counter = world.counters(kFlat).at(1);
  const auto& oven = world.counters(kPanel).at(4);
  CHECK(counter.booked_until == oven.booked_until);
  const auto minutes = static_cast<double>((counter.booked_until - counter.booked_from) / 1min);
  CHECK(counter.positive_wh() == doctest::Approx(8.35 * minutes));
}

TEST_CASE("a member that the account does not have: warned of, unavailable, unknown rather than wrong") {
  settings::Settings settings = two_groups();
  settings.groups[0].members[1].channel = "9";
  settings.groups[1].members[1].device = "B0002";
  World world(settings);
  panel_and_lamp(world);
  settle(world);
  for (const char* level : {"group--rest", "group--upper-flat"}) {
    CAPTURE(level);
    CHECK(world.retained["emporia/" + std::string(level) + "/availability"] == "offline");
    CHECK(has(state_of(world, level), R"("as_of":null,"connected":false)"));
    CHECK(has(state_of(world, level), R"("power_w":null,"energy_kwh":null)"));
  }
  CHECK(has(state_of(world, "A0001"), R"("import_kwh":0.2)"));
  // The device is added to the account: the group begins at zero.
  world.service.devices.push_back(lamp());
  world.service.devices.back().id = model::DeviceId("B0002");
  world.service.energy_wh[model::DeviceId("B0002")] = {{1, 0.7}};
  world.run_for(15min);
  const std::string told = world.transcript({"group--upper-flat/state"});
  const auto zero =
      told.find(R"("connected":true,"exact_kwh":{},"today_since":null,"cycle_since":null,"name":"Upper flat",)"
                R"("direction":"consumption",)"
                R"("power_w":null,"energy_kwh":0.0,)");
  const auto counting = told.find(R"("power_w":501.0,"energy_kwh":0.)");
  REQUIRE(zero != std::string::npos);
  REQUIRE(counting != std::string::npos);
  CHECK(zero < counting);
  CHECK(world.retained["emporia/group--upper-flat/availability"] == "online");
}

TEST_CASE("a device that is left out cannot be counted, and one that poses as a group is left out") {
  settings::Settings settings = two_groups();
  settings.devices.exclude = {"outlet"};
  World world(settings);
  panel_and_lamp(world);
  world.service.devices.push_back(lamp());
  world.service.devices.back().id = kRest;
  world.service.energy_wh[kRest] = {{1, 99.0}};
  settle(world);
  CHECK(world.retained["emporia/group--upper-flat/availability"] == "offline");
  CHECK(world.counters(kFlat).empty());
  CHECK(has(state_of(world, "group--rest"), R"("name":"Rest","direction":"bidirectional","power_w":420.0,)"));
}

TEST_CASE("whatever the inventory says, only the configuration takes a group away, and then at once") {
  World world(two_groups());
  panel_and_lamp(world);
  settle(world);
  world.service.devices.clear();
  world.run_for(3h);
  CHECK(world.retained.count("emporia/A0001/state") == 0);
  CHECK(world.retained["emporia/group--rest/availability"] == "offline");
  CHECK(world.retained.count("homeassistant/device/emporia_group--rest/config") == 1);

  panel_and_lamp(world);
  world.run_for(30min);
  CHECK(world.retained["emporia/group--rest/availability"] == "online");
  world.stop();
  settings::Settings one_left = two_groups();
  one_left.groups.pop_back();
  world.configure(one_left);
  world.start();
  world.run_for(1s);
  // The broker repeats what stands there.
  for (const auto& [topic, payload] : std::map<std::string, std::string>(world.retained)) {
    if (has(topic, "/config") || has(topic, "/availability")) world.receive(topic, payload, true);
  }
  world.run_for(60s);
  for (const auto& [topic, payload] : world.retained) CHECK_FALSE(has(topic, "upper-flat"));
  CHECK(world.retained.count("emporia/group--rest/state") == 1);
  CHECK(world.retained.count("homeassistant/device/emporia_group--rest/config") == 1);
}

TEST_CASE("another choice of members goes on from what was counted") {
  World world(two_groups());
  panel_and_lamp(world);
  settle(world);
  const double before = world.counters(kFlat).at(1).positive_wh();
  world.stop();
  settings::Settings changed = two_groups();
  changed.groups[1].members.pop_back();
  world.configure(changed);
  world.pass(10min);
  world.start();
  world.run_for(5min);
  const auto& counter = world.counters(kFlat).at(1);
  const auto minutes = static_cast<double>((counter.booked_until - counter.booked_from) / 1min);
  CHECK(minutes > 25);
  CHECK(before == doctest::Approx(8.35 * 15));
  CHECK(counter.positive_wh() == doctest::Approx(before + 8.0 * (minutes - 15)));
}

TEST_CASE("a group that flows against its direction is warned of, once; what it flows is shown in either case") {
  settings::Settings settings = two_groups();
  settings.groups[1].members[0].minus = true;
  World world(settings);
  panel_and_lamp(world);
  const std::string said = support::standard_error_of([&world] {
    settle(world);
    world.run_for(30min);
  });
  // A quarter of an hour at 7.65 Wh a minute, when the list of devices is read a second time.
  const std::string warning = " warning groups: group \"Upper flat\": ";
  const auto at = said.find(warning);
  REQUIRE(at != std::string::npos);
  CHECK(has(said.substr(at),
            " Wh of its energy flow against its direction, which is consumption, and are not in its "
            "counter: direction = \"bidirectional\" shows both"));
  CHECK_FALSE(has(said.substr(at + warning.size()), warning));
  CHECK_FALSE(has(said, "group \"Rest\""));
  CHECK(has(state_of(world, "group--upper-flat"),
            R"("power_w":-459.0,"energy_kwh":0.0,"import_kwh":0.0,"export_kwh":0.)"));
}

TEST_CASE(
    "a group that is added begins to count only when its zero stands at the broker, though its devices count long") {
  World world;
  panel_and_lamp(world);
  settle(world);
  world.stop();
  world.configure(two_groups());
  world.pass(5min);
  world.broker_goes();
  world.start();
  world.run_for(5min);
  CHECK(world.counters(kFlat).empty());
  world.transcript();
  world.broker_returns(false);
  world.run_for(10min);
  const std::string told = world.transcript({"group--upper-flat/state {"});
  CHECK(has(told.substr(0, told.find('\n')), R"("power_w":null,"energy_kwh":0.0,)"));
  // Nothing was lost of the time since the start.
  const auto& counter = world.counters(kFlat).at(1);
  CHECK(counter.booked_until == world.counters(kPanel).at(4).booked_until);
  const auto minutes = static_cast<double>((counter.booked_until - counter.booked_from) / 1min);
  CHECK(minutes >= 15);
  CHECK(counter.positive_wh() == doctest::Approx(8.35 * minutes));
}

TEST_CASE("a group's day and cycle are those of its first device") {
  settings::Settings settings = two_groups();
  std::swap(settings.groups[1].members[0], settings.groups[1].members[1]);  // the lamp first
  World world(settings);
  panel_and_lamp(world);
  world.service.devices[1].timezone = "America/St_Johns";
  world.service.devices[1].billing_cycle_start_day = 24;
  settle(world);
  world.run_for(24h);
  // Midnight at the lamp's place was half an hour into an hour; in New York it was at five o'clock.
  const std::string flat = state_of(world, "group--upper-flat");
  CHECK(has(flat, R"("today_since":"2026-11-24T03:30:00Z","cycle_since":"2026-11-24T03:30:00Z")"));
  CHECK(has(state_of(world, "group--rest"), R"("today_since":"2026-11-24T05:00:00Z")"));
  const auto& counter = world.counters(kFlat).at(1);
  const model::UtcSeconds midnight = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 3h + 30min;
  const auto minutes = static_cast<double>((counter.booked_until - midnight) / 1min);
  CHECK(minutes > 240);
  const auto today = flat.find("\"energy_today_kwh\":");
  REQUIRE(today != std::string::npos);
  CHECK(std::stod(flat.substr(today + 19)) == doctest::Approx(minutes * 0.00835));
}

TEST_CASE("a device that is left on UTC is warned of, not the groups that count it") {
  World world(two_groups());
  panel_and_lamp(world);
  world.service.devices[0].timezone = "UTC";
  const std::string said = support::standard_error_of([&world] { settle(world); });
  CHECK(has(said, " warning collector: Panel is left on the time zone UTC"));
  CHECK_FALSE(has(said, "Rest is"));
}

TEST_CASE(
    "read again, the configuration may leave out a group's device; the groups themselves change at the next start") {
  World world(two_groups());
  panel_and_lamp(world);
  settle(world);
  settings::Settings fresh = two_groups();
  fresh.devices.exclude = {"outlet"};
  fresh.groups.pop_back();
  const settings::Differences differences = world.reload(fresh);
  CHECK(differences.at_start == std::vector<std::string>{"[[group]]"});
  world.run_for(1min);
  CHECK(world.retained["emporia/group--rest/availability"] == "online");
  CHECK(world.retained["emporia/group--upper-flat/availability"] == "offline");
  CHECK(has(state_of(world, "group--upper-flat"), R"("connected":false)"));
}
