#include <algorithm>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <utility>

#include "app/cannot_start.hpp"
#include "cli/commands.hpp"
#include "cli/ledger_names.hpp"
#include "cli/ledger_verify.hpp"
#include "cli/ledger_view.hpp"
#include "cli/which_device.hpp"
#include "mqtt/message.hpp"
#include "runtime/log.hpp"

namespace emporia::cli {
namespace {

void print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::cout << line << '\n';
}

std::unique_ptr<ledger::Reader> open_ledger(const std::string& path) try {
  return std::make_unique<ledger::Reader>(path);
} catch (const std::runtime_error& error) {
  throw app::CannotStart(app::ExitCode::state_unusable, error.what());
}

}  // namespace

app::ExitCode show_ledger(const Ledger& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return app::ExitCode::configuration;
  if (settings->log.level < runtime::LogLevel::warning) runtime::set_log_level(runtime::LogLevel::warning);
  const std::string path = settings->state.directory + "/ledger.sqlite";
  // Said before the broker is waited for; and while it is, the file is not held.
  open_ledger(path);
  FoundNames found = find_names(*settings);
  std::unique_ptr<ledger::Reader> reader = open_ledger(path);
  std::vector<std::string> ids;
  for (const auto& [id, account] : reader->accounts()) ids.push_back(id.text());
  std::sort(ids.begin(), ids.end());
  if (!found.trouble.empty())
    std::cerr << "No names of devices and circuits: " << runtime::without_secrets(found.trouble) << '\n';
  const auto read = [&](const std::string& id) { return read_device(*reader, model::DeviceId(id), found.names[id]); };
  if (!command.device.empty()) {
    std::vector<NamedDevice> known;
    for (const std::string& id : ids) {
      const std::string& name = found.names[id].device;
      known.push_back({id, name.empty() ? id : name});
    }
    const auto meant = which_device(known, command.device);
    if (!meant) {
      std::cerr << "emporia2mqtt: " << meant.error() << '\n';
      return app::ExitCode::unknown;
    }
    const LedgerDevice device = read(meant.value().id);
    reader.reset();
    if (command.verify && device.id.compare(0, mqtt::kGroupIds.size(), mqtt::kGroupIds) == 0) {
      std::cerr << "emporia2mqtt: " << device.id
                << " is a group, which the service knows nothing of: verify the devices "
                << "that it counts\n";
      return app::ExitCode::usage;
    }
    if (command.verify) return verify_ledger(command, *settings, path, device);
    print(command.json ? std::vector{json::to_text(ledger_json(device))} : ledger_text(device));
    return app::ExitCode::ok;
  }
  std::vector<LedgerDevice> devices;
  devices.reserve(ids.size());
  for (const std::string& id : ids) devices.push_back(read(id));
  if (command.json) {
    json::Array all;
    for (const LedgerDevice& device : devices) all.push_back(ledger_json(device));
    std::cout << json::to_text(std::move(all)) << '\n';
  } else if (devices.empty()) {
    std::cout << "Nothing is booked yet: the first energy comes half an hour after the bridge has started.\n";
  } else {
    print(ledger_table(devices));
  }
  return app::ExitCode::ok;
}

}  // namespace emporia::cli
