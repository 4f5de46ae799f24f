#pragma once

#include <atomic>
#include <cstdint>

namespace emporia::support {

/// What a test shares with the programs it starts: how their clocks go. In nanoseconds.
struct ClockPage {
  static constexpr const char* kVariable = "E2M_FAKE_CLOCK";

  /// How many of the program's seconds pass in a real one.
  std::int64_t rate = 1;
  /// CLOCK_MONOTONIC when the page was made; both clocks of the program begin there.
  std::int64_t real_base = 0;
  /// The program's UTC at that moment.
  std::int64_t system_base = 0;
  /// How far its UTC has been set since.
  std::atomic<std::int64_t> system_offset{0};

  std::int64_t monotonic(std::int64_t real) const { return real_base + (real - real_base) * rate; }
  std::int64_t system(std::int64_t real) const { return system_base + (real - real_base) * rate + system_offset; }
};

}  // namespace emporia::support
