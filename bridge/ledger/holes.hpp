#pragma once

#include <vector>

#include "ledger/account.hpp"
#include "ledger/shelf.hpp"

namespace emporia::ledger {

/// The hours of a device between two times in which values are missing, oldest first, at most `most`: as
/// UsageLedger::holes() tells them.
std::vector<Hole> holes_of(Shelf& shelf, const Account& account, model::UtcSeconds from, model::UtcSeconds until,
                           std::size_t most);

}  // namespace emporia::ledger
