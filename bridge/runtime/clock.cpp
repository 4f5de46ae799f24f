#include "runtime/clock.hpp"

#include <time.h>

#include "runtime/thread_time.hpp"

namespace emporia::runtime {

Now read_clock() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

std::chrono::nanoseconds thread_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace emporia::runtime
