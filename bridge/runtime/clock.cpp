#include "runtime/clock.hpp"

#include <time.h>

#include "runtime/thread_time.hpp"

namespace emporia::runtime {

Now read_clock() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

std::chrono::nanoseconds time_since_boot() {
  timespec up{};
  clock_gettime(CLOCK_BOOTTIME, &up);
  return std::chrono::seconds{up.tv_sec} + std::chrono::nanoseconds{up.tv_nsec};
}

std::chrono::nanoseconds thread_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace emporia::runtime
