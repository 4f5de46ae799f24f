#pragma once

#include <chrono>

namespace emporia::runtime {

using SteadyTime = std::chrono::steady_clock::time_point;
using SystemTime = std::chrono::system_clock::time_point;

/// One reading of both clocks. `steady` is for scheduling: it never jumps and means nothing to another process.
/// `system` is for recording: it is UTC and may jump either way. They are separate types and are never mixed.
struct Now {
  SteadyTime steady;
  SystemTime system;
};

/// The one place that reads the clocks. The loop calls it once a turn; everything else is handed the result.
/// Any thread may call.
Now read_clock();

/// How long the machine has been up, the time included in which it slept, when `steady` may stand still: for what has
/// to be over by then whatever happened. Any thread may call.
std::chrono::nanoseconds time_since_boot();

/// A deadline that never comes; the idle answer of every next_deadline().
inline constexpr SteadyTime kNever = SteadyTime::max();

}  // namespace emporia::runtime
