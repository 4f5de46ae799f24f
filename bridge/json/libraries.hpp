#pragma once

#include "runtime/library.hpp"

namespace emporia::json {

/// What this room stands on.
runtime::Libraries libraries();

}  // namespace emporia::json
