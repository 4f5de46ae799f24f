#pragma once

#include "runtime/library.hpp"

namespace emporia::settings {

/// What this room stands on.
runtime::Libraries libraries();

}  // namespace emporia::settings
