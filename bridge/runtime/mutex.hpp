#pragma once

#include <condition_variable>
#include <mutex>

#include "runtime/clock.hpp"

// clang checks at compile time what these say (-Wthread-safety); other compilers pass over them.
#ifdef __clang__
#define E2M_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define E2M_THREAD_SAFETY(attribute)
#endif
/// Of a member: it is touched only while that mutex is held.
#define E2M_GUARDED_BY(mutex) E2M_THREAD_SAFETY(guarded_by(mutex))
/// Of a function: its caller holds that mutex.
#define E2M_REQUIRES(mutex) E2M_THREAD_SAFETY(requires_capability(mutex))

namespace emporia::runtime {

/// A mutex that the compiler knows to guard something; held by a Lock alone.
class E2M_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

 private:
  friend class Lock;
  std::mutex mutex_;
};

/// Holds a mutex as long as it lives.
class E2M_THREAD_SAFETY(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) E2M_THREAD_SAFETY(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~Lock() E2M_THREAD_SAFETY(release_capability()) = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

/// What a thread waits for while it holds a lock, which is free meanwhile. The caller asks in a loop whether it has
/// come, because waiting may end without: a condition in a function of its own would be read without the lock as far as
/// the compiler can tell.
class Condition {
 public:
  void wait(Lock& lock) { changed_.wait(lock.lock_); }
  /// False when the deadline has come.
  bool wait_until(Lock& lock, SteadyTime deadline) {
    if (deadline != kNever) return changed_.wait_until(lock.lock_, deadline) == std::cv_status::no_timeout;
    wait(lock);
    return true;
  }
  void notify_one() { changed_.notify_one(); }

 private:
  std::condition_variable changed_;
};

}  // namespace emporia::runtime
