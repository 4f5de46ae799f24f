#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace emporia::runtime {

enum class Signal { stop, reload };

/// What a second SIGTERM or SIGINT means: a call like the first one, or that somebody has waited long enough. Then the
/// process ends at once, by that signal.
enum class SecondStop { is_told, ends_at_once };

/// Turns SIGTERM and SIGINT (stop) and SIGHUP (reload) into calls of `on_signal` on a thread of its own. Ignores
/// SIGPIPE, which the network libraries can raise, and SIGXFSZ, so that a limit on the size of files fails the write
/// alone. Must be made before any other thread starts, because threads inherit the blocked signals; the destructor ends
/// the thread.
class Signals {
 public:
  explicit Signals(std::function<void(Signal)> on_signal, SecondStop second = SecondStop::is_told);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  std::atomic<bool> closing_ = false;
  std::thread waiter_;
};

}  // namespace emporia::runtime
