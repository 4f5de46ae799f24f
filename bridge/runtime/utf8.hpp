#pragma once

#include <cstddef>
#include <string_view>

namespace emporia::runtime {

/// How many bytes of the text, from its beginning, are well-formed UTF-8 (RFC 3629) without NUL.
std::size_t utf8_length(std::string_view text);
inline bool is_utf8_text(std::string_view text) {
  return utf8_length(text) == text.size();
}

}  // namespace emporia::runtime
