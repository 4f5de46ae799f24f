#include "model/home.hpp"

#include <doctest/doctest.h>
#include <sstream>

using namespace emporia::model;
using namespace std::chrono_literals;

namespace {

const UtcSeconds kStart{std::chrono::seconds{1795392000}};

Device outlet(const std::string& id, const std::string& name = "", bool connected = true) {
  Device device;
  device.id = DeviceId(id);
  device.model = DeviceModel::outlet;
  device.name = name;
  device.connected = connected;
  return device;
}

Device monitor(const std::vector<std::pair<Channel, std::string>>& circuits) {
  Device device = outlet("v", "Panel");
  device.model = DeviceModel::vue2;
  for (const auto& [channel, name] : circuits) {
    Circuit circuit;
    circuit.channel = channel;
    circuit.name = name;
    device.circuits.push_back(circuit);
  }
  return device;
}

/// "added a ''->'Lamp'; updated a": the changes on one line.
std::string text_of(const std::vector<HomeChange>& changes) {
  static const char* const kWords[] = {"added",         "removed",         "renamed",         "online", "offline",
                                       "circuit added", "circuit removed", "circuit renamed", "updated"};
  std::ostringstream text;
  for (const HomeChange& change : changes) {
    text << (text.tellp() > 0 ? "; " : "") << kWords[static_cast<int>(change.kind)] << " " << change.device.text();
    if (change.channel != 0) text << " " << change.channel;
    if (!change.old_name.empty() || !change.new_name.empty())
      text << " '" << change.old_name << "'>'" << change.new_name << "'";
  }
  return text.str();
}

struct Story {
  std::string lists(std::chrono::minutes at, const std::vector<Device>& devices) {
    return text_of(home.apply(InventorySeen{kStart + at, devices}));
  }
  template <typename State>
  std::string tells(std::chrono::minutes at, const State& state) {
    return text_of(home.apply(StatesSeen{kStart + at, {state}}));
  }
  Home home;
};

}  // namespace

TEST_CASE("devices are added, renamed, go offline and come back") {
  Story s;
  CHECK(s.lists(0min, {outlet("a", "Lamp"), outlet("b")}) == "added a ''>'Lamp'; added b");
  CHECK(s.lists(5min, {outlet("a", "Lamp"), outlet("b")}) == "");
  CHECK(s.lists(10min, {outlet("b"), outlet("a", "Lamp")}) == "");  // the order tells nothing
  CHECK(s.lists(15min, {outlet("a", "Desk lamp"), outlet("b")}) == "renamed a 'Lamp'>'Desk lamp'; updated a");
  CHECK(s.lists(20min, {outlet("a", "Desk lamp", false), outlet("b")}) == "offline a; updated a");
  CHECK(s.lists(25min, {outlet("a", "", true), outlet("b")}) == "renamed a 'Desk lamp'>''; online a; updated a");
  Device newer = outlet("b");
  newer.firmware = "Outlet-489";
  CHECK(s.lists(30min, {outlet("a"), newer}) == "updated b");
  CHECK(s.home.devices().size() == 2);
}

TEST_CASE("a device that is left out is offline at once, and removed after three inventories over half an hour") {
  Story s;
  s.lists(0min, {outlet("a", "Lamp"), outlet("b")});
  CHECK(s.lists(1min, {outlet("b")}) == "offline a; updated a");
  CHECK(s.lists(2min, {outlet("b")}) == "");
  CHECK(s.lists(3min, {outlet("b")}) == "");  // three, but not long enough
  CHECK(s.lists(29min, {outlet("b")}) == "");
  CHECK(s.lists(30min, {outlet("b")}) == "removed a 'Lamp'>''");
  CHECK(s.home.find(DeviceId("a")) == nullptr);
  CHECK(s.lists(31min, {outlet("a", "Lamp"), outlet("b")}) == "added a ''>'Lamp'");
}

TEST_CASE("half an hour alone does not remove a device either") {
  Story s;
  s.lists(0min, {outlet("a")});
  CHECK(s.lists(60min, {}) == "offline a; updated a");
  CHECK(s.lists(120min, {}) == "");
  CHECK(s.lists(180min, {}) == "removed a");
}

