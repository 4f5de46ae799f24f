#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/home.hpp"
#include "runtime/result.hpp"

namespace emporia::app {

/// The device that a person means: by its id, by the id as it stands in topics, or by its name in any case where only
/// one device bears it. `names` are those of the configuration, by id. The error is a sentence with what to do. The
/// pointer lives as long as the home stands unchanged.
runtime::Result<const model::DevicePicture*, std::string> named_device(const model::Home& home,
                                                                       const std::map<std::string, std::string>& names,
                                                                       std::string_view typed);

}  // namespace emporia::app
