#include "support/mosquitto.hpp"

#include <algorithm>
#include <signal.h>
#include <stdexcept>

namespace emporia::support {
namespace {

constexpr auto kProgram = "/usr/sbin/mosquitto";
/// Outside of "#", which leaves out topics that begin with '$'. Retained, and asked for last: the broker answers the
/// filters in order, so who sees it has seen everything retained before.
constexpr auto kMarker = "$test/marker";

std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    constexpr int kBase = 16;
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, kBase));
  }
  return bytes;
}

/// A line is "<retained> <payload in hex> <topic>"; the topic is last, because it may hold spaces.
std::vector<Seen> parse(const std::vector<std::string>& lines) {
  std::vector<Seen> seen;
  for (const std::string& line : lines) {
    const auto payload = line.find(' ');
    const auto topic = payload == std::string::npos ? payload : line.find(' ', payload + 1);
    if (topic == std::string::npos || line.substr(topic + 1) == kMarker) continue;
    seen.push_back({line.substr(topic + 1), from_hex(line.substr(payload + 1, topic - payload - 1)), line[0] == '1'});
  }
  return seen;
}

std::unique_ptr<ChildProcess> subscriber(const Mosquitto& broker, const std::vector<std::string>& filters) {
  std::vector<std::string> argv = {
      "mosquitto_sub", "-h", "127.0.0.1", "-p", std::to_string(broker.observer_port()), "-V", "5", "-q", "1", "-F",
      "%r %x %t"};
  for (const std::string& filter : filters) argv.insert(argv.end(), {"-t", filter});
  argv.insert(argv.end(), {"-t", kMarker});
  auto process = std::make_unique<ChildProcess>(std::move(argv));
  if (!process->wait_for_line(kMarker)) {
    throw std::runtime_error("the observer does not see the broker: " + process->standard_error());
  }
  return process;
}

}  // namespace

Mosquitto::Mosquitto(MosquittoOptions options) : options_(std::move(options)) {
  if (!options_.username.empty()) {
    options_.password_file = folder_.file("passwords");
    run({"mosquitto_passwd", "-b", "-c", options_.password_file, options_.username, options_.password});
  }
  for (int attempt = 0; attempt < 10; ++attempt) {
    port_ = free_port();
    observer_port_ = free_port();
    write_configuration();
    if (try_start()) return;
  }
  throw std::runtime_error("mosquitto does not start: " + process_->standard_error());
}

void Mosquitto::write_configuration() {
  const bool tls = !options_.identity.certificate_file.empty();
  const bool passwords = !options_.password_file.empty();
  const auto number = [](std::uint16_t port) { return std::to_string(port); };
  // Started by root it would become another user, who may not read the folder.
  std::string text = "user root\npersistence false\nper_listener_settings true\nlog_dest stderr\nlog_type all\n";
  text += "max_queued_messages 0\nset_tcp_nodelay true\n";
  text += "listener " + number(observer_port_) + " 127.0.0.1\nallow_anonymous true\n";
  text += "listener " + number(port_) + (tls ? " localhost\n" : " 127.0.0.1\n");
  text +=
      passwords ? "allow_anonymous false\npassword_file " + options_.password_file + "\n" : "allow_anonymous true\n";
  if (tls) {
    text += "certfile " + options_.identity.certificate_file + "\nkeyfile " + options_.identity.key_file + "\n";
  }
  if (!options_.client_authority_file.empty()) {
    text += "cafile " + options_.client_authority_file + "\nrequire_certificate true\n";
  }
  for (const std::string& line : options_.extra) text += line + "\n";
  folder_.write("mosquitto.conf", text);
}

bool Mosquitto::try_start() {
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{kProgram, "-c", folder_.file("mosquitto.conf")});
  if (!process_->wait_for_line(" running")) return false;
  run({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(observer_port_), "-V", "5", "-q", "1", "-r", "-t",
       kMarker, "-m", "x"});
  return true;
}

void Mosquitto::kill() {
  process_->signal(SIGKILL);
  process_->wait_for_exit();
}

void Mosquitto::start() {
  // The port is no other test's, but a connection of the broker before may still hold it for a moment.
  if (!eventually([this] { return try_start(); })) {
    throw std::runtime_error("mosquitto does not start again: " + process_->standard_error());
  }
}

void Mosquitto::publish(const std::string& topic, const std::string& payload, bool retain) const {
  std::vector<std::string> argv = {
      "mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(observer_port_), "-V", "5", "-q", "1", "-t", topic};
  // From an empty standard input mosquitto_pub takes nothing.
  argv.push_back(payload.empty() ? "-n" : "-s");
  if (retain) argv.push_back("-r");
  ChildProcess child(ChildOptions{std::move(argv), {}, payload});
  if (child.wait_for_exit() != 0) throw std::runtime_error("mosquitto_pub failed: " + child.standard_error());
}

std::map<std::string, std::string> Mosquitto::retained(const std::string& filter) const {
  std::map<std::string, std::string> standing;
  for (const Seen& message : Observer(*this, {filter}).seen()) {
    if (message.retained) standing[message.topic] = message.payload;
  }
  return standing;
}

Observer::Observer(const Mosquitto& broker, const std::vector<std::string>& filters)
    : process_(subscriber(broker, filters)) {}

std::vector<Seen> Observer::seen() const {
  return parse(process_->lines());
}

std::vector<Seen> Observer::take() {
  return parse(process_->take_lines());
}

bool Observer::wait_until(const std::function<bool(const std::vector<Seen>&)>& condition,
                          std::chrono::milliseconds limit) const {
  return eventually([&] { return condition(seen()); }, limit);
}

bool Observer::wait_for(const std::string& topic, const std::string& payload, std::chrono::milliseconds limit) const {
  return wait_until(
      [&](const std::vector<Seen>& seen) {
        return std::any_of(seen.begin(), seen.end(),
                           [&](const Seen& message) { return message.topic == topic && message.payload == payload; });
      },
      limit);
}

std::optional<std::string> Observer::wait_for_topic(const std::string& topic, std::chrono::milliseconds limit) const {
  std::optional<std::string> found;
  wait_until(
      [&](const std::vector<Seen>& seen) {
        const auto message = std::find_if(seen.begin(), seen.end(), [&](const Seen& s) { return s.topic == topic; });
        if (message != seen.end()) found = message->payload;
        return found.has_value();
      },
      limit);
  return found;
}

}  // namespace emporia::support
