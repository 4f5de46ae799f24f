#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulator/simulator.hpp"
#include "support/child_process.hpp"
#include "support/mosquitto.hpp"
#include "support/temp_dir.hpp"

namespace emporia::tests {

inline constexpr const char* kPassword = "simulated";

/// What somebody has who installed the bridge: a configuration, a state directory, a broker, and the service.
class Installation {
 public:
  Installation() : Installation(typical_home()) {}
  explicit Installation(simulator::Home home);

  static simulator::Home typical_home();
  /// The typical home with so many further outlets: "B9001", "B9002" ...
  static simulator::Home home_with_outlets(int count);

  /// Lines added to a table of the configuration, such as ("mqtt", "version = 3").
  void configure(const std::string& table, const std::string& line);
  /// In place of what stands there otherwise.
  void set_password(const std::string& password) { password_ = password; }
  void set_ca_file(const std::string& path) { ca_file_ = path; }

  /// Starts the bridge with the configuration as it is now.
  std::unique_ptr<support::ChildProcess> start();
  /// Runs another command of the program to its end.
  std::unique_ptr<support::ChildProcess> run(std::vector<std::string> arguments);

  const std::string& config_file() const { return config_file_; }
  support::TempDir folder;
  support::Mosquitto broker;
  simulator::Simulator service;

 private:
  void write_configuration();

  std::string config_file_;
  std::string password_ = kPassword;
  std::string ca_file_;
  std::vector<std::pair<std::string, std::string>> extra_;
};

/// The number behind `"key":` in a JSON text; throws when there is none.
double number_in(const std::string& json, const std::string& key);

}  // namespace emporia::tests
