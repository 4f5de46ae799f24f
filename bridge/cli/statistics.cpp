#include "cli/statistics.hpp"

#include <fcntl.h>
#include <iostream>
#include <stdexcept>
#include <sys/file.h>
#include <unistd.h>

#include "app/cannot_start.hpp"
#include "cli/commands.hpp"
#include "runtime/log.hpp"

namespace emporia::cli {

std::unique_ptr<ledger::Reader> open_reader(const std::string& path) try {
  return std::make_unique<ledger::Reader>(path);
} catch (const std::runtime_error& error) {
  throw app::CannotStart(app::ExitCode::state_unusable, error.what());
}

bool bridge_runs(const settings::Settings& settings) {
  const int file = ::open((settings.state.directory + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool free = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  ::close(file);
  return !free;
}

app::ExitCode statistics(const Statistics& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  runtime::set_log_level(runtime::LogLevel::error);
  const std::string path = settings->state.directory + "/ledger.sqlite";
  Ended ended;
  switch (command.action) {
    case Statistics::Action::backfill:
      ended = backfill_statistics(command, *settings, path);
      break;
    case Statistics::Action::verify:
      ended = verify_statistics(command, *settings, path);
      break;
    case Statistics::Action::remove:
      ended = remove_statistics(command, *settings, path);
      break;
  }
  if (!ended.text.empty()) std::cerr << "emporia2mqtt: " << runtime::without_secrets(ended.text) << '\n';
  return ended.code;
}

}  // namespace emporia::cli
