#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/clock.hpp"

namespace simulator {

/// Microwatt-minutes: whole numbers, so that minutes add up to hours and years without a rounding error. What a pattern
/// yields is divisible by 6, so that a load splits over two or three legs without a rest.
using Energy = std::int64_t;
constexpr Energy kPerWattMinute = 1'000'000;
constexpr Energy kSplit = 6;
double watt_hours(Energy energy);
/// Rounded to what splits.
Energy split_evenly(double microwatt_minutes);

using MinuteRow = std::array<Energy, 60>;

/// What a load does in one hour: a level that may slope, noise that adds up to nothing, and bursts. Hence the hour's
/// sum costs no walk through its minutes, and is exactly their sum.
struct HourPlan {
  struct Burst {
    int start = 0;
    int minutes = 0;
    Energy level = 0;
  };
  Energy level = 0;
  /// Added 2m+1 times in minute m.
  Energy half_step = 0;
  Energy noise = 0;
  std::uint64_t noise_key = 0;
  int bursts = 0;
  std::array<Burst, 8> burst{};

  void add_burst(int start, int minutes, double watts);
  Energy total() const;
  void minutes(MinuteRow& row) const;
};

/// One load at one hour; everything a pattern may depend on, so that the same question always has the same answer.
struct Moment {
  std::uint64_t key = 0;  // of this load, from seed, device and channel
  Seconds hour = 0;       // hours since 1970
  Seconds local_day = 0;
  int local_hour = 0;
  double power_w = 0;
  double latitude = 0;
};

/// A kind of load. Generation yields positive numbers; `generates` tells whoever adds up to subtract them.
struct Pattern {
  std::string_view name;
  double default_power_w = 0;
  void (*plan)(const Moment& moment, HourPlan& plan) = nullptr;
  bool generates = false;
  std::string_view what;
};
const std::vector<Pattern>& patterns();
/// Null for a name that is not in the table.
const Pattern* find_pattern(std::string_view name);

std::uint64_t mix(std::uint64_t a, std::uint64_t b);
std::uint64_t hash_text(std::string_view text);
/// 0 up to 1, of a key and a number that tells uses apart.
double chance(std::uint64_t key, std::uint64_t use);

}  // namespace simulator
