#pragma once

#include <vector>

#include "ledger/micro_wh.hpp"
#include "model/energy.hpp"

namespace emporia::ledger {

/// Neighbouring buckets of one channel that had been booked and were told with other values at one time.
struct Revision {
  /// When the service told the other values.
  model::UtcSeconds when;
  model::Channel channel = 0;
  /// Start of the first bucket and end of the last one.
  model::UtcSeconds from;
  model::UtcSeconds until;
  /// What this time counted before and counts since, positive less negative.
  MicroWh before = 0;
  MicroWh after = 0;
  friend bool operator==(const Revision&, const Revision&) = default;
};

/// The newest ones that are remembered of a device.
inline constexpr std::size_t kRevisionsKept = 200;

}  // namespace emporia::ledger
