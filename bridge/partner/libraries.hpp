#pragma once

#include "runtime/library.hpp"

namespace emporia::partner {

/// What this room stands on.
runtime::Libraries libraries();

}  // namespace emporia::partner
