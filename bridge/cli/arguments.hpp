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
struct Doctor {
  std::string config;
};
struct Devices {
  std::string config;
  bool json = false;
  /// Rather than wait for a free call, end.
  bool no_wait = false;
};
struct Usage {
  std::string config;
  /// An id or a name, or the beginning of one.
  std::string device;
  /// Times as people write them, see cli/moments.hpp.
  std::string from;
  std::string to;
  /// A word of model::word(Scale); empty: by the length of the range.
  std::string scale;
  /// "csv", "json" or "plot"; empty: by the name of the output file, and without one a plot on a terminal and CSV
  /// elsewhere.
  std::string format;
  /// Empty: standard output.
  std::string output;
  bool no_wait = false;
};
struct Set {
  std::string config;
  std::string device;
  std::string setting;
  std::string value;
};
struct Discovery {
  std::string config;
  bool remove = false;
  /// Without asking.
  bool yes = false;
};
struct Ledger {
  std::string config;
  /// Empty: all devices.
  std::string device;
  bool json = false;
  /// Compare with the service; `from` and `to` as people write times.
  bool verify = false;
  std::string from;
  std::string to;
  bool no_wait = false;
};
struct Statistics {
  std::string config;
  enum class Action { backfill, verify, remove };
  Action action = Action::verify;
  /// As people write times; empty for verify: from the first hour on.
  std::string from;
  /// Say what would be done.
  bool dry_run = false;
  bool no_wait = false;
  bool yes = false;
};
using Command = std::variant<Run, CheckConfig, Watch, Doctor, Devices, Usage, Set, Discovery, Ledger, Statistics>;

/// A command, or how to end at once: help and version have been printed, or a mistake and its remedy.
using Parsed = std::variant<Command, app::ExitCode>;
Parsed parse_arguments(int argc, const char* const* argv);

}  // namespace emporia::cli
