#pragma once

#include <chrono>

namespace emporia::runtime {

/// What the calling thread has used of a processor since it began. It does not grow while the machine does other
/// things, so that it tells the work of a piece of code even on a busy one.
std::chrono::nanoseconds thread_time();

}  // namespace emporia::runtime
