#include "bridge/statistics.hpp"

namespace emporia::tests {

using namespace std::chrono_literals;

void Statistics::record(std::optional<double> state, model::UtcSeconds at) {
  if (!state || *state < 0) return;
  const model::UtcSeconds row = at - at.time_since_epoch() % 5min;
  if (!last_) {
    first_ = last_ = state;
    five_minutes_[row] += 0;
    return;
  }
  double growth = *state - *last_;
  if (*state < 0.9 * *last_) {
    ++resets_;
    growth = *state;
  } else if (growth < 0) {
    ++dips_;
  }
  last_ = state;
  sum_ += growth;
  five_minutes_[row] += growth;
}

std::map<model::UtcSeconds, double> Statistics::hours() const {
  std::map<model::UtcSeconds, double> hours;
  for (const auto& [row, growth] : five_minutes_) hours[model::bucket_start(row, model::Scale::hours)] += growth;
  return hours;
}

}  // namespace emporia::tests
