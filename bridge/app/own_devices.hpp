#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "mqtt/topic_tree.hpp"
#include "settings/shard.hpp"

namespace emporia::app {

/// The topics of the configured bridge. One of several that share an account has its own below <base>/bridge/<number>/.
mqtt::TopicTree topics_of(const settings::Settings& settings);

/// Which devices this bridge has, of those that several share; all of them for a bridge alone. By the level that stands
/// for the device in its topics, so that a message tells by its topic whom it concerns. Devices of one group, and of
/// groups that have a device in common, go where the first of them by name belongs: a sum is made in one place.
class OwnDevices {
 public:
  explicit OwnDevices(const settings::Settings& settings);

  /// Nothing when the bridge has all devices.
  const std::optional<settings::Shard>& shard() const { return shard_; }
  bool has(const model::DeviceId& device) const;
  /// As mqtt::topic_id() makes it, of a group too.
  bool has_level(std::string_view level) const;
  /// A discovery object: emporia_<level>, or emporia_<level>_<channel>.
  bool has_object(std::string_view object) const;
  /// The number of the bridge that has it; 1 for a bridge alone.
  unsigned shard_of_level(std::string_view level) const;

 private:
  std::optional<settings::Shard> shard_;
  /// Of devices in groups and of the groups: the level by which they are placed.
  std::map<std::string, std::string, std::less<>> placed_by_;
};

}  // namespace emporia::app
