#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

/// Seconds since 1970 in UTC, the only time the simulator knows; virtual, see Clock.
using Seconds = std::int64_t;

constexpr Seconds kMinute = 60;
constexpr Seconds kHour = 3600;
constexpr Seconds kDay = 86400;

/// Rounds towards the past, also before 1970.
constexpr Seconds floor_to(Seconds time, Seconds width) {
  const Seconds rest = time % width;
  return time - (rest < 0 ? rest + width : rest);
}

/// The service's time: it starts where told, runs at any speed (0 stands still) and can be moved on.
class Clock {
 public:
  Clock(Seconds start, double scale);
  Seconds now() const;
  void advance(Seconds by) { advanced_ += by; }

 private:
  std::chrono::steady_clock::time_point since_;
  Seconds start_;
  double scale_;
  Seconds advanced_ = 0;
};

Seconds system_time();

/// "2026-03-08T07:00:00Z" and back.
std::string iso8601(Seconds time);
/// Also takes plain seconds since 1970; nothing for other text.
std::optional<Seconds> parse_time(std::string_view text);

}  // namespace simulator
