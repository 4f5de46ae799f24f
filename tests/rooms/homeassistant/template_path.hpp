#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"

namespace emporia::homeassistant {

/// The keys that a value template reads from value_json: {{ value_json.circuits['4'].power_w }} reads circuits, 4,
/// power_w. Empty when it reads none or is written in a way that is not understood.
inline std::vector<std::string> template_path(std::string_view text) {
  const std::string_view start = "value_json";
  const auto at = text.find(start);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + start.size());
  std::vector<std::string> path;
  while (!text.empty() && (text.front() == '.' || text.substr(0, 2) == "['")) {
    const bool quoted = text.front() == '[';
    text.remove_prefix(quoted ? 2 : 1);
    const auto end = quoted ? text.find("']") : text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    path.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + (quoted ? 2 : 0));
  }
  return path;
}

/// What stands there; nothing where a key is missing, of which Home Assistant would complain with each message.
inline std::optional<json::Value> look_up(const json::Value& state, const std::vector<std::string>& path) {
  const json::Value* value = &state;
  for (const std::string& key : path) {
    value = value->find(key);
    if (value == nullptr) return std::nullopt;
  }
  return *value;
}

}  // namespace emporia::homeassistant
