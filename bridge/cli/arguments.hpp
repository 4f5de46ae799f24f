#pragma once

#include <optional>
#include <string>
#include <variant>

#include "app/exit_code.hpp"

namespace emporia::cli {

/// What the program was asked to do.
struct Run {
  std::string config;
};
struct CheckConfig {
  std::string config;
  /// Print the settings in force, without secrets.
  bool show = false;
};
struct Watch {
  std::string config;
  /// End after the first complete picture.
  bool once = false;
  /// With `once`: how long to wait for it.
  int timeout_s = 60;
};
using Command = std::variant<Run, CheckConfig, Watch>;

/// A command, or how to end at once: help and version have been printed, or a mistake and its remedy.
using Parsed = std::variant<Command, app::ExitCode>;
Parsed parse_arguments(int argc, const char* const* argv);

}  // namespace emporia::cli
