#pragma once

#include <map>
#include <optional>

#include "model/energy.hpp"

namespace emporia::tests {

/// The long-term statistics that Home Assistant's recorder compiles for one `total_increasing` sensor, by the rules of
/// its 5-minute and hourly rows: the first number is the zero point; what is not a number is passed over; a number
/// below nine tenths of the one before is a meter that was reset and counts in full from zero; a smaller fall is a dip
/// and is taken off; a negative number is passed over. Sums go on across its restarts.
class Statistics {
 public:
  /// A state as it is recorded; the time of recording decides the row.
  void record(std::optional<double> state, model::UtcSeconds at);

  /// What each 5 minutes and each hour in which something was recorded added to the sum.
  const std::map<model::UtcSeconds, double>& five_minutes() const { return five_minutes_; }
  std::map<model::UtcSeconds, double> hours() const;
  double sum() const { return sum_; }
  unsigned resets() const { return resets_; }
  unsigned dips() const { return dips_; }
  const std::optional<double>& first() const { return first_; }
  const std::optional<double>& last() const { return last_; }

 private:
  std::optional<double> first_;
  std::optional<double> last_;
  std::map<model::UtcSeconds, double> five_minutes_;
  double sum_ = 0;
  unsigned resets_ = 0;
  unsigned dips_ = 0;
};

}  // namespace emporia::tests
