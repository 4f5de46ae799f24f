#pragma once

#include "app/exit_code.hpp"
#include "cli/arguments.hpp"
#include "cli/ledger_view.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// Asks the service for the range and prints how what is booked of the device agrees with it. May throw as the reader
/// of the ledger `path` does.
app::ExitCode verify_ledger(const Ledger& command, const settings::Settings& settings, const std::string& path,
                            const LedgerDevice& device);

}  // namespace emporia::cli
