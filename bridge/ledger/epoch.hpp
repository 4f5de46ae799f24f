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

}  // namespace emporia::ledger
