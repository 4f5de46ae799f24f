#include "discovery_checks.hpp"

namespace emporia::homeassistant {
namespace {

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
        R"("sensor_4_energy_cycle":{"platform":"sensor","unique_id":"emporia_VUE0001_4_energy_cycle","qos":1,)"
        R"("state_topic":"emporia/VUE0001/state","value_template":"{{ value_json.circuits['4'].energy_cycle_kwh }}",)"
        R"("name":"Energy this cycle","device_class":"energy","state_class":"total",)"
        R"("last_reset_value_template":"{{ value_json.cycle_since or '' }}","unit_of_measurement":"kWh",)"
        R"("suggested_display_precision":3,"enabled_by_default":false},)"
        R"("sensor_4_energy_today":{"platform":"sensor","unique_id":"emporia_VUE0001_4_energy_today","qos":1,)"
        R"("state_topic":"emporia/VUE0001/state","value_template":"{{ value_json.circuits['4'].energy_today_kwh }}",)"
        R"("name":"Energy today","device_class":"energy","state_class":"total",)"
        R"("last_reset_value_template":"{{ value_json.today_since or '' }}","unit_of_measurement":"kWh",)"
        R"("suggested_display_precision":3,"enabled_by_default":false},)"
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
      R"({"partner":{"state":"ok","last_success":null,"last_error":null},"calls":{"used_last_hour":1,"left":2},)"
      R"("data_lag_s":null,"resident_memory_bytes":null})");
  REQUIRE(health.ok());
  int from_health = 0;
  for (const auto& [key, component] : bridge.components) {
    if (text_of(component, "state_topic") != "emporia/bridge/health") continue;
    ++from_health;
    CHECK(look_up(health.value(), template_path(text_of(component, "value_template"))).has_value());
  }
  CHECK(from_health == 8);
  CHECK(text_of(bridge.components.at("sensor_started"), "state_topic") == "emporia/bridge/info");
  CHECK(text_of(bridge.components.at("button_refresh"), "command_topic") == "emporia/bridge/request/refresh");
  CHECK(json::to_text(*bridge.components.at("event_event").find("event_types")) ==
        R"(["device_offline","device_online","device_added","device_removed","device_renamed","circuit_added",)"
        R"("circuit_removed","circuit_renamed","data_late","data_resumed","gap_filled","budget_reached",)"
        R"("command_failed","sign_in_refused","service_unreachable","service_restored","statistics_failed",)"
        R"("statistics_restored"])");
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
  CHECK(discovery.components.size() == (5 + 6) + 2 + 3 + (2 + 2) * 16);
  CHECK(bytes < 35000);
}

}  // namespace
}  // namespace emporia::homeassistant
