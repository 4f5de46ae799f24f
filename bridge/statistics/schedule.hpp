#pragma once

#include "runtime/backoff.hpp"
#include "runtime/clock.hpp"

namespace emporia::statistics {

/// When to bring hours to Home Assistant: once in each hour of the clock, as soon as everybody has the hour before, or
/// at ten to the next; after a failure again with growing pauses. Pure.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed);

  /// `caught_up`: what is being measured is known up to the hour that has begun.
  bool may_begin(bool caught_up, runtime::Now now) const;
  void began(runtime::Now now);
  void failed(runtime::Now now);
  /// As failed(), where asking again soon would do harm: Home Assistant may ban who comes with a wrong token.
  void refused(runtime::Now now);
  void succeeded();
  /// When to look again though nothing was booked.
  runtime::SteadyTime next_deadline(runtime::Now now) const;

 private:
  std::int64_t done_in_ = -1;
  runtime::SteadyTime again_at_ = runtime::kNever;
  runtime::Backoff backoff_;
};

}  // namespace emporia::statistics