TEST_CASE("a device that shows up again before is counted from the start") {
  Story s;
  s.lists(0min, {outlet("a")});
  s.lists(20min, {});
  s.lists(40min, {});
  CHECK(s.lists(50min, {outlet("a")}) == "online a; updated a");
  CHECK(s.lists(70min, {}) == "offline a; updated a");
  CHECK(s.lists(79min, {}) == "");
  CHECK(s.lists(80min, {}) == "removed a");
}

TEST_CASE("a device that was offline already says so once") {
  Story s;
  s.lists(0min, {outlet("a", "", false)});
  CHECK(s.lists(5min, {}) == "");
}

TEST_CASE("circuits are added, renamed and removed") {
  Story s;
  s.lists(0min, {monitor({{1, ""}, {4, "Pump"}, {5, "Oven"}})});
  CHECK(
      s.lists(5min, {monitor({{1, ""}, {4, "Well pump"}, {7, "Sauna"}})}) ==
      "circuit renamed v 4 'Pump'>'Well pump'; circuit added v 7 ''>'Sauna'; circuit removed v 5 'Oven'>''; updated v");
  CHECK(s.lists(10min, {monitor({})}) ==
        "circuit removed v 1; circuit removed v 4 'Well pump'>''; circuit removed v 7 'Sauna'>''; updated v");
  Device turned = monitor({{4, "Roof"}});
  s.lists(15min, {turned});
  turned.circuits[0].direction = EnergyDirection::generation;
  CHECK(s.lists(20min, {turned}) == "updated v");
}

TEST_CASE("states update the picture when they differ, and are dated in any case") {
  Story s;
  s.lists(0min, {outlet("a")});
  CHECK(s.tells(1min, OutletState{DeviceId("a"), false}) == "updated a");
  CHECK(s.tells(2min, OutletState{DeviceId("a"), false}) == "");
  CHECK(s.home.find(DeviceId("a"))->state_at == kStart + 2min);
  CHECK(s.tells(3min, OutletState{DeviceId("a"), true}) == "updated a");
  CHECK(std::get<OutletState>(s.home.find(DeviceId("a"))->state).on);
  CHECK(s.tells(4min, OutletState{DeviceId("unknown"), true}) == "");
  // An inventory does not touch the state.
  s.lists(5min, {outlet("a", "new name")});
  CHECK(std::get<OutletState>(s.home.find(DeviceId("a"))->state).on);
}

TEST_CASE("readings update the picture when they differ; those of unknown devices are ignored") {
  Story s;
  s.lists(0min, {outlet("a")});
  Reading reading;
  reading.power_w = 60.0;
  UsageSeen seen{DeviceId("a"), kStart, {{1, reading}}};
  CHECK(text_of(s.home.apply(seen)) == "updated a");
  CHECK(text_of(s.home.apply(seen)) == "");
  seen.as_of = kStart + 1min;
  CHECK(text_of(s.home.apply(seen)) == "updated a");
  seen.readings[1].power_w.reset();
  CHECK(text_of(s.home.apply(seen)) == "updated a");
  CHECK_FALSE(s.home.find(DeviceId("a"))->reading(1)->power_w.has_value());
  CHECK(s.home.find(DeviceId("a"))->reading(2) == nullptr);
  seen.device = DeviceId("unknown");
  CHECK(text_of(s.home.apply(seen)) == "");
  CHECK(s.home.devices().size() == 1);
}

TEST_CASE("a device that is left out goes at once, and comes back as a new one") {
  Story s;
  s.lists(0min, {outlet("a", "Lamp"), outlet("b")});
  const auto changes = s.home.apply(LeftOut{DeviceId("a")});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == HomeChange::Kind::device_removed);
  CHECK(changes[0].old_name == "Lamp");
  CHECK(s.home.find(DeviceId("a")) == nullptr);
  CHECK(s.home.devices().size() == 1);
  CHECK(s.home.apply(LeftOut{DeviceId("unknown")}).empty());
  s.lists(5min, {outlet("a", "Lamp"), outlet("b")});
  CHECK(s.home.find(DeviceId("a")) != nullptr);
}
