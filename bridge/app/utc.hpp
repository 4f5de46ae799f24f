#pragma once

#include <chrono>

#include "model/energy.hpp"
#include "runtime/clock.hpp"

namespace emporia::app {

/// The time of day in whole seconds, as the model records it.
inline model::UtcSeconds utc(const runtime::Now& now) {
  return std::chrono::floor<std::chrono::seconds>(now.system);
}

}  // namespace emporia::app
