#pragma once

#include "runtime/library.hpp"

namespace emporia::ledger {

/// What this room stands on.
runtime::Libraries libraries();

}  // namespace emporia::ledger
