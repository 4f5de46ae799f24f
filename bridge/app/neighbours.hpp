#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/loop.hpp"
#include "mqtt/topic_tree.hpp"
#include "settings/shard.hpp"

namespace emporia::app {

/// What stands at the broker of bridges with this base topic: a device must never be read by two, which it would be
/// while bridges with another count of shards, or one without any, are at work.
class Neighbours {
 public:
  Neighbours(mqtt::TopicTree topics, settings::Shard own) : topics_(std::move(topics)), own_(own) {}

  /// For the states and infos of all bridges.
  std::vector<mqtt::Subscription> subscriptions() const;
  void received(const mqtt::Message& message);
  /// One that must be gone first, in words; nothing when there is none.
  std::optional<std::string> in_the_way() const;

 private:
  struct Bridge {
    bool online = false;
    /// "2/8"; empty where it does not say.
    std::string shard;
  };
  mqtt::TopicTree topics_;
  settings::Shard own_;
  /// By the name in their topics, empty for one that has no number.
  std::map<std::string, Bridge> bridges_;
};

/// Before a bridge of several begins: waits until none that is in the way works any more, and says so. Where the broker
/// cannot be reached within some seconds it begins all the same. False when it was told to stop meanwhile.
bool wait_for_neighbours(Surroundings& around);

}  // namespace emporia::app
