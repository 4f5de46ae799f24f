#include "runtime/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>
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

[[noreturn]] void end_by(int number) {
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  raise(number);
  _exit(128 + number);
}

}  // namespace

Signals::Signals(std::function<void(Signal)> on_signal, SecondStop second) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  const sigset_t set = awaited();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::thread([this, set, second, call = std::move(on_signal)] {
    bool stopping = false;
    for (;;) {
      int received = 0;
      if (sigwait(&set, &received) != 0) continue;
      if (closing_) return;
      if (received == kWakeUp) continue;
      const bool stop = received != SIGHUP;
      if (stop && stopping && second == SecondStop::ends_at_once) end_by(received);
      stopping = stopping || stop;
      call(stop ? Signal::stop : Signal::reload);
    }
  });
}

Signals::~Signals() {
  closing_ = true;
  pthread_kill(waiter_.native_handle(), kWakeUp);
  waiter_.join();
}

}  // namespace emporia::runtime
