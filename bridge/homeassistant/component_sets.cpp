#include "homeassistant/component_sets.hpp"

#include <utility>

#include "homeassistant/component.hpp"
#include "homeassistant/found_config.hpp"

namespace emporia::homeassistant {
namespace {

json::Value value_of(const std::string& component) {
  auto parsed = json::parse(component);
  return parsed ? std::move(parsed).value() : json::Value(json::Object{});
}

}  // namespace

std::string Announcement::payload_with(const std::map<std::string, std::string>& others) const {
  std::size_t size = head.size() + 20;
  for (const auto& [key, component] : others) size += key.size() + component.size() + 4;
  std::string text = head;
  text.reserve(size);
  text.pop_back();
  text += text.size() > 1 ? ",\"components\":{" : "\"components\":{";
  bool first = true;
  for (const auto& [key, component] : others) {
    if (!std::exchange(first, false)) text += ',';
    text += json::to_text(key);
    text += ':';
    text += component;
  }
  return text + "}}";
}

Announcement kept(const Discovery& discovery) {
  Announcement announcement{discovery.object, discovery.topic, json::to_text(discovery.head), {}};
  for (const auto& [key, component] : discovery.components) {
    announcement.components.emplace_hint(announcement.components.end(), key, json::to_text(component));
  }
  return announcement;
}

std::string kept_tombstone(const std::string& component) {
  return json::to_text(tombstone(value_of(component)));
}

std::optional<model::Channel> kept_channel(const std::string& key, const std::string& component) {
  return channel_of(key, value_of(component));
}

Shared merged(const Shared& base, const Shared& more, const Announcement* except) {
  if (more == nullptr) return base;
  std::map<std::string, std::string> added;
  for (const auto& [key, component] : more->components) {
    const bool known = base != nullptr && base->components.count(key) != 0;
    if (!known && (except == nullptr || except->components.count(key) == 0)) added.emplace(key, component);
  }
  if (added.empty()) return base;
  Announcement result = base == nullptr ? Announcement{more->object, more->topic, more->head, {}} : *base;
  result.components.merge(added);
  return std::make_shared<const Announcement>(std::move(result));
}

Shared left_out(const Shared& announcement, const Shared& wanted) {
  if (announcement == nullptr || announcement == wanted) return nullptr;
  return merged(nullptr, announcement, wanted.get());
}

bool has(const Shared& announcement, const std::string& key) {
  return announcement != nullptr && announcement->components.count(key) != 0;
}

}  // namespace emporia::homeassistant
