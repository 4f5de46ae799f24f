#pragma once

#include <chrono>
#include <thread>

#include "runtime/mutex.hpp"

namespace emporia::runtime {

/// Sees to it that a start comes to its end, and that an end that was asked for comes. A library may hang when it gets
/// no thread or no memory, or while it is taken down, for instance in a name look-up that nobody answers; when all that
/// matters is stored there is no reason to wait for it. It has its thread from the beginning, because later there may
/// be none. Its limits are about how slow the machine is: they go by a timer of the kernel's, also where the program's
/// own clock goes faster, as in tests. Any thread may call.
class LastResort {
 public:
  /// Throws std::system_error when there is no thread or no timer.
  LastResort();
  /// Nothing is left to be waited for: the process ends as usual.
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

  /// Ends the process with `code` and says why unless started() is called within `limit`.
  void start_within(std::chrono::milliseconds limit, int code);
  void started();
  /// Ends the process with `code`, without destructors, unless this object is gone within `limit`. Only the first call
  /// counts.
  void end_within(std::chrono::milliseconds limit, int code);

 private:
  enum class Phase { idle, starting, ending, closing };

  void watch();
  /// Zero: no limit.
  void set(std::chrono::milliseconds limit) E2M_REQUIRES(mutex_);

  int timer_;
  Mutex mutex_;
  Phase phase_ E2M_GUARDED_BY(mutex_) = Phase::idle;
  int code_ E2M_GUARDED_BY(mutex_) = 0;
  std::thread waiter_;
};

}  // namespace emporia::runtime
