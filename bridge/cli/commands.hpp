#pragma once

#include <optional>
#include <string>

#include "app/exit_code.hpp"
#include "cli/arguments.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// Each carries out one command and returns how the process ends.
app::ExitCode run(const Run& command);
app::ExitCode check_config(const CheckConfig& command);
app::ExitCode watch(const Watch& command);
/// Works while the bridge runs. Throws std::runtime_error with a sentence for people when the ledger cannot be read.
app::ExitCode show_ledger(const Ledger& command);
app::ExitCode doctor(const Doctor& command);
app::ExitCode devices(const Devices& command);
app::ExitCode usage(const Usage& command);
app::ExitCode set(const Set& command);
app::ExitCode discovery(const Discovery& command);
/// As show_ledger().
app::ExitCode statistics(const Statistics& command);

/// Loads the configuration and registers its secrets with the log. Prints warnings, and every problem when it is wrong;
/// nothing is returned then.
std::optional<settings::Settings> load_settings(const std::string& path);

}  // namespace emporia::cli
