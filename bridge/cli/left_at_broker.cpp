#include "cli/left_at_broker.hpp"

#include <algorithm>
#include <string_view>

#include "json/value.hpp"

namespace emporia::cli {
namespace {

constexpr std::string_view kOrigin = "emporia2mqtt";
// Larger than any that the bridge writes.
constexpr json::Limits kLimits{4 * 1024 * 1024, 8};

/// <base>/<something>/state or .../availability.
bool is_value_of_device(std::string_view below_base) {
  const auto slash = below_base.find('/');
  if (slash == std::string_view::npos || slash == 0) return false;
  const std::string_view leaf = below_base.substr(slash + 1);
  return leaf == "state" || leaf == "availability";
}

}  // namespace

bool announced_by_us(const std::string& topic, const std::string& payload, const mqtt::TopicTree& topics) {
  const std::string before = topics.prefix() + "/device/";
  if (topic.compare(0, before.size(), before) != 0) return false;
  const auto parsed = json::parse(payload, kLimits);
  if (!parsed) return false;
  const json::Value* origin = parsed.value().find("origin");
  const json::Value* name = origin == nullptr ? nullptr : origin->find("name");
  if (name == nullptr || name->as_string() == nullptr || *name->as_string() != kOrigin) return false;
  // Two bridges on one broker differ in their base topic, and those that share an account in their number besides.
  const json::Value* availability = parsed.value().find("availability");
  const json::Array* entries = availability == nullptr ? nullptr : availability->as_array();
  const auto is_of_bridge = [&topics](const json::Value& entry) {
    const json::Value* of = entry.find("topic");
    return of != nullptr && of->as_string() != nullptr && topics.is_state_of_bridge(*of->as_string());
  };
  return (entries != nullptr && std::any_of(entries->begin(), entries->end(), is_of_bridge)) ||
         payload.find("\"" + topics.bridge("state") + "\"") != std::string::npos;
}

LeftAtBroker left_at_broker(const std::map<std::string, std::string>& retained, const mqtt::TopicTree& topics) {
  LeftAtBroker left;
  std::vector<std::string> values;
  std::vector<std::string> bridge;
  const std::string below_base = topics.base() + "/";
  const std::string below_bridge = topics.bridge("");
  for (const auto& [topic, payload] : retained) {
    if (payload.empty()) continue;
    if (announced_by_us(topic, payload, topics)) {
      left.ours.push_back(topic);
    } else if (topic.compare(0, below_bridge.size(), below_bridge) == 0) {
      bridge.push_back(topic);
    } else if (topic.compare(0, below_base.size(), below_base) == 0) {
      const bool value = is_value_of_device(std::string_view(topic).substr(below_base.size()));
      (value ? values : left.foreign).push_back(topic);
    }
  }
  left.announcements = left.ours.size();
  left.ours.insert(left.ours.end(), values.begin(), values.end());
  left.ours.insert(left.ours.end(), bridge.begin(), bridge.end());
  return left;
}

}  // namespace emporia::cli
