#include <exception>
#include <iostream>

#include "cli/commands.hpp"
#include "runtime/log.hpp"

namespace {

using namespace emporia;

struct CarryOut {
  app::ExitCode operator()(const cli::Run& command) const { return cli::run(command); }
  app::ExitCode operator()(const cli::CheckConfig& command) const { return cli::check_config(command); }
  app::ExitCode operator()(const cli::Watch& command) const { return cli::watch(command); }
};

}  // namespace

int main(int argc, char** argv) try {
  const cli::Parsed parsed = cli::parse_arguments(argc, argv);
  if (const auto* end = std::get_if<app::ExitCode>(&parsed)) return static_cast<int>(*end);
  return static_cast<int>(std::visit(CarryOut{}, std::get<cli::Command>(parsed)));
} catch (const std::exception& error) {
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(error.what()) << '\n';
  return static_cast<int>(app::ExitCode::state_unusable);
}
