#include "zones/zone.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <algorithm>

namespace emporia::zones {
namespace {

using absl::CivilDay;

/// More than the world has. Names come from outside, and the library never gives up what it has loaded.
constexpr std::size_t kMostNames = 2000;
constexpr std::size_t kLongestName = 64;

UtcSeconds to_utc(absl::Time time) {
  return UtcSeconds{std::chrono::seconds{absl::ToUnixSeconds(time)}};
}
absl::Time from_utc(UtcSeconds time) {
  return absl::FromUnixSeconds(time.time_since_epoch().count());
}

/// A name like America/St_Johns or Etc/GMT+5: no path that leads out of the folder, and none of the words by which the
/// library means the process's own zone or a fixed difference.
bool is_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' ||
           c == '+' || c == '-';
  };
  return !name.empty() && name.size() <= kLongestName && name.front() != '/' &&
         std::all_of(name.begin(), name.end(), fits) && name != "localtime" && name.compare(0, 6, "Fixed/") != 0;
}

}  // namespace

struct Zone::Rules {
  absl::TimeZone zone;

  UtcSeconds midnight(CivilDay day) const {
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day));
    return to_utc(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre);
  }
  /// The day that holds `time`. Where clocks are set back over midnight the date falls back too, and the day does not.
  CivilDay day_of(UtcSeconds time) const {
    CivilDay day(zone.At(from_utc(time)).cs);
    while (midnight(day) > time) --day;
    while (midnight(day + 1) <= time) ++day;
    return day;
  }
};

Zone::Zone() : rules_(std::make_shared<const Rules>(Rules{absl::UTCTimeZone()})) {}

Span Zone::day_of(UtcSeconds time) const {
  const CivilDay day = rules_->day_of(time);
  return {rules_->midnight(day), rules_->midnight(day + 1)};
}

Span Zone::cycle_of(UtcSeconds time, unsigned first_day) const {
  const int first = first_day >= 1 && first_day <= 28 ? static_cast<int>(first_day) : 1;
  const CivilDay day = rules_->day_of(time);
  const absl::CivilMonth month = absl::CivilMonth(day) - (day.day() < first ? 1 : 0);
  const auto start = [&](absl::CivilMonth begun) { return rules_->midnight(CivilDay(begun) + (first - 1)); };
  return {start(month), start(month + 1)};
}

FoundZone Zones::find(const std::string& name) {
  if (!is_name(name)) return {Zone(), Known::no_such_zone};
  if (const auto found = found_.find(name); found != found_.end()) return found->second;
  if (found_.size() >= kMostNames) return {Zone(), Known::no_such_zone};
  FoundZone found;
  absl::TimeZone zone;
  if (absl::LoadTimeZone(name, &zone)) {
    found.zone.rules_ = std::make_shared<const Zone::Rules>(Zone::Rules{zone});
  } else {
    // Every release of the data has this one, and unlike "UTC" the library reads it from a file.
    found.known = absl::LoadTimeZone("Etc/UTC", &zone) ? Known::no_such_zone : Known::no_data;
  }
  return found_.emplace(name, std::move(found)).first->second;
}

}  // namespace emporia::zones
