#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/clock.hpp"

namespace emporia::runtime {

/// The door through which other threads reach the loop: they post values, the loop takes them. It holds the only mutex
/// that guards state of ours, and nothing runs while it is locked.
template <typename Event>
class Inbox {
 public:
  /// Any thread may call; never blocks for longer than another post.
  void post(Event event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    arrived_.notify_one();
  }

  /// Everything posted so far in order of posting; waits until there is something or the deadline has come, and is
  /// empty then. Only the loop's thread may call.
  std::vector<Event> take_until(SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    const auto something = [this] { return !events_.empty(); };
    if (deadline == kNever) {
      arrived_.wait(lock, something);
    } else {
      arrived_.wait_until(lock, deadline, something);
    }
    return std::exchange(events_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Event> events_;
};

}  // namespace emporia::runtime
