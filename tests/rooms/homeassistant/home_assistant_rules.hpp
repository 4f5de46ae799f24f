#pragma once

#include <map>
#include <set>
#include <string>

namespace emporia::homeassistant {

/// What Home Assistant accepts, written down by hand and apart from the table it is to judge.
using Words = std::set<std::string>;

inline const Words kRootKeys{"device", "origin", "components", "availability", "availability_mode"};
inline const Words kDeviceKeys{"identifiers", "name",          "manufacturer", "model",
                               "sw_version",  "serial_number", "via_device",   "hw_version"};
inline const Words kOriginKeys{"name", "sw_version", "support_url"};

/// Of every platform.
inline const Words kCommonKeys{"platform", "unique_id",       "name",
                               "qos",      "availability",    "availability_mode",
                               "icon",     "entity_category", "enabled_by_default"};

struct PlatformRules {
  Words required;
  Words optional;
};

inline const std::map<std::string, PlatformRules> kPlatforms{
    {"sensor",
     {{"state_topic"},
      {"value_template", "device_class", "state_class", "unit_of_measurement", "options", "suggested_display_precision",
       "expire_after", "last_reset_value_template"}}},
    {"binary_sensor", {{"state_topic"}, {"value_template", "payload_on", "payload_off", "device_class"}}},
    {"switch",
     {{"command_topic", "state_topic"},
      {"value_template", "payload_on", "payload_off", "state_on", "state_off", "device_class", "command_template"}}},
    {"number",
     {{"command_topic", "state_topic", "min", "max", "step"},
      {"value_template", "mode", "device_class", "unit_of_measurement", "command_template"}}},
    {"select", {{"command_topic", "state_topic", "options"}, {"value_template", "command_template"}}},
    {"button", {{"command_topic"}, {"payload_press", "device_class", "command_template"}}},
    {"event", {{"state_topic", "event_types"}, {"value_template", "device_class"}}},
};

/// Units that a class takes; {""}: none may be given.
inline const std::map<std::string, Words> kUnitsOfClass{
    {"energy", {"Wh", "kWh", "MWh"}},
    {"energy_storage", {"Wh", "kWh", "MWh"}},
    {"power", {"W", "kW"}},
    {"battery", {"%"}},
    {"current", {"A", "mA"}},
    {"duration", {"s", "min", "h", "d"}},
    {"data_size", {"B", "kB", "MB", "GB", "KiB", "MiB", "GiB"}},
    {"timestamp", {""}},
    {"enum", {""}},
};
/// State classes that a sensor's class takes; "" is none.
inline const std::map<std::string, Words> kStateClassesOfClass{
    {"energy", {"", "total", "total_increasing"}},
    {"energy_storage", {"", "measurement"}},
    {"power", {"", "measurement"}},
    {"battery", {"", "measurement"}},
    {"current", {"", "measurement"}},
    {"duration", {"", "measurement", "total", "total_increasing"}},
    {"data_size", {"", "measurement", "total", "total_increasing"}},
    {"timestamp", {""}},
    {"enum", {""}},
};
inline const std::map<std::string, Words> kClassesOfPlatform{
    {"sensor",
     {"energy", "energy_storage", "power", "battery", "current", "duration", "data_size", "timestamp", "enum"}},
    {"number", {"energy", "energy_storage", "power", "battery", "current", "duration"}},
    {"binary_sensor", {"connectivity", "plug", "battery_charging", "problem", "running", "power"}},
    {"switch", {"outlet", "switch"}},
    {"button", {"identify", "restart", "update"}},
    {"event", {"button", "doorbell", "motion"}},
};
/// Platforms that make a name of the class when none is given.
inline const Words kNamedByClass{"sensor", "binary_sensor", "number", "button"};
/// Sensors cannot be settings: Home Assistant refuses them.
inline const Words kMayBeConfig{"switch", "number", "select", "button"};

}  // namespace emporia::homeassistant
