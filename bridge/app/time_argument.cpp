#include "app/time_argument.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "commands/value.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using model::UtcSeconds;

constexpr const char* kForms =
    " takes a time with its zone such as \"2026-11-23T08:00:00Z\", a date, or seconds since 1970";
constexpr std::size_t kLongest = 40;
// 2000-01-01 and 2100-01-01.
constexpr std::int64_t kEarliest = 946'684'800;
constexpr std::int64_t kLatest = 4'102'444'800;

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// "Z", "+01:00", "-0730": seconds that local time is ahead of UTC.
std::optional<std::chrono::seconds> read_zone(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::seconds{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  std::string figures(text.substr(1));
  if (figures.size() == 5 && figures[2] == ':') figures.erase(2, 1);
  if (figures.size() != 4 || !digits(figures)) return std::nullopt;
  const int hours = std::stoi(figures.substr(0, 2));
  const int minutes = std::stoi(figures.substr(2));
  if (hours > 14 || minutes > 59) return std::nullopt;
  return sign * (std::chrono::hours{hours} + std::chrono::minutes{minutes});
}

std::optional<UtcSeconds> read_iso(std::string_view text) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kMinutes = 5;
  if (text.size() < kDate) return std::nullopt;
  const std::string date(text.substr(0, kDate));
  text.remove_prefix(kDate);
  if (text.empty()) return runtime::parse_iso8601(date + "T00:00:00Z");
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  if (text.size() < kMinutes) return std::nullopt;
  std::string clock(text.substr(0, kMinutes));
  text.remove_prefix(kMinutes);
  if (take(text, ':')) {
    if (text.size() < 2) return std::nullopt;
    clock += ":" + std::string(text.substr(0, 2));
    text.remove_prefix(2);
    if (take(text, '.')) {
      const auto end = text.find_first_not_of("0123456789");
      if (end == 0 || end == std::string_view::npos) return std::nullopt;
      text.remove_prefix(end);
    }
  } else {
    clock += ":00";
  }
  const auto ahead = read_zone(text);
  const auto local = runtime::parse_iso8601(date + "T" + clock + "Z");
  if (!ahead || !local) return std::nullopt;
  return *local - *ahead;
}

}  // namespace

runtime::Result<UtcSeconds, std::string> read_time(std::string_view name, const json::Value& value) {
  const auto wrong = [&] { return runtime::Failure{runtime::concat(name, kForms, ", not ", commands::shown(value))}; };
  std::optional<UtcSeconds> time;
  const std::string* text = value.as_string();
  if (text != nullptr && !digits(*text)) {
    if (text->size() > kLongest) return wrong();
    time = read_iso(*text);
    if (!time) return wrong();
  } else {
    const auto number = commands::read_number(value);
    if (!number || *number != std::trunc(*number)) return wrong();
    // Far beyond what fits the clock; only whether it is in the range matters.
    time = UtcSeconds{std::chrono::seconds{static_cast<std::int64_t>(std::clamp(*number, -1e15, 1e15))}};
  }
  const auto epoch = time->time_since_epoch().count();
  if (epoch < kEarliest || epoch >= kLatest) {
    return runtime::Failure{runtime::concat(name, " is not between the years 2000 and 2099",
                                            epoch > 1000 * kEarliest ? ": seconds are wanted, not milliseconds" : "")};
  }
  return *time;
}

}  // namespace emporia::app
