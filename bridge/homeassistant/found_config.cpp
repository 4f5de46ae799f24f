#include "homeassistant/found_config.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include "homeassistant/entity_table.hpp"

namespace emporia::homeassistant {
namespace {

/// A monitor with all its circuits has some 20 kB; five times that is not one of ours.
constexpr json::Limits kLimits{128 * 1024, 8};
constexpr std::string_view kHeadKeys[] = {"device", "origin", "availability", "availability_mode"};

bool is_text(const json::Value* value, std::string_view text) {
  return value != nullptr && value->as_string() != nullptr && *value->as_string() == text;
}

/// A device changes hands when several bridges share the account: what one of them wrote of it is every one's own.
bool depends_on_bridge(const json::Value* availability, const mqtt::TopicTree& topics) {
  if (availability == nullptr || availability->as_array() == nullptr) return false;
  const json::Array& entries = *availability->as_array();
  return std::any_of(entries.begin(), entries.end(), [&topics](const json::Value& entry) {
    const json::Value* topic = entry.find("topic");
    return topic != nullptr && topic->as_string() != nullptr && topics.is_state_of_bridge(*topic->as_string());
  });
}

/// Whether the component can be announced again without harm: Home Assistant refuses a whole message for one component
/// of a platform it does not know or without an identity.
bool is_component(const json::Value& component) {
  constexpr Platform kPlatforms[] = {Platform::sensor, Platform::binary_sensor, Platform::switching, Platform::number,
                                     Platform::select, Platform::button,        Platform::event};
  const json::Value* platform = component.find("platform");
  const bool known = std::any_of(std::begin(kPlatforms), std::end(kPlatforms),
                                 [&](Platform each) { return is_text(platform, word(each)); });
  if (!known) return false;
  const json::Value* unique_id = component.find("unique_id");
  return component.as_object()->size() == 1 || (unique_id != nullptr && unique_id->as_string() != nullptr);
}

bool is_key(const std::string& key) {
  const auto legal = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  return !key.empty() && std::all_of(key.begin(), key.end(), legal);
}

}  // namespace

FoundConfig read_config(const std::string& payload, const mqtt::TopicTree& topics, const std::string& origin_name) {
  const auto parsed = json::parse(payload, kLimits);
  if (!parsed) return {};
  const json::Value& root = parsed.value();
  const json::Value* origin = root.find("origin");
  const json::Value* components = root.find("components");
  if (origin == nullptr || !is_text(origin->find("name"), origin_name)) return {};
  if (!depends_on_bridge(root.find("availability"), topics)) return {};
  if (components == nullptr || components->as_object() == nullptr) return {};

  FoundConfig found;
  for (const auto& [key, component] : *components->as_object()) {
    if (!is_key(key) || !is_component(component)) return {};
    if (component.as_object()->size() == 1) {
      found.tombs.insert(key);
    } else {
      found.components.emplace(key, component);
    }
  }
  for (const std::string_view key : kHeadKeys) {
    if (const json::Value* value = root.find(key)) found.head.emplace_back(std::string(key), *value);
  }
  found.ours = true;
  return found;
}

std::optional<model::Channel> channel_of(const std::string& key, const json::Value& component) {
  const json::Value* platform = component.find("platform");
  if (platform == nullptr || platform->as_string() == nullptr) return std::nullopt;
  const std::string before = *platform->as_string() + "_";
  if (key.compare(0, before.size(), before) != 0) return std::nullopt;
  model::Channel channel = 0;
  const char* end = key.data() + key.size();
  const auto [rest, error] = std::from_chars(key.data() + before.size(), end, channel);
  if (error != std::errc() || rest == end || *rest != '_') return std::nullopt;
  return channel;
}

}  // namespace emporia::homeassistant
