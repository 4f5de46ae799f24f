#include "runtime/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <utility>

namespace emporia::runtime {
namespace {

// Makes the waiting thread look whether it is to end. Anybody may send it: without the flag it means nothing.
constexpr int kWakeUp = SIGUSR2;

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kWakeUp}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals(std::function<void(Signal)> on_signal) {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t set = awaited();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::thread([this, set, call = std::move(on_signal)] {
    for (;;) {
      int received = 0;
      if (sigwait(&set, &received) != 0) continue;
      if (closing_) return;
      if (received == kWakeUp) continue;
      call(received == SIGHUP ? Signal::reload : Signal::stop);
    }
  });
}

Signals::~Signals() {
  closing_ = true;
  pthread_kill(waiter_.native_handle(), kWakeUp);
  waiter_.join();
}

}  // namespace emporia::runtime
