#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/result.hpp"
#include "runtime/utf8.hpp"

namespace emporia::settings {

struct FileContent {
  std::string text;
  /// Group or others may do something with it: the mode has one of the bits 077.
  bool open_to_others = false;
};

/// A whole regular file of at most `most` bytes. The error finishes the sentence "<path> ...": "does not exist".
/// A pipe or a device is refused rather than read: it could block for ever.
runtime::Result<FileContent, std::string> read_file(const std::filesystem::path& path, std::size_t most);

using runtime::is_utf8_text;
using runtime::utf8_length;

}  // namespace emporia::settings
