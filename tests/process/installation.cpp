#include "process/installation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace emporia::tests {
namespace {

simulator::Options options_for(simulator::Home home) {
  simulator::Options options;
  options.home = std::move(home);
  return options;
}

}  // namespace

simulator::Home Installation::typical_home() {
  return simulator::load_home(std::string(SOURCE_DIR) + "/tests/simulator/homes/typical.toml");
}

simulator::Home Installation::home_with_outlets(int count) {
  simulator::Home home = typical_home();
  const auto is_lamp = [](const simulator::DeviceSpec& device) { return device.id == "B2136B0204240AC4E1F2A3"; };
  const simulator::DeviceSpec lamp = *std::find_if(home.devices.begin(), home.devices.end(), is_lamp);
  for (int i = 1; i <= count; ++i) {
    home.devices.push_back(lamp);
    home.devices.back().id = "B" + std::to_string(9000 + i);
    home.devices.back().name = "Outlet " + std::to_string(i);
  }
  return home;
}

simulator::Options Installation::with_certificate(const support::Identity& identity) {
  simulator::Options options = options_for(typical_home());
  options.certificate = identity.certificate_file;
  options.key = identity.key_file;
  return options;
}

simulator::Options Installation::with_clock(const support::FakeClock& clock, simulator::Home home) {
  simulator::Options options = options_for(std::move(home));
  options.start_time = clock.true_time().time_since_epoch().count();
  options.time_scale = clock.rate();
  return options;
}

Installation::Installation(simulator::Home home) : Installation(options_for(std::move(home))) {}

Installation::Installation(const simulator::Options& options)
    : service(options), config_file_(folder.file("emporia2mqtt.toml")) {
  service.command(std::string("password ") + kPassword);
  for (const simulator::DeviceSpec& device : options.home.devices) device_ids_.push_back(device.id);
  ca_file_ = service.ca_file();
  endpoint_ = service.endpoint();
  broker_port_ = broker.port();
}

void Installation::set_clock(const support::FakeClock& clock) {
  for (const auto& [name, value] : clock.environment()) set_environment(name, value);
}

void Installation::configure(const std::string& table, const std::string& line) {
  const std::string option = line.substr(0, line.find('='));
  std::erase_if(extra_, [&](const auto& known) { return known.first == table && known.second.rfind(option, 0) == 0; });
  extra_.emplace_back(table, line);
}

void Installation::write_configuration() {
  std::string text;
  const auto table = [&](const std::string& name, const std::string& lines) {
    text += "[" + name + "]\n" + lines;
    for (const auto& [of, line] : extra_) {
      if (of == name) text += line + "\n";
    }
  };
  folder.write("password", password_ + "\n");
  support::run({"chmod", "600", folder.file("password")});
  table("partner", "email = \"partner@example.com\"\npassword_file = \"password\"\nendpoint = \"" + endpoint_ +
                       "\"\nca_file = \"" + ca_file_ + "\"\n");
  table("mqtt", "host = \"" + broker_host_ + "\"\nport = " + std::to_string(broker_port_) + "\n");
  table("state", "directory = \"" + folder.file("state") + "\"\n");
  for (const char* name : {"budget", "polling", "commands", "devices", "homeassistant", "http", "log", "statistics"})
    table(name, "");
  folder.write("emporia2mqtt.toml", text + groups_);
}

std::unique_ptr<support::ChildProcess> Installation::start() {
  write_configuration();
  return run({"run"});
}

std::unique_ptr<support::ChildProcess> Installation::run(std::vector<std::string> arguments) {
  std::vector<std::string> argv = wrapper_;
  argv.emplace_back(BRIDGE_PROGRAM);
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.insert(argv.end(), {"--config", config_file_});
  return std::make_unique<support::ChildProcess>(support::ChildOptions{std::move(argv), environment_, {}});
}

double number_in(const std::string& json, const std::string& key) {
  const auto at = json.find("\"" + key + "\":");
  if (at == std::string::npos) throw std::runtime_error("no " + key + " in " + json);
  return std::stod(json.substr(at + key.size() + 3));
}

}  // namespace emporia::tests
