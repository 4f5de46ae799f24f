#include "support/counters.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace emporia::support {
namespace {

using Json = nlohmann::json;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_counter(std::string_view key) {
  return ends_with(key, "_kwh") && !ends_with(key, "_today_kwh") && !ends_with(key, "_cycle_kwh") &&
         key != "capacity_kwh";
}

void collect(const Json& object, const std::string& path, Counters& counters) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      if (key != "exact_kwh") collect(value, path + key + ".", counters);
    } else if (value.is_number() && is_counter(key)) {
      counters[path + key] = value.get<double>();
    }
  }
}

}  // namespace

Counters counters_of(const std::string& state, bool exact) {
  const Json parsed = Json::parse(state);
  if (!parsed.is_object()) throw std::runtime_error("no JSON object: " + state);
  Counters counters;
  collect(parsed, "", counters);
  const auto differing = parsed.find("exact_kwh");
  if (exact && differing != parsed.end() && differing->is_object()) {
    for (const auto& [path, value] : differing->items()) counters[path] = value.get<double>();
  }
  return counters;
}

void RisingCounters::hear(const std::string& topic, const std::string& payload) {
  if (!ends_with(topic, "/state") || payload.empty() || payload.front() != '{') return;
  Counters& latest = latest_[topic];
  for (const auto& [path, kwh] : counters_of(payload)) {
    const auto known = latest.try_emplace(path, kwh).first;
    if (kwh < known->second) {
      falls_.push_back(topic + " " + path + " fell from " + std::to_string(known->second) + " to " +
                       std::to_string(kwh));
    }
    known->second = kwh;
  }
}

std::size_t RisingCounters::counters() const {
  std::size_t count = 0;
  for (const auto& device : latest_) count += device.second.size();
  return count;
}

}  // namespace emporia::support
