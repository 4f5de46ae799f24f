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

/// Usage of consecutive buckets, the first one beginning at that minute.
inline Booking buckets(const std::string& device, model::Scale scale, int first,
                       const std::map<model::Channel, std::vector<double>>& channels) {
  Booking booking;
  booking.usage = {model::DeviceId(device), scale, {}, {}};
  const auto step = static_cast<int>(model::bucket_length(scale) / std::chrono::minutes{1});
  for (const auto& [channel, values] : channels) {
    booking.usage.starts.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
      booking.usage.starts.push_back(minute(first + static_cast<int>(i) * step));
    }
    booking.usage.channels.push_back({channel, values});
  }
  return booking;
}

/// Usage of consecutive minutes from `first` on.
inline Booking minutes(const std::string& device, int first,
                       const std::map<model::Channel, std::vector<double>>& channels) {
  return buckets(device, model::Scale::minutes, first, channels);
}

/// The same of a monitor, whose mains and balance are computed.
inline Booking monitor(int first, const std::map<model::Channel, std::vector<double>>& channels) {
  Booking booking = minutes("a", first, channels);
  booking.model = model::DeviceModel::vue2;
  return booking;
}

}  // namespace emporia::ledger
