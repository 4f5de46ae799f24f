// Loaded into a program before the C library: its clocks go as the page says that E2M_FAKE_CLOCK names, and so do its
// waits, which all end in one of the functions below. Debian 12's libfaketime knows neither pthread_cond_clockwait(),
// in which the C++ library waits, nor the futex calls of abseil, in which gRPC does.
#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/fake_clock_page.hpp"

namespace {

using emporia::support::ClockPage;

constexpr std::int64_t kSecond = 1'000'000'000;

template <typename Function>
Function real(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

const ClockPage* page() {
  static const ClockPage* const mapped = [] {
    const char* path = std::getenv(ClockPage::kVariable);
    const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void* const memory = fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof(ClockPage), PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    if (memory == MAP_FAILED) std::abort();
    return static_cast<const ClockPage*>(memory);
  }();
  return mapped;
}

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}
timespec timespec_of(std::int64_t nanoseconds) {
  return {nanoseconds / kSecond, nanoseconds % kSecond};
}

std::int64_t real_now() {
  static const auto call = real(&clock_gettime, "clock_gettime");
  timespec now{};
  call(CLOCK_MONOTONIC, &now);
  return nanoseconds(now);
}

bool is_system(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}
std::int64_t fake_now(bool system) {
  return system ? page()->system(real_now()) : page()->monotonic(real_now());
}
/// A moment of one of the program's clocks as one of CLOCK_MONOTONIC.
timespec real_moment(std::int64_t fake, bool system) {
  return timespec_of(real_now() + std::max<std::int64_t>(0, fake - fake_now(system)) / page()->rate);
}
/// Rounded up, so that nobody spins.
int real_milliseconds(int fake) {
  return fake <= 0 ? fake : static_cast<int>((fake + page()->rate - 1) / page()->rate);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  static const auto call = real(&clock_gettime, "clock_gettime");
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
      *time = timespec_of(fake_now(is_system(clock)));
      return 0;
    default:
      return call(clock, time);
  }
}

int gettimeofday(timeval* time, void*) {
  const timespec now = timespec_of(fake_now(true));
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* result) {
  const time_t now = fake_now(true) / kSecond;
  if (result != nullptr) *result = now;
  return now;
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  static const auto call = real(&pthread_cond_clockwait, "pthread_cond_clockwait");
  const timespec moment = real_moment(nanoseconds(*until), is_system(clock));
  return call(condition, mutex, CLOCK_MONOTONIC, &moment);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  // Which clock the condition was made for cannot be asked; the two are decades apart.
  const std::int64_t moment = nanoseconds(*until);
  const bool system = std::llabs(moment - fake_now(true)) < std::llabs(moment - fake_now(false));
  return pthread_cond_clockwait(condition, mutex, system ? CLOCK_REALTIME : CLOCK_MONOTONIC, until);
}

int poll(pollfd* fds, nfds_t count, int timeout) {
  static const auto call = real(&poll, "poll");
  return call(fds, count, real_milliseconds(timeout));
}

int epoll_wait(int epoll, epoll_event* events, int count, int timeout) {
  static const auto call = real(&epoll_wait, "epoll_wait");
  return call(epoll, events, count, real_milliseconds(timeout));
}

int select(int count, fd_set* to_read, fd_set* to_write, fd_set* odd, timeval* timeout) {
  static const auto call = real(&select, "select");
  if (timeout == nullptr) return call(count, to_read, to_write, odd, nullptr);
  const timespec wait =
      timespec_of((timeout->tv_sec * kSecond + timeout->tv_usec * 1000 + page()->rate - 1) / page()->rate);
  timeval shorter{wait.tv_sec, (wait.tv_nsec + 999) / 1000};
  return call(count, to_read, to_write, odd, &shorter);
}

int nanosleep(const timespec* wait, timespec* rest) {
  static const auto call = real(&nanosleep, "nanosleep");
  const timespec shorter = timespec_of(nanoseconds(*wait) / page()->rate);
  return call(&shorter, rest);
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* wait, timespec* rest) {
  const bool absolute = (flags & TIMER_ABSTIME) != 0;
  const timespec left =
      absolute ? timespec_of(std::max<std::int64_t>(0, nanoseconds(*wait) - fake_now(is_system(clock)))) : *wait;
  return nanosleep(&left, rest) == 0 ? 0 : errno;
}

int usleep(useconds_t microseconds) {
  const timespec wait = timespec_of(static_cast<std::int64_t>(microseconds) * 1000);
  return nanosleep(&wait, nullptr);
}

unsigned sleep(unsigned seconds) {
  const timespec wait{static_cast<time_t>(seconds), 0};
  return nanosleep(&wait, nullptr) == 0 ? 0 : 1;
}

long syscall(long number, ...) noexcept {
  static const auto call =
      reinterpret_cast<long (*)(long, long, long, long, long, long, long)>(dlsym(RTLD_NEXT, "syscall"));
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& argument : a) argument = va_arg(list, long);
  va_end(list);
  const long command = a[1] & FUTEX_CMD_MASK;
  const auto* const until = reinterpret_cast<const timespec*>(a[3]);
  timespec moment{};
  if (number == SYS_futex && until != nullptr && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET)) {
    if (command == FUTEX_WAIT) {
      moment = timespec_of(nanoseconds(*until) / page()->rate);
    } else {
      moment = real_moment(nanoseconds(*until), (a[1] & FUTEX_CLOCK_REALTIME) != 0);
      a[1] &= ~static_cast<long>(FUTEX_CLOCK_REALTIME);
    }
    a[3] = reinterpret_cast<long>(&moment);
  }
  return call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

}  // extern "C"
