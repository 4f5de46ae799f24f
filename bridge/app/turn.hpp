#pragma once

#include <algorithm>
#include <chrono>

#include "runtime/clock.hpp"
#include "runtime/thread_time.hpp"

namespace emporia::app {

/// So long a turn takes events: of a burst, such as what a broker replays of a fleet, the rest waits until what else is
/// due has had its turn.
inline constexpr std::chrono::milliseconds kEventsFor{10};

/// How long a turn of the loop has kept it from the next event: by the clock, and of that its own work.
struct Turn {
  std::chrono::nanoseconds lasted{0};
  std::chrono::nanoseconds worked{0};
};

/// The longest of several, each measure for itself.
inline Turn longest(const Turn& a, const Turn& b) {
  return {std::max(a.lasted, b.lasted), std::max(a.worked, b.worked)};
}

/// Measures one turn, from its making on; on the loop's thread.
class TurnWatch {
 public:
  TurnWatch() : began_(runtime::read_clock().steady), worked_before_(runtime::thread_time()) {}
  /// Cheap enough to be asked at every event, which the processor's time is not.
  std::chrono::nanoseconds lasted() const { return runtime::read_clock().steady - began_; }
  Turn so_far() const { return {lasted(), runtime::thread_time() - worked_before_}; }

 private:
  runtime::SteadyTime began_;
  std::chrono::nanoseconds worked_before_;
};

}  // namespace emporia::app
