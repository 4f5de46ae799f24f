#pragma once

#include <optional>
#include <string>

#include "homeassistant/entity_table.hpp"
#include "json/value.hpp"
#include "mqtt/topic_tree.hpp"

namespace emporia::homeassistant {

/// What a row needs to become a component: whose it is.
struct Owner {
  const mqtt::TopicTree* topics = nullptr;
  /// The device's own text for topics; empty for the bridge.
  std::string device_id;
  /// The start of every unique_id: emporia_<id> or the bridge's object.
  std::string object;
  /// The name that Home Assistant puts before the entity's.
  std::string device_name;
  /// Maximum of Bounds::charge_rate, amperes, and of Bounds::battery_power, kW.
  int max_charge_rate_a = 48;
  double max_power_kw = 0;
};

/// A circuit or a leg: which part of the state it reads, and how it is called.
struct Part {
  model::Channel channel = 0;
  /// "circuits" or "legs".
  const char* collection = "";
  std::string label;
  /// The part is a device of its own, whose name the label is.
  bool own_device = false;
};

/// <platform>_<metric>, <platform>_<channel>_<metric>.
std::string component_key(const EntityRow& row, const std::optional<Part>& part);

/// The component of a device discovery payload: keys spelled out, nothing that Home Assistant would not know.
json::Value component(const EntityRow& row, const Owner& owner, const std::optional<Part>& part);

/// What removes a component at Home Assistant: the platform and nothing else.
json::Value tombstone(const json::Value& component);

}  // namespace emporia::homeassistant
