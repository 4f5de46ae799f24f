#include "homeassistant/discovery.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <set>

#include "home_assistant_rules.hpp"
#include "homeassistant/entity_table.hpp"
#include "homeassistant/names.hpp"
#include "runtime/text.hpp"
#include "sample_home.hpp"
#include "template_path.hpp"

namespace emporia::homeassistant {
namespace {

using model::DeviceModel;
using model::EnergyDirection;

/// The member's text; empty where there is none.
std::string text_of(const json::Value& object, const char* key) {
  const json::Value* member = object.find(key);
  return member == nullptr || member->as_string() == nullptr ? std::string() : *member->as_string();
}

json::Value read_back(const Discovery& discovery) {
  auto parsed = json::parse(discovery.payload(), {1024 * 1024, 8});
  REQUIRE(parsed.ok());
  return parsed.value();
}

void check_keys(const json::Value& object, const Words& required, const Words& legal) {
  REQUIRE(object.as_object() != nullptr);
  for (const auto& [key, member] : *object.as_object()) {
    const std::string name = key;
    CAPTURE(name);
    CHECK((required.count(key) + legal.count(key)) > 0);
  }
  for (const std::string& key : required) {
    INFO("required ", key);
    CHECK(object.find(key) != nullptr);
  }
}

bool is_identifier(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                              std::string::npos;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void check_name(const json::Value& component, const std::string& platform, const std::string& device) {
  const json::Value* name = component.find("name");
  if (name == nullptr) {
    CHECK(kNamedByClass.count(platform) == 1);
    CHECK_FALSE(text_of(component, "device_class").empty());
    return;
  }
  if (name->is_null()) {
    CHECK(platform == "switch");
    return;
  }
  const std::string text = *name->as_string();
  CHECK_FALSE(text.empty());
  CHECK(std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
  CHECK(text.size() <= 120 * 4);
  CHECK(lower(text) != lower(device));
  CHECK(lower(text).rfind(lower(device) + " ", 0) != 0);
}

void check_class(const json::Value& component, const std::string& platform) {
  const std::string device_class = text_of(component, "device_class");
  const std::string unit = text_of(component, "unit_of_measurement");
  const std::string state_class = text_of(component, "state_class");
  if (device_class.empty()) return;
  REQUIRE(kClassesOfPlatform.at(platform).count(device_class) == 1);
  if (platform != "sensor" && platform != "number") return;
  CHECK(kUnitsOfClass.at(device_class).count(unit) == 1);
  if (platform == "sensor") CHECK(kStateClassesOfClass.at(device_class).count(state_class) == 1);
  CHECK((component.find("options") != nullptr) == (device_class == "enum"));
}

double number_of(const json::Value& value) {
  return value.as_integer() != nullptr ? static_cast<double>(*value.as_integer()) : *value.as_double();
}

void check_component(const std::string& key, const json::Value& component, const std::string& device) {
  const std::string platform = text_of(component, "platform");
  REQUIRE(kPlatforms.count(platform) == 1);
  const PlatformRules& rules = kPlatforms.at(platform);
  Words required = rules.required;
  required.insert({"platform", "unique_id", "qos"});
  Words legal = rules.optional;
  legal.insert(kCommonKeys.begin(), kCommonKeys.end());
  check_keys(component, required, legal);
  CHECK(is_identifier(key));
  CHECK(key.rfind(platform + "_", 0) == 0);
  CHECK(is_identifier(text_of(component, "unique_id")));
  CHECK(*component.find("qos")->as_integer() == 1);
  const std::string category = text_of(component, "entity_category");
  CHECK((category.empty() || category == "diagnostic" || (category == "config" && kMayBeConfig.count(platform) == 1)));
  check_name(component, platform, device);
  check_class(component, platform);
  if (platform == "number") CHECK(number_of(*component.find("min")) <= number_of(*component.find("max")));
  for (const auto& [name, value] : *component.as_object()) {
    if (value.as_string() != nullptr) CHECK_FALSE(value.as_string()->empty());
  }
}

/// What the template yields must be there in every state, and of a kind that the entity takes.
void check_reads(const json::Value& component, const json::Value& state) {
  const std::vector<std::string> path = template_path(text_of(component, "value_template"));
  INFO("template ", text_of(component, "value_template"));
  REQUIRE_FALSE(path.empty());
  const std::optional<json::Value> value = look_up(state, path);
  REQUIRE(value.has_value());
  if (value->is_null()) return;
  const std::string platform = text_of(component, "platform");
  const std::string device_class = text_of(component, "device_class");
  if (platform == "binary_sensor" || platform == "switch") {
    CHECK(value->as_bool() != nullptr);
  } else if (platform == "select" || device_class == "timestamp" || device_class == "enum" ||
             text_of(component, "unit_of_measurement").empty()) {
    REQUIRE(value->as_string() != nullptr);
    CHECK_FALSE(value->as_string()->empty());
    CHECK(value->as_string()->size() <= 255);
  } else {
    CHECK((value->as_double() != nullptr || value->as_integer() != nullptr));
  }
}

/// One device's messages against the rules, with the state they read.
void check_device(const model::DevicePicture& picture, const DiscoveryContext& context, std::set<std::string>& ids) {
  const json::Value state = shown_state(picture, context);
  std::set<std::string> topics;
  for (const Discovery& discovery : announced(picture, context)) {
    CAPTURE(discovery.object);
    CHECK(is_identifier(discovery.object));
    CHECK(discovery.topic == context.topics.prefix() + "/device/" + discovery.object + "/config");
    CHECK(topics.insert(discovery.topic).second);
    const json::Value payload = read_back(discovery);
    check_keys(payload, kRootKeys, {});
    const json::Value& device = *payload.find("device");
    check_keys(device, {"identifiers", "name"}, kDeviceKeys);
    check_keys(*payload.find("origin"), {"name"}, kOriginKeys);
    const std::string name = text_of(device, "name");
    CHECK_FALSE(clean_name(name).empty());
    CHECK(device.find("identifiers")->as_array()->front() == json::Value(discovery.object));
    CHECK(text_of(device, "via_device") != discovery.object);
    for (const auto& [key, component] : *payload.find("components")->as_object()) {
      const std::string shown = key;
      CAPTURE(shown);
      CHECK(component == discovery.components.at(key));  // not so where bytes that are not UTF-8 were replaced
      check_component(key, component, name);
      check_reads(component, state);
      CHECK(ids.insert(text_of(component, "unique_id")).second);
    }
  }
}

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
        DeviceModel::outlet, DeviceModel::ev_charger, DeviceModel::battery}) {
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

std::string line_of(const std::string& key, const json::Value& component) {
  std::string line = text_of(component, "unique_id") + " " + key;
  for (const char* member : {"device_class", "unit_of_measurement", "state_class", "entity_category"}) {
    const std::string text = text_of(component, member);
    line += " " + (text.empty() ? "-" : text);
  }
  return line;
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

TEST_CASE("circuits as devices keep their identities and lie behind the monitor") {
  DiscoveryContext own;
  own.circuits_as_devices = true;
  const auto identities = [](const std::vector<Discovery>& discoveries) {
    std::set<std::string> ids;
    for (const Discovery& discovery : discoveries) {
      for (const auto& [key, component] : discovery.components) ids.insert(line_of(key, component));
    }
    return ids;
  };
  const auto together = announced(sample_monitor());
  const auto apart = announced(sample_monitor(), own);
  CHECK(together.size() == 1);
  REQUIRE(apart.size() == 5);
  CHECK(identities(together) == identities(apart));
  CHECK(apart[1].payload() ==
        R"({"device":{"identifiers":["emporia_VUE0001_4"],"name":"Heat Pump","manufacturer":"Emporia",)"
        R"("model":"Vue 2 circuit 1","serial_number":"VUE0001","sw_version":"1.2.3","via_device":"emporia_VUE0001"},)"
        R"("origin":{"name":"emporia2mqtt"},)"
        R"("availability":[{"topic":"emporia/bridge/state"},{"topic":"emporia/VUE0001/availability"}],)"
        R"("availability_mode":"all","components":{)"
        R"("sensor_4_energy":{"platform":"sensor","unique_id":"emporia_VUE0001_4_energy","qos":1,)"
        R"("state_topic":"emporia/VUE0001/state","value_template":"{{ value_json.circuits['4'].energy_kwh }}",)"
        R"("device_class":"energy","state_class":"total_increasing","unit_of_measurement":"kWh",)"
        R"("suggested_display_precision":3},)"
        R"("sensor_4_power":{"platform":"sensor","unique_id":"emporia_VUE0001_4_power","qos":1,)"
        R"("state_topic":"emporia/VUE0001/state","value_template":"{{ value_json.circuits['4'].power_w }}",)"
        R"("device_class":"power","state_class":"measurement","unit_of_measurement":"W",)"
        R"("suggested_display_precision":0}}})");
}

TEST_CASE("what a setting may be follows the device") {
  struct Case {
    const char* what;
    model::DevicePicture picture;
    const char* key;
    double min;
    double max;
    double step;
    const char* setting;
  };
  model::DevicePicture small = sample_charger();
  std::get<model::ChargerState>(small.state).max_charge_rate_a = 0;
  model::DevicePicture large = sample_charger();
  std::get<model::ChargerState>(large.state).max_charge_rate_a = 4000000000U;
  model::DevicePicture no_inverter = sample_battery();
  std::get<model::BatteryState>(no_inverter.state).inverter_max_power_kw = 0;
  model::DevicePicture tiny = sample_battery();
  std::get<model::BatteryState>(tiny.state).inverter_max_power_kw = 0.05;
  const Case kCases[] = {
      {"the breaker's limit", sample_charger(), "number_charge_rate", 6, 40, 1, "charge_rate_a"},
      {"a limit not told", small, "number_charge_rate", 6, 48, 1, "charge_rate_a"},
      {"a limit beyond reason", large, "number_charge_rate", 6, 48, 1, "charge_rate_a"},
      {"no state yet", fresh(DeviceModel::ev_charger, "E", "E"), "number_charge_rate", 6, 48, 1, "charge_rate_a"},
      {"reserve", sample_battery(), "number_reserve_soc", 1, 100, 1, "reserve_soc_pct"},
      {"target", sample_battery(), "number_dispatch_target_soc", 1, 100, 1, "target_soc_pct"},
      {"the inverter's limit", sample_battery(), "number_dispatch_power", 0.1, 7.6, 0.1, "power_kw"},
      {"charge", sample_battery(), "number_dispatch_charge_power", 0.1, 7.6, 0.1, "charge_power_kw"},
      {"discharge", sample_battery(), "number_dispatch_discharge_power", 0.1, 7.6, 0.1, "discharge_power_kw"},
      {"an inverter not told", no_inverter, "number_dispatch_power", 0.1, 25, 0.1, "power_kw"},
      {"an inverter too small", tiny, "number_dispatch_power", 0.1, 0.1, 0.1, "power_kw"},
  };
  for (const Case& each : kCases) {
    CAPTURE(each.what);
    const json::Value component = announced(each.picture).front().components.at(each.key);
    CHECK(number_of(*component.find("min")) == each.min);
    CHECK(number_of(*component.find("max")) == each.max);
    CHECK(number_of(*component.find("step")) == each.step);
    CHECK(text_of(component, "command_topic") ==
          "emporia/" + mqtt::topic_id(each.picture.device.id.text()) + "/set/" + each.setting);
  }
}

TEST_CASE("the entities that people look at bear the names they expect") {
  const auto name = [](const model::DevicePicture& picture, const char* key) {
    const Discovery discovery = announced(picture).front();
    const json::Value* found = discovery.components.at(key).find("name");
    return found == nullptr ? "(class)" : found->is_null() ? "(device)" : *found->as_string();
  };
  CHECK(name(sample_monitor(), "sensor_mains_power") == "Mains power");
  CHECK(name(sample_monitor(), "sensor_1_power") == "Mains leg A power");
  CHECK(name(sample_monitor(), "sensor_2_power") == "Mains leg B power");
  CHECK(name(sample_monitor(), "sensor_4_energy") == "Heat Pump energy");
  CHECK(name(sample_monitor(), "sensor_6_power") == "Circuit 3 power");
  CHECK(name(sample_monitor(), "sensor_7_import") == "Shed import");
  CHECK(name(sample_outlet(), "switch_on") == "(device)");
  CHECK(name(sample_outlet(), "sensor_power") == "(class)");
  CHECK(name(sample_meter(), "sensor_import") == "Energy import");
  model::DevicePicture mains = sample_monitor();
  mains.device.name = "Mains";
  CHECK(name(mains, "sensor_mains_power") == "Power");
}

TEST_CASE("the mode is shown in words and sent as the word of the contract") {
  const json::Value mode = announced(sample_battery()).front().components.at("select_dispatch_mode");
  CHECK(text_of(mode, "value_template") ==
        "{{ {'load_following': 'Load following', 'charge_with_excess_solar': 'Charge with excess solar', "
        "'charge_to_state_of_charge': 'Charge to state of charge', 'discharge_to_state_of_charge': 'Discharge to state "
        "of charge', 'idle': 'Idle'}.get(value_json.dispatch_mode) }}");
  CHECK(text_of(mode, "command_template") ==
        "{{ {'Load following': 'load_following', 'Charge with excess solar': 'charge_with_excess_solar', "
        "'Charge to state of charge': 'charge_to_state_of_charge', 'Discharge to state of charge': "
        "'discharge_to_state_of_charge', 'Idle': 'idle'}[value] }}");
  CHECK(json::to_text(*mode.find("options")) ==
        R"(["Load following","Charge with excess solar","Charge to state of charge",)"
        R"("Discharge to state of charge","Idle"])");
}

TEST_CASE("each entity says what makes it unreachable") {
  const Discovery outlet = announced(sample_outlet()).front();
  CHECK(json::to_text(*outlet.components.at("binary_sensor_connected").find("availability")) ==
        R"([{"topic":"emporia/bridge/state"}])");
  CHECK(outlet.components.at("switch_on").find("availability") == nullptr);
  const Discovery bridge = bridge_discovery({});
  CHECK(json::to_text(*bridge.components.at("binary_sensor_running").find("availability")) == "[]");
}

TEST_CASE("the bridge announces itself") {
  DiscoveryContext context;
  context.version = "0.1.0";
  const Discovery bridge = bridge_discovery(context);
  const json::Value payload = read_back(bridge);
  check_keys(payload, kRootKeys, {});
  check_keys(*payload.find("device"), {"identifiers", "name"}, kDeviceKeys);
  for (const auto& [key, component] : bridge.components) check_component(key, component, "Emporia Bridge");
  // What bridge/health holds of what the entities read.
  const auto health = json::parse(
      R"({"partner":{"state":"ok","last_success":null},"calls":{"used_last_hour":1,"left":2},"data_lag_s":null})");
  REQUIRE(health.ok());
  int from_health = 0;
  for (const auto& [key, component] : bridge.components) {
    if (text_of(component, "state_topic") != "emporia/bridge/health") continue;
    ++from_health;
    CHECK(look_up(health.value(), template_path(text_of(component, "value_template"))).has_value());
  }
  CHECK(from_health == 6);
  CHECK(text_of(bridge.components.at("button_refresh"), "command_topic") == "emporia/bridge/request/refresh");
  CHECK(json::to_text(*bridge.components.at("event_event").find("event_types")) ==
        R"(["device_offline","device_online","device_added","device_removed","device_renamed","circuit_added",)"
        R"("circuit_removed","circuit_renamed","data_late","data_resumed","gap_filled","budget_reached",)"
        R"("command_failed","sign_in_refused","service_unreachable","service_restored"])");
}

TEST_CASE("two bridges on one broker stay two") {
  DiscoveryContext other;
  other.topics = mqtt::TopicTree("cabin", "homeassistant");
  const Discovery first = bridge_discovery({});
  const Discovery second = bridge_discovery(other);
  CHECK(second.topic == "homeassistant/device/emporia_bridge_cabin/config");
  CHECK(text_of(second.components.at("button_refresh"), "unique_id") == "emporia_bridge_cabin_refresh");
  CHECK(text_of(*read_back(first).find("device"), "name") != text_of(*read_back(second).find("device"), "name"));
}

TEST_CASE("a name from the configuration is the device's and leads no circuit's") {
  DiscoveryContext context;
  context.names["VUE0001"] = "Heat";
  const Discovery discovery = announced(sample_monitor(), context).front();
  CHECK(text_of(*read_back(discovery).find("device"), "name") == "Heat");
  CHECK(text_of(discovery.components.at("sensor_4_power"), "name") == "Pump power");
  const auto state = shown_state(sample_monitor(), context);
  CHECK(*look_up(state, {"circuits", "4", "name"})->as_string() == "Pump");
}

TEST_CASE("a monitor with every socket used stays a message that brokers take") {
  model::DevicePicture picture = sample_monitor();
  picture.device.circuits.clear();
  for (model::Channel channel = 1; channel <= 19; ++channel) {
    picture.device.circuits.push_back(
        circuit(channel, runtime::concat("Living room lights ", channel), EnergyDirection::consumption));
    picture.readings[channel] = reading(100, 1000, 0);
  }
  const Discovery discovery = announced(picture).front();
  const std::size_t bytes = discovery.payload().size();
  MESSAGE("discovery of a full monitor: ", discovery.components.size(), " components, ", bytes,
          " bytes; its state: ", json::to_text(shown_state(picture)).size(), " bytes");
  CHECK(discovery.components.size() == 5 + 2 + 3 + 2 * 16);
  CHECK(bytes < 25000);
}

}  // namespace
}  // namespace emporia::homeassistant
