#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "process/installation.hpp"

namespace emporia::tests {

/// One of several bridges at the broker and the service of an installation, with a configuration and a state directory
/// of its own.
class Node {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// `fleet`: the lines below [fleet], `rest`: whatever else is to stand in the configuration.
  Node(const Installation& home, std::string name, std::string fleet, std::string rest = {});

  /// Of the bridges started from now on.
  Environment environment;
  void set_fleet(const std::string& lines) { fleet_ = lines; }
  /// In place of the installation's.
  void set_broker_port(std::uint16_t port) { broker_port_ = port; }

  support::ChildProcess& start();
  /// Runs another command of the program.
  std::unique_ptr<support::ChildProcess> run(std::vector<std::string> arguments);
  /// The newest one.
  support::ChildProcess& bridge() { return *bridges_.back(); }
  /// Asks it to end and waits; its exit code must be 0.
  void stop();
  const std::string& name() const { return name_; }
  /// All that its bridges have said.
  std::string log() const;

 private:
  void write_configuration();

  const Installation& home_;
  support::TempDir folder_;
  std::string name_;
  std::string fleet_;
  std::string rest_;
  std::uint16_t broker_port_;
  std::vector<std::unique_ptr<support::ChildProcess>> bridges_;
};

}  // namespace emporia::tests
