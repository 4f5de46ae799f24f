#pragma once

#include <cmath>
#include <cstdint>

namespace emporia::ledger {

/// Energy in millionths of a watt-hour. Sums of whole numbers are the same in any order and can be taken apart again
/// without a rest; sums of doubles are neither, and counters would drift with every revision.
using MicroWh = std::int64_t;

/// What a bucket claims beyond this is no measurement: a thousand homes at full load draw less.
inline constexpr double kMostWhInABucket = 1e8;

/// A bucket's value can be booked: it is a number, and one that can be believed.
inline bool is_bookable(double energy_wh) {
  return std::isfinite(energy_wh) && std::fabs(energy_wh) <= kMostWhInABucket;
}
inline MicroWh to_micro_wh(double energy_wh) {
  return std::llround(energy_wh * 1e6);
}
constexpr double to_wh(MicroWh energy) {
  return static_cast<double>(energy) / 1e6;
}

/// Energy by sign, neither ever negative in a sum; a difference of sums may be.
struct Sums {
  MicroWh positive = 0;
  MicroWh negative = 0;
  void add(MicroWh energy) { (energy < 0 ? negative : positive) += energy < 0 ? -energy : energy; }
  void take_away(MicroWh energy) { (energy < 0 ? negative : positive) -= energy < 0 ? -energy : energy; }
  friend bool operator==(const Sums&, const Sums&) = default;
};

}  // namespace emporia::ledger
