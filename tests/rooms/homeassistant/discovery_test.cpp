#include "discovery_checks.hpp"

namespace emporia::homeassistant {
namespace {

const std::string kHostileNames[] = {
    "",
    "   ",
    "Panel",
    "panel",
    "Panel power",
    "Panel Panel Oven",
    "Mains",
    "Power",
    "Circuit",
    "Circuit 1",
    "circuit 2",
    "Data",
    "\"quotes\" and \\backslashes\\",
    "{{ states('x') }}",
    "a/b/#/+",
    "two\nlines",
    std::string("nul\0nul", 7),
    "\xFF\xFE\x80",
    "\xF0\x9F\x94\xA5\xF0\x9F\x94\xA5",
    "\xE2\x80\xAEturned",
    "\xE2\x80\x8B",
    std::string(3000, 'x'),
};

TEST_CASE("the sample home keeps to the rules of Home Assistant") {
  std::set<std::string> ids;
  for (const model::DevicePicture& picture : sample_home()) check_device(picture, {}, ids);
}

TEST_CASE("no name and no id makes an illegal message") {
  const std::string kIds[] = {"A2107A04B4B8F009A6CEC4", "b0/00+#", "", " ", "\xC3\xA4\xFF", std::string(300, 'i')};
  int number = 0;
  for (const DeviceModel device_model :
       {DeviceModel::unknown, DeviceModel::vue1, DeviceModel::vue2, DeviceModel::vue3, DeviceModel::utility_connect,
        DeviceModel::outlet, DeviceModel::ev_charger, DeviceModel::battery, DeviceModel::group}) {
    for (const std::string& name : kHostileNames) {
      CAPTURE(name);
      model::DevicePicture picture = fresh(device_model, kIds[++number % 6], name);
      picture.device.firmware = name;
      model::Channel channel = 3;
      for (const std::string& each : kHostileNames) {
        const auto direction = static_cast<EnergyDirection>(++channel % 4);
        picture.device.circuits.push_back(circuit(channel, each, direction));
      }
      picture.readings[1] = reading(1, 1, 1);
      for (const bool as_devices : {false, true}) {
        DiscoveryContext context;
        context.circuits_as_devices = as_devices;
        context.version = "0.1.0";
        std::set<std::string> ids;
        check_device(picture, context, ids);
      }
    }
  }
}

TEST_CASE("devices without a state or a reading are announced as well") {
  for (const DeviceModel device_model : {DeviceModel::unknown, DeviceModel::vue3, DeviceModel::utility_connect,
                                         DeviceModel::outlet, DeviceModel::ev_charger, DeviceModel::battery}) {
    std::set<std::string> ids;
    check_device(fresh(device_model, "X1", "Thing"), {}, ids);
    CHECK(ids.size() >= 2);
  }
}

TEST_CASE("a group says who sums it up, and that it is no product") {
  const auto discoveries = announced(sample_group("flat", EnergyDirection::consumption));
  REQUIRE(discoveries.size() == 1);
  CHECK(discoveries[0].topic == "homeassistant/device/emporia_group--flat/config");
  CHECK(json::to_text(discoveries[0].head[0].second) ==
        R"({"identifiers":["emporia_group--flat"],"name":"Upper Flat","manufacturer":"emporia2mqtt",)"
        R"("model":"Group of circuits","via_device":"emporia_bridge"})");
}

TEST_CASE("a number outside its range is unknown to Home Assistant, not an error with each state") {
  model::DevicePicture charger = fresh(DeviceModel::ev_charger, "D0001", "Driveway");
  charger.state = model::ChargerState{model::DeviceId("D0001"), false, false, 40, true, 0};
  const std::string text = announced(charger)[0].payload();
  const std::string shown =
      R"("value_template":"{{ value_json.charge_rate_a if value_json.charge_rate_a is number and 6 <= )"
      R"(value_json.charge_rate_a <= 40 else none }}")";
  CHECK_MESSAGE(text.find(shown) != std::string::npos, text);
}

TEST_CASE("every identity is the frozen one") {
  std::set<std::string> made;
  const auto add = [&made](const Discovery& discovery) {
    for (const auto& [key, component] : discovery.components) CHECK(made.insert(line_of(key, component)).second);
  };
  for (const model::DevicePicture& picture : sample_home()) {
    for (const Discovery& discovery : announced(picture)) add(discovery);
  }
  add(bridge_discovery({}));

  std::set<std::string> frozen;
  std::ifstream file(std::string(SOURCE_DIR) + "/tests/golden/unique_ids.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind('#', 0) != 0) frozen.insert(line);
  }
  REQUIRE(frozen.size() > 60);
  for (const std::string& line : made) {
    INFO("not in tests/golden/unique_ids.txt: ", line);
    CHECK(frozen.count(line) == 1);
  }
  for (const std::string& line : frozen) {
    INFO("frozen and not made any more: ", line);
    CHECK(made.count(line) == 1);
  }
}

}  // namespace
}  // namespace emporia::homeassistant
