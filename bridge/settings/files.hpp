#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/result.hpp"

namespace emporia::settings {

struct FileContent {
  std::string text;
  /// Group or others may do something with it: the mode has one of the bits 077.
  bool open_to_others = false;
};

/// A whole regular file of at most `most` bytes. The error finishes the sentence "<path> ...": "does not exist".
/// A pipe or a device is refused rather than read: it could block for ever.
runtime::Result<FileContent, std::string> read_file(const std::filesystem::path& path, std::size_t most);

/// How many bytes of the text, from its beginning, are well-formed UTF-8 (RFC 3629) without NUL.
std::size_t utf8_length(std::string_view text);
inline bool is_utf8_text(std::string_view text) {
  return utf8_length(text) == text.size();
}

}  // namespace emporia::settings
