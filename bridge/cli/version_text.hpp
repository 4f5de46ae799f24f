#pragma once

#include <string>

namespace emporia::cli {

/// What --version prints, without its last line's end: the version, the commit it was built from ("unknown" outside
/// git), and the libraries, a line each. `cli11` is the version of the library that only arguments.cpp sees.
std::string version_text(const std::string& cli11);

}  // namespace emporia::cli
