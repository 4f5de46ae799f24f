#include <iostream>

#include "app/daemon.hpp"
#include "cli/commands.hpp"
#include "runtime/log.hpp"
#include "settings/load.hpp"

namespace emporia::cli {

std::optional<settings::Settings> load_settings(const std::string& path) {
  auto loaded = settings::load(path, settings::process_environment());
  if (!loaded) {
    for (const settings::Problem& problem : loaded.error()) std::cerr << settings::to_text(problem) << '\n';
    const auto count = loaded.error().size();
    std::cerr << "The configuration has " << count << (count == 1 ? " problem" : " problems")
              << "; nothing was started.\n";
    return std::nullopt;
  }
  for (const std::string& secret : settings::secrets(loaded.value().settings)) runtime::hide_in_log(secret);
  for (const settings::Problem& warning : loaded.value().warnings) {
    runtime::log_warning("settings", settings::to_text(warning));
  }
  runtime::set_log_level(loaded.value().settings.log.level);
  return std::move(loaded).value().settings;
}

app::ExitCode run(const Run& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  return app::run_daemon(*settings);
}

app::ExitCode check_config(const CheckConfig& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  if (command.show) std::cout << settings::describe(*settings);
  std::cout << command.config << ": the configuration is right.\n";
  return app::ExitCode::ok;
}

}  // namespace emporia::cli
