#pragma once

#include "runtime/library.hpp"

namespace emporia::mqtt {

/// What this room stands on.
runtime::Libraries libraries();

}  // namespace emporia::mqtt
