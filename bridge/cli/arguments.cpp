#include "cli/arguments.hpp"

// The slowest header of the project to compile: it stays in this file.
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/version.hpp"

namespace emporia::cli {
namespace {

constexpr const char* kDefaultConfig = "/etc/emporia2mqtt/emporia2mqtt.toml";

void add_config(CLI::App& command, std::string& config) {
  command.add_option("-c,--config", config, "The configuration file")->default_val(kDefaultConfig);
}

}  // namespace

Parsed parse_arguments(int argc, const char* const* argv) {
  CLI::App program("Joins Emporia's energy devices to MQTT and Home Assistant by the official Partner API.",
                   "emporia2mqtt");
  program.set_version_flag("--version", std::string("emporia2mqtt ") + app::kVersion);
  program.require_subcommand(1);
  program.footer("Each command tells more with --help, e.g. emporia2mqtt run --help.");

  Run run;
  auto* run_command = program.add_subcommand("run", "Run the bridge until it is told to stop");
  add_config(*run_command, run.config);

  CheckConfig check;
  auto* check_command =
      program.add_subcommand("check-config", "Check the configuration and say all that is wrong with it");
  add_config(*check_command, check.config);
  check_command->add_flag("--show", check.show, "Print the settings in force, without secrets");

  Watch watch;
  auto* watch_command = program.add_subcommand("watch", "Show the home as it stands at the broker, live");
  add_config(*watch_command, watch.config);
  watch_command->add_flag("--once", watch.once, "Print the first complete picture and end");
  watch_command->add_option("--timeout", watch.timeout_s, "With --once: seconds to wait for it")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool no_command = argc > 1 && argv[1][0] != '-' && error.get_name() == "RequiredError";
    if (no_command) {
      std::cerr << "emporia2mqtt: there is no command \"" << argv[1] << "\"; emporia2mqtt --help lists them\n";
      return app::ExitCode::usage;
    }
    // Help and version come this way as well, with code 0.
    return program.exit(error, std::cout, std::cerr) == 0 ? app::ExitCode::ok : app::ExitCode::usage;
  }
  if (run_command->parsed()) return Command{run};
  if (check_command->parsed()) return Command{check};
  return Command{watch};
}

}  // namespace emporia::cli
