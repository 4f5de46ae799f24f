#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/home.hpp"
#include "partner/request.hpp"
#include "runtime/result.hpp"

namespace emporia::app {

/// A request for usage, understood and within the limits.
struct UsageQuestion {
  model::DeviceId device;
  model::Scale scale = model::Scale::hours;
  /// Buckets that begin at or after `from` and before `to`. For a scale of fixed length both are on its edges and
  /// everything before `to` has settled; for the others the service decides where buckets begin, and the one that holds
  /// `from` is told too.
  model::UtcSeconds from;
  model::UtcSeconds to;
  /// Ascending; empty: all that the service tells.
  std::vector<model::Channel> channels;
  /// Buckets in one portion of the answer.
  std::size_t buckets_each = 1;
};

/// What the arguments are checked against.
struct UsageLimits {
  const model::Home& home;
  /// From the configuration, by device id.
  const std::map<std::string, std::string>& names;
  /// The service may still change what is newer.
  model::UtcSeconds settled_until;
  model::UtcSeconds now;
};

/// One request holds a year of quarter hours.
inline constexpr std::size_t kMostBuckets = 40'000;
/// One portion holds a day of minutes, of devices with many channels less: about 150 kB of text at the most.
inline constexpr std::size_t kBucketsInPortion = 1440;
inline constexpr std::size_t kValuesInPortion = 12'000;

/// Reads device, from, to, scale and channels; other members are passed over. The error is a sentence with the legal
/// range and what to do.
runtime::Result<UsageQuestion, std::string> read_usage_question(const json::Object& arguments,
                                                                const UsageLimits& limits);

/// Portions of the answer; 0 for a scale whose buckets only the service knows.
std::size_t portion_count(const UsageQuestion& question);

/// The calls that answer it, in order. Each but the last holds whole portions.
std::vector<partner::FetchUsage> calls_for(const UsageQuestion& question);

}  // namespace emporia::app
