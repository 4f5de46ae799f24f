#pragma once

#include <optional>
#include <set>
#include <string>

#include "homeassistant/discovery.hpp"
#include "model/ids.hpp"
#include "mqtt/topic_tree.hpp"

namespace emporia::homeassistant {

/// A discovery message as it stood at the broker.
struct FoundConfig {
  /// It is a sound message, and its origin and availability say that this bridge, or an earlier run of it, wrote it.
  bool ours = false;
  json::Object head;
  Components components;
  /// Keys of tombstones.
  std::set<std::string> tombs;
};

/// Reads what a stranger may have written: what is damaged, foreign or too large is simply not ours.
FoundConfig read_config(const std::string& payload, const mqtt::TopicTree& topics, const std::string& origin_name);

/// The channel in a component's key, <platform>_<channel>_<metric>.
std::optional<model::Channel> channel_of(const std::string& key, const json::Value& component);

}  // namespace emporia::homeassistant
