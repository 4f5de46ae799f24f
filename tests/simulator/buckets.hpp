#pragma once

#include "simulator/behaviour.hpp"
#include "simulator/timezone.hpp"

namespace simulator {

/// The contract's numbers.
enum class Scale { minutes, fifteen_minutes, hours, days, weeks, months, years };
constexpr int kScales = 7;

/// Finds the buckets of one device at one scale: UTC-aligned up to Hours, by the local calendar from Days on.
class Buckets {
 public:
  Buckets(Scale scale, const Timezone& zone, const Behaviour& behaviour, unsigned billing_day);
  /// Start of the bucket that holds `time`.
  Seconds start_of(Seconds time) const;
  /// Start of the one after the bucket that starts at `start`.
  Seconds next(Seconds start) const;
  bool by_calendar() const { return scale_ >= Scale::days; }
  /// Width for Minutes, FifteenMinutes and Hours.
  Seconds width() const;

 private:
  Seconds local_start(Seconds local_day) const;
  const Scale scale_;
  const Timezone& zone_;
  unsigned first_weekday_;
  unsigned month_day_;
};

}  // namespace simulator
