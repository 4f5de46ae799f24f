#pragma once

#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "model/ids.hpp"

namespace emporia::model {

using UtcSeconds = std::chrono::sys_seconds;

/// Width of a usage bucket. Those up to `hours` have a fixed length and are aligned to UTC; from `days` on they follow
/// the device's time zone and vary in length.
enum class Scale { minutes, fifteen_minutes, hours, days, weeks, months, years };

/// Length of a bucket; 0 s for the scales without a fixed one.
constexpr std::chrono::seconds bucket_length(Scale scale) {
  switch (scale) {
    case Scale::minutes:
      return std::chrono::minutes{1};
    case Scale::fifteen_minutes:
      return std::chrono::minutes{15};
    case Scale::hours:
      return std::chrono::hours{1};
    case Scale::days:
    case Scale::weeks:
    case Scale::months:
    case Scale::years:
      break;
  }
  return std::chrono::seconds{0};
}

/// "minutes", "fifteen_minutes" ...: the stable word of our payloads.
constexpr const char* word(Scale scale) {
  switch (scale) {
    case Scale::minutes:
      return "minutes";
    case Scale::fifteen_minutes:
      return "fifteen_minutes";
    case Scale::hours:
      return "hours";
    case Scale::days:
      return "days";
    case Scale::weeks:
      return "weeks";
    case Scale::months:
      return "months";
    case Scale::years:
      break;
  }
  return "years";
}

/// Start of the bucket that holds `time`; only for scales of a fixed length.
constexpr UtcSeconds bucket_start(UtcSeconds time, Scale scale) {
  return time - time.time_since_epoch() % bucket_length(scale);
}

/// Watt-hours in a bucket the service has no value for. Missing is not zero: it is never summed and never published.
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
inline bool is_known(double energy_wh) {
  return std::isfinite(energy_wh);
}

/// Numbers of quantities computed per bucket rather than measured, kept beside the measured channels. Real channels are
/// 1 to kLastChannel; what claims to be another is not believed.
inline constexpr Channel kLastChannel = 999;
inline constexpr Channel kMergedMains = 1001;
inline constexpr Channel kBalance = 1002;

/// One channel's values, Wh, signed: positive is consumed or imported, negative generated or exported.
struct ChannelUsage {
  Channel channel = 0;
  /// As many as the DeviceUsage has starts; kMissing where there is no value.
  std::vector<double> energy_wh;
};

/// What the service told of one device for a range, already made sound: starts strictly ascending and on the bucket
/// edges, one entry a channel, every list as long as `starts`.
struct DeviceUsage {
  DeviceId device;
  Scale scale = Scale::minutes;
  std::vector<UtcSeconds> starts;
  std::vector<ChannelUsage> channels;
};

/// Mean power over a bucket, in watts.
constexpr double mean_power_w(double energy_wh, std::chrono::seconds length) {
  return energy_wh * 3600.0 / static_cast<double>(length.count());
}

}  // namespace emporia::model
