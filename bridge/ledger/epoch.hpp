#pragma once

#include <chrono>
#include <cstdint>

#include "model/energy.hpp"

namespace emporia::ledger {

// A moment as the ledger's file holds it: seconds since 1970, UTC.
inline std::int64_t epoch(model::UtcSeconds time) {
  return time.time_since_epoch().count();
}
inline model::UtcSeconds from_epoch(std::int64_t seconds) {
  return model::UtcSeconds{std::chrono::seconds{seconds}};
}

/// Hours are numbered in 24 bits there, which last until 3883.
inline constexpr std::int64_t kHoursOfTime = 1 << 24;
inline constexpr model::UtcSeconds kEndOfTime{std::chrono::hours{kHoursOfTime}};

/// Seconds that the file may hold as a moment.
inline bool is_time(std::int64_t seconds) {
  return seconds >= 0 && seconds <= epoch(kEndOfTime);
}

}  // namespace emporia::ledger
