#pragma once

#include <chrono>
#include <map>
#include <utility>

#include "commands/setting.hpp"
#include "model/ids.hpp"
#include "runtime/clock.hpp"

namespace emporia::commands {

/// Holds back a setting that is changed again and again, as a dragged slider does, and no other. The first value goes
/// at once. The next one goes when a pause has passed since, or earlier when the setting has rested for half of it; the
/// pause doubles from 0.5 s to 4 s while the changes go on. So a drag of a second makes three calls, one of ten seconds
/// six, and the last value is never held for more than two seconds.
class Pacer {
 public:
  /// When a new value may go that arrives now.
  runtime::SteadyTime hold_until(const model::DeviceId& device, Setting setting, runtime::SteadyTime now) const;
  void sent(const model::DeviceId& device, Setting setting, runtime::SteadyTime now);
  /// Drops what has rested long enough to start anew.
  void forget_rested(runtime::SteadyTime now);

 private:
  struct Pace {
    runtime::SteadyTime last_sent;
    std::chrono::milliseconds pause;
  };
  std::map<std::pair<model::DeviceId, Setting>, Pace> paces_;
};

}  // namespace emporia::commands
