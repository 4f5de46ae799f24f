#include "cli/moments.hpp"

#include <charconv>
#include <chrono>
#include <ctime>
#include <optional>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/nearest.hpp"

namespace emporia::cli {
namespace {

using model::UtcSeconds;
using std::chrono::seconds;

/// Local wall time, written into `fields`, as UTC. Midnight where the clocks skip it is the moment of the jump.
std::optional<UtcSeconds> from_local(std::tm fields) {
  fields.tm_isdst = -1;
  const std::time_t epoch_s = std::mktime(&fields);
  if (epoch_s == -1) return std::nullopt;
  return UtcSeconds{seconds{epoch_s}};
}

std::optional<UtcSeconds> local_midnight(UtcSeconds time, int days_before) {
  const auto epoch_s = static_cast<std::time_t>(time.time_since_epoch().count());
  std::tm fields{};
  if (::localtime_r(&epoch_s, &fields) == nullptr) return std::nullopt;
  fields.tm_mday -= days_before;
  fields.tm_hour = fields.tm_min = fields.tm_sec = 0;
  return from_local(fields);
}

/// "7d": how long ago.
std::optional<seconds> read_span(std::string_view text) {
  constexpr std::size_t kMostDigits = 6;
  if (text.size() < 2 || text.size() > kMostDigits + 1) return std::nullopt;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size() - 1, count);
  if (error != std::errc{} || end != text.data() + text.size() - 1 || count < 0) return std::nullopt;
  switch (text.back()) {
    case 'm':
      return std::chrono::minutes{count};
    case 'h':
      return std::chrono::hours{count};
    case 'd':
      return std::chrono::hours{24} * count;
    case 'w':
      return std::chrono::hours{24 * 7} * count;
    default:
      return std::nullopt;
  }
}

/// "Z", "+01:00", "-0730": how far local time is ahead of UTC.
std::optional<seconds> read_offset(std::string_view text) {
  if (text == "Z" || text == "z") return seconds{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  std::string digits(text.substr(1));
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const int hours = std::stoi(digits.substr(0, 2));
  const int minutes = std::stoi(digits.substr(2));
  if (hours > 14 || minutes > 59) return std::nullopt;
  const auto ahead = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return text.front() == '-' ? -ahead : ahead;
}

/// Not gmtime(), whose time_t ends in 2038 on a 32-bit Debian 12.
std::tm fields_of(UtcSeconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::tm fields{};
  fields.tm_year = static_cast<int>(date.year()) - 1900;
  fields.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  fields.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  fields.tm_hour = static_cast<int>(clock.hours().count());
  fields.tm_min = static_cast<int>(clock.minutes().count());
  fields.tm_sec = static_cast<int>(clock.seconds().count());
  return fields;
}

/// A date, with or without a time and a zone.
std::optional<UtcSeconds> read_calendar(std::string_view text) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kToMinutes = 16;
  constexpr std::size_t kToSeconds = 19;
  if (text.size() < kDate) return std::nullopt;
  std::string whole(text.substr(0, kDate));
  std::string_view zone;
  if (text.size() == kDate) {
    whole += "T00:00:00Z";
  } else {
    if (text.size() < kToMinutes || (text[kDate] != 'T' && text[kDate] != 't' && text[kDate] != ' '))
      return std::nullopt;
    const bool with_seconds = text.size() >= kToSeconds && text[kToMinutes] == ':';
    const std::size_t end = with_seconds ? kToSeconds : kToMinutes;
    whole += 'T';
    whole += text.substr(kDate + 1, end - kDate - 1);
    whole += with_seconds ? "Z" : ":00Z";
    zone = text.substr(end);
  }
  const auto written = runtime::parse_iso8601(whole);
  if (!written) return std::nullopt;
  if (zone.empty()) return from_local(fields_of(*written));
  const auto ahead = read_offset(zone);
  return ahead ? std::optional(*written - *ahead) : std::nullopt;
}

std::optional<UtcSeconds> read(std::string_view typed, UtcSeconds now) {
  if (typed == "now") return now;
  if (typed == "today") return local_midnight(now, 0);
  if (typed == "yesterday") return local_midnight(now, 1);
  if (const auto span = read_span(typed)) return now - *span;
  return read_calendar(typed);
}

}  // namespace

runtime::Result<UtcSeconds, std::string> read_moment(std::string_view typed, UtcSeconds now) {
  if (const auto moment = read(typed, now)) return *moment;
  return runtime::Failure{runtime::concat(settings::in_quotes(typed),
                                          " is no time: write 2026-03-08, 2026-03-08T14:30 (local), 2026-03-08T14:30Z "
                                          "(UTC), now, today, yesterday, or so long ago: 90m, 12h, 7d, 4w")};
}

}  // namespace emporia::cli
