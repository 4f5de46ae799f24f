#pragma once

#include <string>

namespace emporia::support {

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What stands at the end of a log.
inline std::string last_lines(const std::string& text, unsigned lines) {
  std::size_t at = text.size();
  for (; lines > 0 && at != 0 && at != std::string::npos; --lines) at = text.rfind('\n', at - 1);
  return at == std::string::npos ? text : text.substr(at);
}

}  // namespace emporia::support
