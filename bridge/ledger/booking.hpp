#pragma once

#include "ledger/usage_ledger.hpp"

namespace emporia::ledger {

/// The arithmetic of booking, apart from where it is stored: adds to `counters` what `usage` has beyond them and tells
/// what that was. Values the service does not have are skipped.
BookedSpan add_to(Counters& counters, const model::DeviceUsage& usage);

}  // namespace emporia::ledger
