#include <exception>
#include <iostream>
#include <new>
#include <system_error>

#include "app/cannot_start.hpp"
#include "cli/commands.hpp"
#include "runtime/log.hpp"

namespace {

using namespace emporia;

struct CarryOut {
  app::ExitCode operator()(const cli::Run& command) const { return cli::run(command); }
  app::ExitCode operator()(const cli::CheckConfig& command) const { return cli::check_config(command); }
  app::ExitCode operator()(const cli::Watch& command) const { return cli::watch(command); }
  app::ExitCode operator()(const cli::Ledger& command) const { return cli::show_ledger(command); }
  app::ExitCode operator()(const cli::Doctor& command) const { return cli::doctor(command); }
  app::ExitCode operator()(const cli::Devices& command) const { return cli::devices(command); }
  app::ExitCode operator()(const cli::Usage& command) const { return cli::usage(command); }
  app::ExitCode operator()(const cli::Set& command) const { return cli::set(command); }
  app::ExitCode operator()(const cli::Discovery& command) const { return cli::discovery(command); }
  app::ExitCode operator()(const cli::Statistics& command) const { return cli::statistics(command); }
};

}  // namespace

int main(int argc, char** argv) try {
  const cli::Parsed parsed = cli::parse_arguments(argc, argv);
  if (const auto* end = std::get_if<app::ExitCode>(&parsed)) return static_cast<int>(*end);
  return static_cast<int>(std::visit(CarryOut{}, std::get<cli::Command>(parsed)));
} catch (const app::CannotStart& error) {
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(error.what()) << '\n';
  return static_cast<int>(error.code());
} catch (const std::bad_alloc&) {
  std::cerr << "emporia2mqtt: there is not enough memory\n";
  return static_cast<int>(app::ExitCode::internal);
} catch (const std::system_error& error) {
  const bool no_thread = error.code() == std::errc::resource_unavailable_try_again;
  std::cerr << "emporia2mqtt: "
            << (no_thread ? "there is not enough memory for a thread, or too few are allowed: " : "")
            << runtime::without_secrets(error.what()) << '\n';
  return static_cast<int>(app::ExitCode::internal);
} catch (const std::exception& error) {
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(error.what()) << '\n';
  return static_cast<int>(app::ExitCode::internal);
}
