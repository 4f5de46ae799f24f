#include "app/own_devices.hpp"

#include <algorithm>
#include <vector>

namespace emporia::app {

mqtt::TopicTree topics_of(const settings::Settings& settings) {
  const auto shard = settings::shard(settings);
  return {settings.mqtt.base_topic, settings.homeassistant.prefix, shard ? std::to_string(shard->number) : ""};
}

OwnDevices::OwnDevices(const settings::Settings& settings) : shard_(settings::shard(settings)) {
  if (!shard_) return;
  for (const settings::Group& group : settings.groups) {
    std::vector<std::string> members;
    for (const settings::GroupMember& member : group.members) members.push_back(mqtt::topic_id(member.device));
    // Where some of them are placed already, by groups before.
    std::string first = *std::min_element(members.begin(), members.end());
    for (const std::string& member : members) {
      if (const auto known = placed_by_.find(member); known != placed_by_.end()) first = std::min(first, known->second);
    }
    const auto move = [this, &first](const std::string& before) {
      for (auto& [level, place] : placed_by_) {
        if (place == before) place = first;
      }
    };
    for (const std::string& member : members) {
      if (const auto known = placed_by_.find(member); known != placed_by_.end()) move(std::string(known->second));
      placed_by_[member] = first;
    }
    placed_by_[mqtt::topic_id(std::string(mqtt::kGroupIds) + group.id)] = first;
  }
}

unsigned OwnDevices::shard_of_level(std::string_view level) const {
  if (!shard_) return 1;
  const auto placed = placed_by_.find(level);
  return settings::shard_of(placed == placed_by_.end() ? level : std::string_view(placed->second), shard_->count);
}

bool OwnDevices::has_level(std::string_view level) const {
  return !shard_ || shard_of_level(level) == shard_->number;
}

bool OwnDevices::has(const model::DeviceId& device) const {
  return !shard_ || has_level(mqtt::topic_id(device.text()));
}

bool OwnDevices::has_object(std::string_view object) const {
  constexpr std::string_view kStart = "emporia_";
  if (!shard_) return true;
  if (object.substr(0, kStart.size()) != kStart) return false;
  const std::string_view rest = object.substr(kStart.size());
  return has_level(rest.substr(0, rest.find('_')));
}

}  // namespace emporia::app
