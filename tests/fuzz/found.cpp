// What a broker may hold from an earlier run, or from anybody: discovery messages and states that are read back.
#include <algorithm>
#include <cmath>

#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "homeassistant/found_config.hpp"
#include "homeassistant/retained_state.hpp"
#include "json/value.hpp"

namespace emporia::fuzz {
namespace {

const mqtt::TopicTree kTopics("emporia", "homeassistant");
constexpr const char* kOrigin = "emporia2mqtt";

std::string broken_by_config(const std::string& payload) {
  const auto found = homeassistant::read_config(payload, kTopics, kOrigin);
  if (!found.ours) {
    return found.components.empty() && found.tombs.empty() ? "" : "not ours, and believed all the same";
  }
  for (const auto& [key, component] : found.components) {
    const auto channel = homeassistant::channel_of(key, component);
    if (channel && key.find(std::to_string(*channel)) == std::string::npos) {
      // Leading zeros are the one other way to write it.
      if (key.find("_0") == std::string::npos) return "a channel that is not in the key";
    }
  }
  // It is announced again, to be taken away afterwards: that has to be read as ours once more, and as the same.
  const auto again =
      homeassistant::read_config(homeassistant::discovery_payload(found.head, found.components), kTopics, kOrigin);
  if (!again.ours || again.components != found.components) return "announced again it is something else";
  return {};
}

std::string broken_by_state(const std::string& payload, model::DeviceModel model) {
  model::Device device;
  device.id = model::DeviceId("F1");
  device.model = model;
  device.circuits = {{1, model::CircuitType::battery, model::EnergyDirection::bidirectional, "Battery", ""}};
  const auto found = homeassistant::read_retained_state(payload, device);
  if (!found) return {};
  if (found->counters.empty()) return "a state that tells nothing";
  constexpr double kMostWh = 1e12;
  for (const auto& [channel, counter] : found->counters) {
    const bool computed = channel == model::kMergedMains || channel == model::kBalance;
    if (!computed && (channel < 1 || channel > model::kLastChannel)) return "a channel that cannot be";
    for (const double value :
         {counter.shown_positive_wh, counter.shown_negative_wh, counter.positive_wh, counter.negative_wh}) {
      if (!(value >= 0 && value <= kMostWh)) return "a counter below 0, beyond all measure or no number";
    }
  }
  return {};
}

}  // namespace

std::string broken_law(std::string_view input) {
  Bytes bytes(input);
  constexpr std::size_t kModels = 9;
  const auto model = static_cast<model::DeviceModel>(bytes.below(kModels));
  const std::string payload(bytes.rest());
  if (std::string broken = broken_by_config(payload); !broken.empty()) return broken;
  return broken_by_state(payload, model);
}

}  // namespace emporia::fuzz
