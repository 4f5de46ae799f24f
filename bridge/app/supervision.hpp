#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "runtime/clock.hpp"

namespace emporia::app {

/// What the service manager is told, by the lines of sd_notify(3), and when. Belongs to the loop's thread: it is fed by
/// the loop alone, so that a loop that is stuck is noticed.
class Supervision {
 public:
  /// Ready at the latest after this: a machine that boots without its broker or network has not failed to start.
  static constexpr std::chrono::seconds kReadyWithin{10};

  using Tell = std::function<void(const std::string&)>;
  /// `watchdog` is how long the service manager waits for a sign of life; nothing where it does not.
  Supervision(Tell tell, std::optional<std::chrono::microseconds> watchdog, runtime::Now now);

  /// Once a turn of the loop. `settled`: as Bridge::settled().
  void on_time(bool settled, const std::string& status, runtime::Now now);
  runtime::SteadyTime next_deadline() const;

  /// The configuration is about to be read again.
  void reloading(runtime::Now now);
  /// It has been, whatever came of it.
  void reloaded();
  /// The end has begun.
  void stopping();

 private:
  Tell tell_;
  std::optional<std::chrono::microseconds> feed_every_;
  runtime::SteadyTime feed_at_ = runtime::kNever;
  runtime::SteadyTime ready_at_latest_;
  bool ready_ = false;
  bool stopping_ = false;
  std::string status_;
};

}  // namespace emporia::app
