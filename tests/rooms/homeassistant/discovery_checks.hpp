#pragma once

// What every discovery message has to keep to, checked piece by piece against home_assistant_rules.hpp. The tests of
// the table and those of single announcements share it. Long because it is one rule after the other.

#include <algorithm>
#include <cctype>
#include <doctest/doctest.h>
#include <fstream>
#include <set>
#include <string>

#include "home_assistant_rules.hpp"
#include "homeassistant/discovery.hpp"
#include "homeassistant/entity_table.hpp"
#include "homeassistant/names.hpp"
#include "homeassistant/state_payload.hpp"
#include "runtime/text.hpp"
#include "sample_home.hpp"
#include "template_path.hpp"

namespace emporia::homeassistant {

using model::DeviceModel;
using model::EnergyDirection;

/// The member's text; empty where there is none.
inline std::string text_of(const json::Value& object, const char* key) {
  const json::Value* member = object.find(key);
  return member == nullptr || member->as_string() == nullptr ? std::string() : *member->as_string();
}

inline json::Value read_back(const Discovery& discovery) {
  auto parsed = json::parse(discovery.payload(), {1024 * 1024, 8});
  REQUIRE(parsed.ok());
  return parsed.value();
}

inline void check_keys(const json::Value& object, const Words& required, const Words& legal) {
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

inline bool is_identifier(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                              std::string::npos;
}

inline std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

inline void check_name(const json::Value& component, const std::string& platform, const std::string& device) {
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

inline void check_class(const json::Value& component, const std::string& platform) {
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

inline double number_of(const json::Value& value) {
  return value.as_integer() != nullptr ? static_cast<double>(*value.as_integer()) : *value.as_double();
}

inline void check_component(const std::string& key, const json::Value& component, const std::string& device) {
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

/// Home Assistant takes a moment of reset with state class "total" alone, from the same message, and complains of
/// "None".
inline void check_reset(const json::Value& component, const json::Value& state) {
  const std::string reset = text_of(component, "last_reset_value_template");
  CHECK(reset.empty() == (text_of(component, "state_class") != "total"));
  if (reset.empty()) return;
  const std::vector<std::string> path = template_path(reset);
  REQUIRE(path.size() == 1);
  CHECK(reset == "{{ value_json." + path.front() + " or '' }}");
  const std::optional<json::Value> since = look_up(state, path);
  REQUIRE(since.has_value());
  CHECK((since->is_null() || since->as_string() != nullptr));
}

/// What the template yields must be there in every state, and of a kind that the entity takes.
inline void check_reads(const json::Value& component, const json::Value& state) {
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
inline void check_device(const model::DevicePicture& picture, const DiscoveryContext& context,
                         std::set<std::string>& ids) {
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
      check_reset(component, state);
      CHECK(ids.insert(text_of(component, "unique_id")).second);
    }
  }
}

inline std::string line_of(const std::string& key, const json::Value& component) {
  std::string line = text_of(component, "unique_id") + " " + key;
  for (const char* member : {"device_class", "unit_of_measurement", "state_class", "entity_category"}) {
    const std::string text = text_of(component, member);
    line += " " + (text.empty() ? "-" : text);
  }
  return line;
}

}  // namespace emporia::homeassistant
