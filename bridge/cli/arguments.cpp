#include "cli/arguments.hpp"

// The slowest header of the project to compile: it stays in this file.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/version_text.hpp"

namespace emporia::cli {
namespace {

constexpr const char* kDefaultConfig = "/etc/emporia2mqtt/emporia2mqtt.toml";

/// Collects what one run of the parser chooses.
class Program {
 public:
  Program()
      : app_("Joins Emporia's energy devices to MQTT and Home Assistant by the official Partner API.", "emporia2mqtt") {
    app_.require_subcommand(1);
    app_.footer("Each command tells more with --help, e.g. emporia2mqtt run --help.");
    app_.set_help_flag("-h,--help", "Print this help and end");
    // Looked at before the commands, so that none is needed.
    app_.add_flag_callback(
        "--version", [] { throw CLI::CallForVersion(version_text(CLI11_VERSION), 0); },
        "Print the version, the commit and the libraries and end");
  }

  /// A command with its --config; `Options` is chosen when it is given. `example` is a whole line that works.
  template <typename Options>
  std::pair<CLI::App*, std::shared_ptr<Options>> add(const char* name, const char* what, const char* example) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app_.add_subcommand(name, what);
    command->footer(std::string("Example:\n  emporia2mqtt ") + example);
    command->add_option("-c,--config", options->config, "The configuration file")->default_val(kDefaultConfig);
    command->callback([this, options] { chosen_ = *options; });
    return {command, options};
  }

  CLI::App& app() { return app_; }
  const std::optional<Command>& chosen() const { return chosen_; }

