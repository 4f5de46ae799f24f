#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/result.hpp"

namespace emporia::cli {

/// A device as a person may call it on the command line.
struct NamedDevice {
  std::string id;
  /// As it is shown: never empty.
  std::string name;
};

/// The device that is meant: by its whole id or name, whatever the case, or by a beginning that only one of them has.
/// Else a sentence with what is near or what there is.
runtime::Result<NamedDevice, std::string> which_device(const std::vector<NamedDevice>& devices, std::string_view typed);

}  // namespace emporia::cli
