#pragma once

#include <string>
#include <vector>

namespace emporia::runtime {

/// A library a room stands on, for --version. The version is the running library's where it tells, else that of the
/// headers.
struct Library {
  std::string name;
  std::string version;
};
using Libraries = std::vector<Library>;

/// What this room stands on.
Libraries libraries();

}  // namespace emporia::runtime
