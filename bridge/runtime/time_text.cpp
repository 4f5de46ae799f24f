#include "runtime/time_text.hpp"

#include <charconv>

#include "runtime/text.hpp"

namespace emporia::runtime {

std::string iso8601(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  const int year = static_cast<int>(date.year());
  std::string text = "0000-00-00T00:00:00Z";
  // By hand, because a fleet's messages are full of times.
  const auto put = [&text](std::size_t at, std::size_t digits, unsigned value) {
    for (; digits > 0; value /= 10) text[at + --digits] = static_cast<char>('0' + value % 10);
  };
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, static_cast<unsigned>(clock.hours().count()));
  put(14, 2, static_cast<unsigned>(clock.minutes().count()));
  put(17, 2, static_cast<unsigned>(clock.seconds().count()));
  constexpr int kLastOfFourDigits = 9999;
  if (year < 0 || year > kLastOfFourDigits) return text.replace(0, 4, std::to_string(year));
  put(0, 4, static_cast<unsigned>(year));
  return text;
}

std::optional<std::chrono::sys_seconds> parse_iso8601(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t from, std::size_t length) {
    int value = 0;
    std::from_chars(text.data() + from, text.data() + from + length, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year{number(0, 4)},
                                         std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                         std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

std::string for_people(std::chrono::seconds duration) {
  const auto seconds = duration.count() < 0 ? 0 : duration.count();
  const auto minutes = seconds / 60;
  const auto hours = minutes / 60;
  const auto pair = [](auto big, const char* big_unit, auto small, const char* small_unit) {
    return small > 0 ? concat(big, big_unit, " ", small, small_unit) : concat(big, big_unit);
  };
  if (hours >= 24) return pair(hours / 24, " d", hours % 24, " h");
  if (hours > 0) return pair(hours, " h", minutes % 60, " min");
  if (minutes > 0) return pair(minutes, " min", seconds % 60, " s");
  return concat(seconds, " s");
}

}  // namespace emporia::runtime
