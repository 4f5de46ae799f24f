#pragma once

#include <optional>
#include <string>

#include "ledger/usage_ledger.hpp"

namespace emporia::ledger {

/// Whether a booking can have made it. Of others no arithmetic is safe.
bool is_believable(model::Channel channel, const Counter& counter);

/// The counters of a device, some twenty bytes each. They are written together: a booking changes nearly all of them,
/// and a row for each took nearly half the work of a fleet's bookings.
std::string to_bytes(const Counters& counters);
/// Nothing when the bytes are not from to_bytes(), or hold what no booking can have made.
std::optional<Counters> counters_from_bytes(const std::string& bytes);

}  // namespace emporia::ledger
