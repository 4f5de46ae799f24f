#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "mqtt/topic_tree.hpp"

namespace emporia::cli {

/// A discovery message that a bridge of this base topic wrote: its origin is this program, and its availability, or the
/// topics of its components, are this bridge's.
bool announced_by_us(const std::string& topic, const std::string& payload, const mqtt::TopicTree& topics);

/// What bridges of a base topic have left at the broker.
struct LeftAtBroker {
  /// Announcements first, the bridge's own topics last.
  std::vector<std::string> ours;
  /// How many of them are announcements.
  std::size_t announcements = 0;
  /// Below the base topic, but nothing that a bridge publishes.
  std::vector<std::string> foreign;
};
LeftAtBroker left_at_broker(const std::map<std::string, std::string>& retained, const mqtt::TopicTree& topics);

}  // namespace emporia::cli
