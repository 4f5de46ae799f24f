#include "runtime/last_resort.hpp"

#include <pthread.h>
#include <signal.h>
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

LastResort::LastResort() {
  // A thread that takes signals as they come would end the program at the first SIGTERM, before Signals hears of it.
  const SignalsBlocked blocked;
  waiter_ = std::thread([this] { watch(); });
}

LastResort::~LastResort() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  waiter_.join();
}

void LastResort::watch() {
  Lock lock(mutex_);
  while (!closing_) {
    if (read_clock().steady < deadline_) {
      changed_.wait_until(lock, deadline_);
    } else if (ending_) {
      log_warning("runtime", "some part of the program does not end in time; it is not waited for");
      _exit(code_);
    } else {
      log_error("runtime", "the start hangs: let the bridge have more memory and more threads");
      _exit(code_);
    }
  }
}

void LastResort::set(SteadyTime deadline, int code) {
  deadline_ = deadline;
  code_ = code;
  changed_.notify_one();
}

void LastResort::start_within(std::chrono::milliseconds limit, int code) {
  const Lock lock(mutex_);
  if (!ending_) set(read_clock().steady + limit, code);
}

void LastResort::started() {
  const Lock lock(mutex_);
  if (!ending_) set(kNever, 0);
}

void LastResort::end_within(std::chrono::milliseconds limit, int code) {
  const Lock lock(mutex_);
  if (ending_) return;
  ending_ = true;
  set(read_clock().steady + limit, code);
}

}  // namespace emporia::runtime
