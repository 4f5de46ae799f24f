#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/usage_ledger.hpp"

namespace emporia::ledger {

inline constexpr double kNone = model::kMissing;

/// 2026-11-23T00:00:00Z plus minutes.
inline model::UtcSeconds minute(int number) {
  return model::UtcSeconds{std::chrono::seconds{1795392000} + std::chrono::minutes{number}};
}

/// Usage of consecutive minutes from `first` on.
inline model::DeviceUsage minutes(const std::string& device, int first,
                                  const std::map<model::Channel, std::vector<double>>& channels) {
  model::DeviceUsage usage{model::DeviceId(device), model::Scale::minutes, {}, {}};
  for (const auto& [channel, values] : channels) {
    usage.starts.clear();
    for (std::size_t i = 0; i < values.size(); ++i) usage.starts.push_back(minute(first + static_cast<int>(i)));
    usage.channels.push_back({channel, values});
  }
  return usage;
}

}  // namespace emporia::ledger
