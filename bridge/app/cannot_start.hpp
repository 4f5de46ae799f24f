#pragma once

#include <stdexcept>
#include <string>

#include "app/exit_code.hpp"

namespace emporia::app {

/// Why the bridge does not even start: a sentence for people, and how the process ends.
class CannotStart : public std::runtime_error {
 public:
  CannotStart(ExitCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace emporia::app
