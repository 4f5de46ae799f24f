#include "app/supervision.hpp"

#include <algorithm>
#include <utility>

#include "runtime/log_line.hpp"
#include "runtime/text.hpp"

namespace emporia::app {

Supervision::Supervision(Tell tell, std::optional<std::chrono::microseconds> watchdog, runtime::Now now)
    : tell_(std::move(tell)), ready_at_latest_(now.steady + kReadyWithin) {
  if (!watchdog) return;
  // A third of what is allowed: one feed may come late and the next still in time.
  feed_every_ = *watchdog / 3;
  feed_at_ = now.steady;
}

void Supervision::on_time(bool settled, const std::string& status, runtime::Now now) {
  std::string lines;
  if (!ready_ && !stopping_ && (settled || now.steady >= ready_at_latest_)) {
    ready_ = true;
    lines += "READY=1\n";
  }
  if (!stopping_ && status != status_) {
    status_ = status;
    lines += "STATUS=" + runtime::fit_for_a_line(status) + "\n";
  }
  if (now.steady >= feed_at_) {
    feed_at_ = now.steady + *feed_every_;
    lines += "WATCHDOG=1\n";
  }
  if (!lines.empty()) tell_(lines);
}

runtime::SteadyTime Supervision::next_deadline() const {
  return ready_ || stopping_ ? feed_at_ : std::min(feed_at_, ready_at_latest_);
}

void Supervision::reloading(runtime::Now now) {
  // steady_clock is CLOCK_MONOTONIC on Linux, as MONOTONIC_USEC wants it.
  const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(now.steady.time_since_epoch());
  tell_(runtime::concat("RELOADING=1\nMONOTONIC_USEC=", since_boot.count(), "\n"));
}

void Supervision::reloaded() {
  ready_ = true;
  tell_("READY=1\n");
}

void Supervision::stopping() {
  if (std::exchange(stopping_, true)) return;
  tell_("STOPPING=1\nSTATUS=saying goodbye to the broker\n");
}

}  // namespace emporia::app