 private:
  CLI::App app_;
  std::optional<Command> chosen_;
};

void add_run(Program& program) {
  program.add<Run>("run", "Run the bridge until it is told to stop", "run -c emporia2mqtt.toml");
}

void add_check_config(Program& program) {
  const auto [command, options] = program.add<CheckConfig>(
      "check-config", "Check the configuration and say all that is wrong with it", "check-config --show");
  command->add_flag("--show", options->show, "Print the settings in force, without secrets");
}

void add_doctor(Program& program) {
  program.add<Doctor>(
      "doctor", "Try every step from the configuration to a message at the broker, and say how to mend what fails",
      "doctor -c emporia2mqtt.toml");
}

void add_watch(Program& program) {
  const auto [command, options] =
      program.add<Watch>("watch", "Show the home as it stands at the broker, live", "watch --once");
  command->add_flag("--once", options->once, "Print the first complete picture and end");
  command->add_option("--timeout", options->timeout_s, "With --once: seconds to wait for it")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
}

void add_no_wait(CLI::App& command, bool& no_wait) {
  command.add_flag("--no-wait", no_wait, "When the calls of the hour are made: end with 75 instead of waiting");
}

void add_ledger(Program& program) {
  const auto [command, options] = program.add<Ledger>(
      "ledger", "Show the energy counters, what is missing in them and what the service has revised",
      "ledger House --verify --from 7d");
  command->add_option("DEVICE", options->device, "Id or name of a device, or the beginning of it; without it all");
  command->add_flag("--json", options->json, "Print JSON, energies in Wh");
  CLI::Option* verify =
      command
          ->add_flag(
              "--verify", options->verify,
              "Compare what is booked of DEVICE with what the service tells now: ends with 0 when equal, 3 when not")
          ->needs("DEVICE");
  command
      ->add_option(
          "--from", options->from,
          "With --verify: 2026-03-08, 2026-03-08T14:30 (local), ...Z (UTC), today, yesterday, or back from now: "
          "90m, 12h, 7d, 4w")
      ->needs(verify)
      ->default_val("24h");
  command->add_option("--to", options->to, "With --verify: the same forms, or now")->needs(verify)->default_val("now");
  add_no_wait(*command, options->no_wait);
}

void add_devices(Program& program) {
  const auto [command, options] = program.add<Devices>(
      "devices", "List the devices of the account as the service tells them now", "devices --json");
  command->add_flag("--json", options->json, "As JSON, with circuits and settings");
  add_no_wait(*command, options->no_wait);
}

void add_usage(Program& program) {
  const auto [command, options] = program.add<Usage>(
      "usage", "Read the energy of a device from the service, for any range", "usage House --from 7d --scale hours");
  command->add_option("DEVICE", options->device, "Id or name of the device, or the beginning of it")->required();
  command
      ->add_option(
          "--from", options->from,
          "Begin: 2026-03-08, 2026-03-08T14:30 (local), ...Z (UTC), today, yesterday, or back from now: 90m, 12h, "
          "7d, 4w")
      ->default_val("yesterday");
  command->add_option("--to", options->to, "End, not included: the same forms, or now")->default_val("now");
  command->add_option("--scale", options->scale,
                      "minutes, fifteen_minutes, hours, days, weeks, months or years; without it one that suits");
  command->add_option("--format", options->format,
                      "csv, json or plot; without it plot on a terminal, else csv or what --output ends with");
  command->add_option("-o,--output", options->output,
                      "Write into this file; a CSV file that is there is continued where it ends");
  add_no_wait(*command, options->no_wait);
}

void add_set(Program& program) {
  const auto [command, options] =
      program.add<Set>("set", "Set something of a device through the running bridge, and print what came of it",
                       "set \"Floor lamp\" on OFF");
  command->add_option("DEVICE", options->device, "Id or name of the device, or the beginning of it")->required();
  command->add_option("SETTING", options->setting, "Such as on, charge_rate_a, reserve_soc_pct, dispatch_mode")
      ->required();
  command->add_option("VALUE", options->value, "Such as ON, 16, load_following")->required();
}

void add_discovery(Program& program) {
  const auto [command, options] =
      program.add<Discovery>("discovery", "Print what is announced to Home Assistant", "discovery --remove");
  command->add_flag("--remove", options->remove,
                    "Take everything that the bridge ever published and announced off the broker, after asking");
  command->add_flag("--yes", options->yes, "With --remove: without asking");
}

void add_statistics(Program& program) {
  using Action = Statistics::Action;
  const auto [command, options] = program.add<Statistics>(
      "statistics", "Fill in, compare or remove what the bridge writes into Home Assistant's long-term statistics",
      "statistics backfill --from 2024-01-01");
  const std::map<std::string, Action> actions{
      {"backfill", Action::backfill}, {"verify", Action::verify}, {"remove", Action::remove}};
  command
      ->add_option(
          "ACTION", options->action,
          "backfill: past years from the service; verify: compare Home Assistant with the ledger; remove: take "
          "all of it out of Home Assistant, after asking")
      ->required()
      ->transform(CLI::CheckedTransformer(actions).description(""))
      ->type_name("");
  command->add_option("--from", options->from,
                      "With backfill, which needs it, and verify: begin, as 2024-01-01, 2024-01-01T00:00Z, 30d, 52w");
  command->add_flag("--dry-run", options->dry_run,
                    "With backfill: say what would be read, and how many calls it takes");
  command->add_flag("--yes", options->yes, "With remove: without asking");
  add_no_wait(*command, options->no_wait);
}

}  // namespace

Parsed parse_arguments(int argc, const char* const* argv) {
  Program program;
  for (const auto add : {add_run, add_check_config, add_doctor, add_watch, add_devices, add_usage, add_ledger, add_set,
                         add_discovery, add_statistics}) {
    add(program);
  }
  if (argc == 1) {
    std::cerr << program.app().help() << "\nemporia2mqtt: say which of these subcommands\n";
    return app::ExitCode::usage;
  }
  try {
    program.app().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool no_command =
        argc > 1 && argv[1][0] != '-' && error.get_name() == "RequiredError" && program.app().get_subcommands().empty();
    if (no_command) {
      std::cerr << "emporia2mqtt: there is no command \"" << argv[1] << "\"; emporia2mqtt --help lists them\n";
      return app::ExitCode::usage;
    }
    // Help and version come this way as well, with code 0.
    return program.app().exit(error, std::cout, std::cerr) == 0 ? app::ExitCode::ok : app::ExitCode::usage;
  }
  return *program.chosen();
}

}  // namespace emporia::cli
