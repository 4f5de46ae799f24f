#include "polling/rates.hpp"

#include <algorithm>
#include <cmath>

namespace emporia::polling {
namespace {

using namespace std::chrono_literals;

struct Row {
  PollKind kind;
  const char* name;
  /// Share of the calls against the other kinds.
  double weight;
  std::chrono::seconds floor;
  std::chrono::seconds ceiling;
};

// Usage weighs most because it moves every minute; a state changes when a person or a car does. The radio's address
// of a Utility Connect hardly ever changes: it has no share and is read at its floor.
constexpr std::array<Row, kPollKinds> kRows{{
    {PollKind::inventory, "inventory", 2, 60s, 3600s},
    {PollKind::usage, "usage", 4, 60s, 3600s},
    {PollKind::outlets, "outlets", 2, 30s, 3600s},
    {PollKind::ev_chargers, "ev_chargers", 2, 30s, 3600s},
    {PollKind::batteries, "batteries", 2, 30s, 3600s},
    {PollKind::utility_connects, "utility_connects", 0, 6h, 6h},
}};

constexpr double kSecondsPerHour = 3600.0;

double calls_per_hour(std::chrono::seconds interval, unsigned calls_per_round) {
  return kSecondsPerHour / static_cast<double>(interval.count()) * calls_per_round;
}

enum class Limit { ceiling, floor };
using Open = std::array<bool, kPollKinds>;

/// Shares `left` among the open kinds; the first one that meets the limit is fixed there and closed. False when none
/// does: then all open kinds have their share.
bool fix_one(const Demand& demand, Limit limit, Open& open, Intervals& intervals, double& left) {
  double weights = 0;
  for (std::size_t i = 0; i < kPollKinds; ++i) weights += open[i] ? kRows[i].weight : 0;
  for (std::size_t i = 0; i < kPollKinds; ++i) {
    if (!open[i]) continue;
    const double calls = std::max(left, 0.0) * kRows[i].weight / weights;
    const double rounds = calls / demand.calls_per_round[i];
    const double seconds = rounds > 0 ? std::ceil(kSecondsPerHour / rounds) : 1e9;
    const std::chrono::seconds wanted{static_cast<std::int64_t>(std::min(seconds, 1e9))};
    intervals[i] = wanted;
    if (limit == Limit::ceiling ? wanted <= kRows[i].ceiling : wanted >= kRows[i].floor) continue;
    intervals[i] = limit == Limit::ceiling ? kRows[i].ceiling : kRows[i].floor;
    open[i] = false;
    left -= calls_per_hour(*intervals[i], demand.calls_per_round[i]);
    return true;
  }
  return false;
}

}  // namespace

const char* word(PollKind kind) {
  return kRows[static_cast<std::size_t>(kind)].name;
}

Intervals share_calls(const Demand& demand) {
  Intervals intervals;
  double left = demand.calls_per_hour;
  Open open{};
  for (std::size_t i = 0; i < kPollKinds; ++i) {
    if (demand.calls_per_round[i] == 0) continue;
    if (demand.configured[i] || kRows[i].weight == 0) {
      intervals[i] = demand.configured[i].value_or(kRows[i].floor);
      left -= calls_per_hour(*intervals[i], demand.calls_per_round[i]);
    } else {
      open[i] = true;
    }
  }
  // What the ceilings force comes off first, so that a kind which stops at its floor only leaves calls to the others.
  while (fix_one(demand, Limit::ceiling, open, intervals, left) ||
         fix_one(demand, Limit::floor, open, intervals, left)) {
  }
  return intervals;
}

}  // namespace emporia::polling
