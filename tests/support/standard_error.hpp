#pragma once

#include <functional>
#include <string>

namespace emporia::support {

/// What standard error got while `say` ran. No other thread may write to it meanwhile.
std::string standard_error_of(const std::function<void()>& say);

}  // namespace emporia::support
