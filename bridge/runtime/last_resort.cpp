#include "runtime/last_resort.hpp"

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <pthread.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

#include "runtime/log.hpp"

namespace emporia::runtime {
namespace {

/// No signal for this thread, nor for those that it makes, as long as it lives.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

LastResort::LastResort() : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
  if (timer_ < 0) throw std::system_error(errno, std::generic_category(), "no timer");
  // A thread that takes signals as they come would end the program at the first SIGTERM, before Signals hears of it.
  const SignalsBlocked blocked;
  waiter_ = std::thread([this] { watch(); });
}

LastResort::~LastResort() {
  {
    const Lock lock(mutex_);
    phase_ = Phase::closing;
    set(std::chrono::milliseconds{1});
  }
  waiter_.join();
  close(timer_);
}

void LastResort::watch() {
  for (;;) {
    std::uint64_t expirations = 0;
    const bool expired = read(timer_, &expirations, sizeof expirations) == sizeof expirations;
    const Lock lock(mutex_);
    if (phase_ == Phase::closing) return;
    // It may have been set anew just after it had expired.
    itimerspec left{};
    const bool set_anew =
        timerfd_gettime(timer_, &left) == 0 && (left.it_value.tv_sec > 0 || left.it_value.tv_nsec > 0);
    if (!expired || set_anew || phase_ == Phase::idle) continue;
    if (phase_ == Phase::ending) {
      log_warning("runtime", "some part of the program does not end in time; it is not waited for");
    } else {
      log_error("runtime", "the start hangs: let the bridge have more memory and more threads");
    }
    _exit(code_);
  }
}

void LastResort::set(std::chrono::milliseconds limit) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
  itimerspec time{};
  // Of 32 bits on a 32-bit Debian 12, which limits of seconds and minutes fit.
  time.it_value.tv_sec = static_cast<std::time_t>(seconds.count());
  time.it_value.tv_nsec = static_cast<long>(std::chrono::nanoseconds(limit - seconds).count());
  timerfd_settime(timer_, 0, &time, nullptr);
}

void LastResort::start_within(std::chrono::milliseconds limit, int code) {
  const Lock lock(mutex_);
  if (phase_ == Phase::ending) return;
  phase_ = Phase::starting;
  code_ = code;
  set(limit);
}

void LastResort::started() {
  const Lock lock(mutex_);
  if (phase_ == Phase::ending) return;
  phase_ = Phase::idle;
  set({});
}

void LastResort::end_within(std::chrono::milliseconds limit, int code) {
  const Lock lock(mutex_);
  if (phase_ == Phase::ending) return;
  phase_ = Phase::ending;
  code_ = code;
  set(limit);
}

}  // namespace emporia::runtime
