#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace emporia::runtime {

enum class Signal { stop, reload };

/// Turns SIGTERM and SIGINT (stop) and SIGHUP (reload) into calls of `on_signal` on a thread of its own, and ignores
/// SIGPIPE, which the network libraries can raise. Must be made before any other thread starts, because threads inherit
/// the blocked signals; the destructor ends the thread.
class Signals {
 public:
  explicit Signals(std::function<void(Signal)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  std::atomic<bool> closing_ = false;
  std::thread waiter_;
};

}  // namespace emporia::runtime
