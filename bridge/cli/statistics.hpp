#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/exit_code.hpp"
#include "cli/arguments.hpp"
#include "ledger/reader.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// What one action of the command ends with: its code, and a sentence where something is wrong.
struct Ended {
  app::ExitCode code = app::ExitCode::ok;
  std::string text;
};

/// Each carries out one action. May throw as the reader of the ledger `path` does, and app::CannotStart.
Ended backfill_statistics(const Statistics& command, const settings::Settings& settings, const std::string& path);
Ended verify_statistics(const Statistics& command, const settings::Settings& settings, const std::string& path);
Ended remove_statistics(const Statistics& command, const settings::Settings& settings, const std::string& path);

/// Throws app::CannotStart with what is wrong with the ledger.
std::unique_ptr<ledger::Reader> open_reader(const std::string& path);
/// A bridge has the state directory.
bool bridge_runs(const settings::Settings& settings);

}  // namespace emporia::cli
