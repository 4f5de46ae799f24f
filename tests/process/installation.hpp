#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulator/simulator.hpp"
#include "support/child_process.hpp"
#include "support/fake_clock.hpp"
#include "support/mosquitto.hpp"
#include "support/temp_dir.hpp"

namespace emporia::tests {

/// Of the account, and nowhere else: no text holds it by chance.
inline constexpr const char* kPassword = "kettle-71-under-the-stairs";

/// What somebody has who installed the bridge: a configuration, a state directory, a broker, and the service.
class Installation {
 public:
  Installation() : Installation(typical_home()) {}
  explicit Installation(simulator::Home home);
  explicit Installation(const simulator::Options& options);

  static simulator::Home typical_home();
  /// A service whose time is that of the clock. The bridge is started with the same one.
  static simulator::Options with_clock(const support::FakeClock& clock, simulator::Home home = typical_home());
  /// A service with the typical home and a certificate of the test's own.
  static simulator::Options with_certificate(const support::Identity& identity);
  /// The typical home with so many further outlets: "B9001", "B9002" ...
  static simulator::Home home_with_outlets(int count);

  /// A line added to a table of the configuration, such as ("mqtt", "version = 3"), in place of one for the same
  /// option.
  void configure(const std::string& table, const std::string& line);
  /// What stands at the end of the configuration, such as groups.
  void set_groups(const std::string& text) { groups_ = text; }
  /// In place of what stands there otherwise.
  void set_password(const std::string& password) { password_ = password; }
  void set_ca_file(const std::string& path) { ca_file_ = path; }
  void set_endpoint(const std::string& endpoint) { endpoint_ = endpoint; }
  void set_broker_port(std::uint16_t port) { broker_port_ = port; }
  void set_broker_host(const std::string& host) { broker_host_ = host; }
  /// A variable of the environment of what is started from now on.
  void set_environment(const std::string& name, const std::string& value) { environment_.emplace_back(name, value); }
  /// What is started from now on has this clock.
  void set_clock(const support::FakeClock& clock);
  /// A program and its arguments that start the bridge in their turn, such as "prlimit".
  void set_wrapper(std::vector<std::string> argv) { wrapper_ = std::move(argv); }

  /// Starts the bridge with the configuration as it is now.
  std::unique_ptr<support::ChildProcess> start();
  /// Runs another command of the program to its end.
  std::unique_ptr<support::ChildProcess> run(std::vector<std::string> arguments);
  /// Writes the configuration as it is now, as start() does first; also for a bridge that runs already.
  void write_configuration();

  const std::string& config_file() const { return config_file_; }
  /// Those of the account when it was made.
  const std::vector<std::string>& device_ids() const { return device_ids_; }
  support::TempDir folder;
  support::Mosquitto broker;
  simulator::Simulator service;

 private:
  std::string config_file_;
  std::vector<std::string> device_ids_;
  std::string password_ = kPassword;
  std::string ca_file_;
  std::string groups_;
  std::string endpoint_;
  std::string broker_host_ = "127.0.0.1";
  std::uint16_t broker_port_ = 0;
  std::vector<std::pair<std::string, std::string>> environment_;
  std::vector<std::string> wrapper_;
  std::vector<std::pair<std::string, std::string>> extra_;
};

/// The number behind `"key":` in a JSON text; throws when there is none.
double number_in(const std::string& json, const std::string& key);

}  // namespace emporia::tests
