#pragma once

#include <utility>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/mutex.hpp"

namespace emporia::runtime {

/// The door through which other threads reach the loop: they post values, the loop takes them. It holds the only mutex
/// that guards state of ours, and nothing runs while it is locked.
template <typename Event>
class Inbox {
 public:
  /// Any thread may call; never blocks for longer than another post.
  void post(Event event) {
    {
      const Lock lock(mutex_);
      events_.push_back(std::move(event));
    }
    arrived_.notify_one();
  }

  /// Everything posted so far in order of posting; waits until there is something or the deadline has come, and is
  /// empty then. Only the loop's thread may call.
  std::vector<Event> take_until(SteadyTime deadline) {
    Lock lock(mutex_);
    while (events_.empty() && arrived_.wait_until(lock, deadline)) continue;
    return std::exchange(events_, {});
  }

 private:
  Mutex mutex_;
  Condition arrived_;
  std::vector<Event> events_ E2M_GUARDED_BY(mutex_);
};

}  // namespace emporia::runtime
