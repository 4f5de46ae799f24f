#include <iostream>

#include "app/cannot_start.hpp"
#include "app/daemon.hpp"
#include "cli/commands.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "settings/load.hpp"

namespace emporia::cli {

namespace {

/// What is right about a configuration applies from here on to the log.
settings::Settings take_into_use(settings::Loaded loaded) {
  for (const std::string& secret : settings::secrets(loaded.settings)) runtime::hide_in_log(secret);
  runtime::set_log_level(loaded.settings.log.level);
  runtime::set_log_format(loaded.settings.log.format);
  for (const settings::Problem& warning : loaded.warnings) {
    runtime::log_warning("settings", settings::to_text(warning));
  }
  return std::move(loaded.settings);
}

std::string counted(std::size_t problems) {
  return runtime::concat("the configuration has ", problems, problems == 1 ? " problem" : " problems");
}

void log_problems(const std::vector<settings::Problem>& problems) {
  for (const settings::Problem& problem : problems) runtime::log_error("settings", settings::to_text(problem));
}

/// While the bridge runs.
std::optional<settings::Settings> load_again(const std::string& path) {
  auto loaded = settings::load(path, settings::process_environment());
  if (loaded) return take_into_use(std::move(loaded).value());
  log_problems(loaded.error());
  runtime::log_error("settings",
                     counted(loaded.error().size()) + "; the bridge goes on as before, nothing was changed");
  return std::nullopt;
}

}  // namespace

std::optional<settings::Settings> load_settings(const std::string& path) {
  auto loaded = settings::load(path, settings::process_environment());
  if (!loaded) {
    const std::string end = counted(loaded.error().size()) + "; nothing was started";
    if (runtime::log_format() == runtime::LogFormat::journal) {
      log_problems(loaded.error());
      runtime::log_error("settings", end);
    } else {
      for (const settings::Problem& problem : loaded.error()) std::cerr << settings::to_text(problem) << '\n';
      std::cerr << end << '\n';
    }
    return std::nullopt;
  }
  return take_into_use(std::move(loaded).value());
}

app::ExitCode run(const Run& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  try {
    return app::run_daemon(*settings, [&command] { return load_again(command.config); });
  } catch (const app::CannotStart& error) {
    runtime::log_error("bridge", error.what());
    return error.code();
  }
}

app::ExitCode check_config(const CheckConfig& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  if (command.show) std::cout << settings::describe(*settings);
  std::cout << command.config << ": the configuration is right.\n";
  return app::ExitCode::ok;
}

}  // namespace emporia::cli
