#include "process/node.hpp"

#include <doctest/doctest.h>
#include <signal.h>

namespace emporia::tests {

Node::Node(const Installation& home, std::string name, std::string fleet, std::string rest)
    : home_(home),
      name_(std::move(name)),
      fleet_(std::move(fleet)),
      rest_(std::move(rest)),
      broker_port_(home.broker.port()) {}

void Node::write_configuration() {
  folder_.write("password", std::string(kPassword) + "\n");
  support::run({"chmod", "600", folder_.file("password")});
  folder_.write("emporia2mqtt.toml",
                "[partner]\nemail = \"partner@example.com\"\npassword_file = \"password\"\nendpoint = \"" +
                    home_.service.endpoint() + "\"\nca_file = \"" + home_.service.ca_file() +
                    "\"\n[mqtt]\nport = " + std::to_string(broker_port_) + "\n[state]\ndirectory = \"" +
                    folder_.file("state") + "\"\n[fleet]\n" + fleet_ + "\n" + rest_);
}

std::unique_ptr<support::ChildProcess> Node::run(std::vector<std::string> arguments) {
  write_configuration();
  std::vector<std::string> argv{BRIDGE_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.insert(argv.end(), {"--config", folder_.file("emporia2mqtt.toml")});
  return std::make_unique<support::ChildProcess>(support::ChildOptions{std::move(argv), environment, {}});
}

support::ChildProcess& Node::start() {
  bridges_.push_back(run({"run"}));
  return bridge();
}

void Node::stop() {
  bridge().signal(SIGTERM);
  CHECK_MESSAGE(bridge().wait_for_exit() == 0, bridge().standard_error());
}

std::string Node::log() const {
  std::string text;
  for (const auto& bridge : bridges_) text += bridge->standard_error();
  return text;
}

}  // namespace emporia::tests
