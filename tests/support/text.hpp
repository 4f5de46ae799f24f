#pragma once

#include <string>

namespace emporia::support {

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace emporia::support
