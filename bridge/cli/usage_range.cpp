#include "cli/usage_range.hpp"

#include <algorithm>
#include <array>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/nearest.hpp"

namespace emporia::cli {
namespace {

using model::Scale;
using model::UtcSeconds;
using runtime::concat;
using std::chrono::hours;

constexpr std::array kScales{Scale::minutes, Scale::fifteen_minutes, Scale::hours, Scale::days,
                             Scale::weeks,   Scale::months,          Scale::years};
// Vendor's guide: minutes for a week, quarter hours for a year, the rest for ever. A little less, because it goes by
// the service's clock.
constexpr auto kMinutesKept = hours{7 * 24} - std::chrono::minutes{5};
constexpr auto kQuartersKept = hours{365 * 24};
// A full monitor's week of minutes, some 1.6 MB.
constexpr int kBucketsInPortion = 10'080;
// Before Emporia.
constexpr UtcSeconds kEarliest = std::chrono::sys_days{std::chrono::year{2010} / 1 / 1};

bool kept(Scale scale, UtcSeconds from, UtcSeconds now) {
  if (scale == Scale::minutes) return now - from <= kMinutesKept;
  return scale != Scale::fifteen_minutes || now - from <= kQuartersKept;
}

}  // namespace

runtime::Result<Scale, std::string> choose_scale(std::string_view word, UtcSeconds from, UtcSeconds to,
                                                 UtcSeconds now) {
  if (word.empty()) {
    const auto length = to - from;
    if (length <= hours{6} && kept(Scale::minutes, from, now)) return Scale::minutes;
    if (length <= hours{3 * 24} && kept(Scale::fifteen_minutes, from, now)) return Scale::fifteen_minutes;
    return length <= hours{62 * 24} ? Scale::hours : Scale::days;
  }
  std::vector<std::string_view> words;
  for (const Scale scale : kScales) {
    if (word == model::word(scale)) return scale;
    words.emplace_back(model::word(scale));
  }
  return runtime::Failure{
      concat("no scale ", settings::in_quotes(word), ": there are ", settings::listed(words, "and", false))};
}

runtime::Result<UsageRange, std::string> usage_range(Scale scale, UtcSeconds from, UtcSeconds to,
                                                     UtcSeconds settled_until, UtcSeconds now) {
  if (from >= to) {
    return runtime::Failure{
        concat("--from ", runtime::iso8601(from), " is not before --to ", runtime::iso8601(to), ": exchange them?")};
  }
  if (from < kEarliest)
    return runtime::Failure{concat("--from ", runtime::iso8601(from), " is before there were devices")};
  if (!kept(scale, from, now)) {
    const bool minutes = scale == Scale::minutes;
    return runtime::Failure{concat("the service keeps ", minutes ? "minutes for a week" : "quarter hours for a year",
                                   ": begin later, or use --scale ", minutes ? "fifteen_minutes" : "hours")};
  }
  UsageRange range{scale, from, std::min(to, now)};
  if (const auto length = model::bucket_length(scale); length.count() > 0) {
    range.from = model::bucket_start(from + length - std::chrono::seconds{1}, scale);
    range.to = model::bucket_start(std::min(to + length - std::chrono::seconds{1}, settled_until), scale);
  }
  if (range.from >= range.to) {
    return runtime::Failure{concat("no whole bucket of ", model::word(scale), " between ", runtime::iso8601(from),
                                   " and ", runtime::iso8601(std::min(to, settled_until)),
                                   ": the service changes its numbers for half an hour, and they are read after that")};
  }
  return range;
}

std::vector<UsagePortion> portions_of(const UsageRange& range) {
  const auto fixed = model::bucket_length(range.scale);
  const std::chrono::seconds length = fixed.count() > 0 ? fixed : std::chrono::seconds{hours{24}};
  // The service includes the bucket that holds the end.
  const UtcSeconds last = fixed.count() > 0 ? range.to - fixed : range.to - std::chrono::seconds{1};
  std::vector<UsagePortion> portions;
  for (UtcSeconds start = range.from; start <= last; start += length * kBucketsInPortion) {
    portions.push_back({start, std::min(last, start + length * (kBucketsInPortion - 1))});
  }
  return portions;
}

}  // namespace emporia::cli
