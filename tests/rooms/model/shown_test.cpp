// What is shown of a device: its availability, its circuits, a battery's own channel.
#include <doctest/doctest.h>

#include "model/home.hpp"

using namespace emporia::model;
using namespace std::chrono_literals;

namespace {

const UtcSeconds kNow{std::chrono::seconds{1795392000}};

struct Labelled {
  Channel channel;
  EnergyDirection direction;
  const char* sub_type;
};

Device battery(const std::vector<Labelled>& circuits) {
  Device device;
  device.model = DeviceModel::battery;
  for (const Labelled& row : circuits) {
    device.circuits.push_back({row.channel, CircuitType::battery, row.direction, row.sub_type, ""});
  }
  return device;
}

Circuit circuit(Channel channel, const char* name) {
  return {channel, CircuitType::expansion_50a, EnergyDirection::consumption, "", name};
}

std::string shown(const DevicePicture& picture, bool unused_too = false) {
  std::string text;
  for (const Circuit& circuit : shown_circuits(picture, unused_too)) {
    text += (text.empty() ? "" : " ") + std::to_string(circuit.channel) + circuit.name;
  }
  return text;
}

Reading energy(std::optional<double> positive, std::optional<double> negative = {}) {
  Reading reading;
  reading.positive_wh = positive;
  reading.negative_wh = negative;
  return reading;
}

}  // namespace

TEST_CASE("the channel of a battery is the only one that flows both ways, or the one that says so") {
  constexpr auto kBoth = EnergyDirection::bidirectional;
  constexpr auto kUse = EnergyDirection::consumption;
  constexpr auto kMake = EnergyDirection::generation;
  const struct {
    const char* what;
    std::vector<Labelled> circuits;
    std::optional<Channel> channel;
  } cases[] = {
      {"none", {}, std::nullopt},
      {"one, whatever its label", {{1, kBoth, ""}}, 1},
      {"one both ways beside others", {{1, kUse, "Load"}, {2, kBoth, "x"}, {3, kMake, "Solar"}}, 2},
      {"a label alone is not enough", {{1, kUse, "Battery"}}, std::nullopt},
      {"two, one labelled", {{1, kBoth, "Grid"}, {2, kBoth, "battery inverter"}}, 2},
      {"in any case", {{1, kBoth, "BATTERY"}, {2, kBoth, "Grid"}}, 1},
      {"two, none labelled", {{1, kBoth, ""}, {2, kBoth, ""}}, std::nullopt},
      {"two, both labelled", {{1, kBoth, "Battery 1"}, {2, kBoth, "Battery 2"}}, std::nullopt},
      {"unknown directions", {{1, EnergyDirection::unknown, "Battery"}}, std::nullopt},
  };
  for (const auto& row : cases) CHECK_MESSAGE(battery_channel(battery(row.circuits)) == row.channel, row.what);
}

TEST_CASE("available is what is connected and of which something fresh is known") {
  using Ago = std::optional<std::chrono::minutes>;
  const struct {
    const char* what;
    DeviceModel model;
    bool connected;
    Ago bucket;
    Ago state;
    std::chrono::minutes inventory;
    bool available;
  } cases[] = {
      {"a monitor with a fresh bucket", DeviceModel::vue3, true, 30min, {}, 1min, true},
      {"just at the limit", DeviceModel::vue3, true, 120min, {}, 1min, true},
      {"too old a bucket", DeviceModel::vue3, true, 121min, {}, 1min, false},
      {"not connected", DeviceModel::vue3, false, 30min, {}, 1min, false},
      {"nothing yet: the inventory", DeviceModel::vue3, true, {}, {}, 1min, true},
      {"nothing, and the inventory is old", DeviceModel::vue3, true, {}, {}, 121min, false},
      {"a state does not refresh a meter", DeviceModel::utility_connect, true, 121min, 1min, 1min, false},
      {"a state refreshes an outlet", DeviceModel::outlet, true, 500min, 1min, 1min, true},
      {"a bucket refreshes an outlet", DeviceModel::outlet, true, 30min, 500min, 1min, true},
      {"a charger with both old", DeviceModel::ev_charger, true, 121min, 121min, 1min, false},
      {"a battery with a state only", DeviceModel::battery, true, {}, 5min, 1min, true},
      {"a clock that was set back", DeviceModel::vue3, true, -60min, {}, 1min, true},
  };
  for (const auto& row : cases) {
    DevicePicture picture;
    picture.device.model = row.model;
    picture.device.connected = row.connected;
    if (row.bucket) picture.as_of = kNow - *row.bucket;
    if (row.state) picture.state_at = kNow - *row.state;
    picture.seen_at = kNow - row.inventory;
    CHECK_MESSAGE(is_available(picture, kNow, 120min) == row.available, row.what);
  }
}

TEST_CASE("of a monitor's circuits those are shown that have a name or have measured something") {
  DevicePicture picture;
  picture.device.model = DeviceModel::vue2;
  picture.device.circuits = {circuit(1, "Leg"), circuit(2, ""), circuit(4, "Pump"),
                             circuit(5, ""),    circuit(6, ""), circuit(7, "")};
  CHECK(shown(picture) == "4Pump");
  picture.readings[2] = energy(500.0);
  picture.readings[5] = energy(1.0);
  picture.readings[6] = energy(0.9);
  picture.readings[7] = energy(0.0, 1.5);
  CHECK(shown(picture) == "4Pump 5 7");
  CHECK(shown(picture, true) == "4Pump 5 6 7");
}

TEST_CASE("a circuit the usage tells of and the inventory does not is shown once it has measured something") {
  DevicePicture picture;
  picture.device.model = DeviceModel::vue2;
  picture.readings[9] = energy(3.0);
  picture.readings[10] = energy(std::nullopt);
  picture.readings[101] = energy(3.0);
  picture.readings[kMergedMains] = energy(3.0);
  picture.readings[kBalance] = energy(3.0);
  CHECK(shown(picture) == "9 101");
  CHECK(shown(picture, true) == "9 10 101");
}

TEST_CASE("the first channel of what is no monitor is a circuit like any other") {
  DevicePicture picture;
  picture.device.model = DeviceModel::battery;
  picture.device.circuits = {circuit(1, "Inverter"), circuit(2, "")};
  CHECK(shown(picture) == "1Inverter");
}
