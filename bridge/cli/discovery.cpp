#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cli/broker.hpp"
#include "cli/commands.hpp"
#include "cli/left_at_broker.hpp"
#include "mqtt/topic_tree.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using Retained = std::map<std::string, std::string>;

ExitCode end_with(const Broker& broker) {
  std::cerr << "emporia2mqtt: " << runtime::without_secrets(broker.trouble()->text) << '\n';
  return broker.trouble()->exit_code;
}

ExitCode print(Broker& broker, const mqtt::TopicTree& topics) {
  Retained retained;
  if (!broker.read_retained({topics.discovery("+")}, retained)) return end_with(broker);
  std::size_t printed = 0;
  for (const auto& [topic, payload] : retained) {
    if (!announced_by_us(topic, payload, topics)) continue;
    std::cout << topic << ' ' << payload << '\n';
    ++printed;
  }
  if (printed > 0) return ExitCode::ok;
  std::cerr << "emporia2mqtt: nothing is announced at " << broker.where() << " for base topic " << topics.base()
            << ": does a bridge run, and is [homeassistant] enabled?\n";
  return ExitCode::unknown;
}

/// Ctrl-C and the end of the input say no.
bool says_yes(Broker& broker) {
  constexpr int kLookEvery_ms = 100;
  std::string answer;
  while (!broker.trouble()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, kLookEvery_ms) > 0) {
      std::getline(std::cin, answer);
      return answer == "y" || answer == "Y" || answer == "yes";
    }
    // Hears of ctrl-C; what else comes is of no interest any more.
    static_cast<void>(broker.next(runtime::read_clock().steady));
  }
  return false;
}

bool may_remove(Broker& broker, const LeftAtBroker& left, const Discovery& command) {
  std::cerr << "This takes " << left.ours.size() << " topics off the broker " << broker.where() << ": "
            << left.announcements << " announcements to Home Assistant, which forgets these devices, and "
            << left.ours.size() - left.announcements << " values.\n";
  for (const std::string& topic : left.foreign)
    std::cerr << "Left alone, for it is not the bridge's: " << topic << '\n';
  if (command.yes) return true;
  if (::isatty(STDIN_FILENO) != 1) {
    std::cerr << "emporia2mqtt: nothing was removed: there is nobody to ask, so give --yes as well\n";
    return false;
  }
  std::cerr << "Remove them? [y/N] " << std::flush;
  if (says_yes(broker)) return true;
  std::cerr << "Nothing was removed.\n";
  return false;
}

ExitCode remove(Broker& broker, const mqtt::TopicTree& topics, const Discovery& command) {
  const std::vector<std::string> filters{topics.discovery("+"), topics.base() + "/#"};
  Retained retained;
  if (!broker.read_retained(filters, retained)) return end_with(broker);
  const auto runs = [&topics](const auto& found) {
    return topics.is_state_of_bridge(found.first) && found.second == "online";
  };
  if (std::any_of(retained.begin(), retained.end(), runs)) {
    std::cerr << "emporia2mqtt: a bridge runs with base topic " << topics.base()
              << " and would announce everything again: stop it first. If none runs, start it and stop it once\n";
    return ExitCode::refused;
  }
  const LeftAtBroker left = left_at_broker(retained, topics);
  if (left.ours.empty()) {
    std::cerr << "emporia2mqtt: there is nothing of base topic " << topics.base() << " at " << broker.where() << '\n';
    return ExitCode::ok;
  }
  if (!may_remove(broker, left, command)) return broker.trouble() ? end_with(broker) : ExitCode::usage;
  for (const std::string& topic : left.ours) {
    mqtt::Message empty;
    empty.topic = topic;
    empty.retain = true;
    static_cast<void>(broker.publish(empty));  // what is refused is found below
    if (broker.trouble()) return end_with(broker);
  }
  Retained after;
  if (!broker.read_retained(filters, after)) return end_with(broker);
  const std::size_t remain = left_at_broker(after, topics).ours.size();
  if (remain > 0) {
    std::cerr << "emporia2mqtt: " << remain << " of " << left.ours.size()
              << " topics are still there: let the broker's user write " << topics.base() << "/# and "
              << topics.prefix() << "/device/+/config\n";
    return ExitCode::unavailable;
  }
  std::cout << left.ours.size() << " topics removed\n";
  return ExitCode::ok;
}

}  // namespace

ExitCode discovery(const Discovery& command) {
  const auto settings = load_settings(command.config);
  if (!settings) return ExitCode::configuration;
  runtime::set_log_level(runtime::LogLevel::error);
  const mqtt::TopicTree topics(settings->mqtt.base_topic, settings->homeassistant.prefix);  // of all its bridges
  Ears ears;
  Broker broker(*settings, ears, "discovery");
  if (!broker.connect()) return end_with(broker);
  return command.remove ? remove(broker, topics, command) : print(broker, topics);
}

}  // namespace emporia::cli
