#include "app/daemon.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/file.h>
#include <unistd.h>

#include "app/bridge.hpp"
#include "app/stored.hpp"
#include "app/version.hpp"
#include "ledger/store.hpp"
#include "mqtt/paho_link.hpp"
#include "partner/grpc_gateway.hpp"
#include "runtime/inbox.hpp"
#include "runtime/log.hpp"
#include "runtime/signals.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path + ": check that it exists and is readable");
  return {std::istreambuf_iterator<char>(file), {}};
}

partner::GatewayOptions gateway_options(const settings::Partner& settings) {
  partner::GatewayOptions options;
  options.endpoint = settings.endpoint;
  if (!settings.ca_file.empty()) options.ca_pem = read_file(settings.ca_file);
  options.tls_server_name = settings.tls_server_name;
  options.plaintext = settings.plaintext;
  options.timeout = std::chrono::seconds{settings.timeout_s};
  options.usage_timeout = std::chrono::seconds{settings.usage_timeout_s};
  return options;
}

std::string state_directory(const settings::Settings& settings) {
  const std::filesystem::path directory = settings.state.directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    throw std::runtime_error(runtime::concat("the state directory ", directory.string(), " cannot be made (",
                                             error.message(), "): set [state] directory to one that can be written"));
  }
  return directory;
}

/// Held while the program runs: two bridges on one ledger would book the same energy twice.
class StateLock {
 public:
  explicit StateLock(const std::string& directory)
      : file_(open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) {
      throw std::runtime_error("the state directory " + directory +
                               " cannot be written: set [state] directory to one that can");
    }
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
      close(file_);
      throw std::runtime_error("another bridge runs with the state directory " + directory +
                               ": stop it, or give this one a [state] directory and [mqtt] base_topic of its own");
    }
  }
  ~StateLock() { close(file_); }
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

 private:
  int file_;
};

}  // namespace

mqtt::LinkOptions link_options(const settings::Settings& settings) {
  const settings::Mqtt& mqtt = settings.mqtt;
  const mqtt::TopicTree topics(mqtt.base_topic, settings.homeassistant.prefix);
  mqtt::LinkOptions options;
  options.host = mqtt.host;
  options.port = static_cast<std::uint16_t>(mqtt.port);
  options.client_id = mqtt.client_id;
  options.username = mqtt.username;
  options.password = mqtt.password.reveal();
  options.version = mqtt.version;
  options.tls = mqtt.tls;
  options.ca_file = mqtt.ca_file;
  options.certificate_file = mqtt.certificate_file;
  options.key_file = mqtt.key_file;
  options.keep_alive_s = static_cast<std::uint16_t>(mqtt.keep_alive_s);
  options.will = {topics.bridge("state"), "offline", mqtt::Qos::at_least_once, true, {}, {}};
  return options;
}

ExitCode run_daemon(const settings::Settings& settings) {
  runtime::Inbox<Event> inbox;
  const runtime::Signals signals([&inbox](runtime::Signal signal) { inbox.post(signal); });
  const std::string directory = state_directory(settings);
  const StateLock lock(directory);
  ledger::Store store(directory + "/ledger.sqlite");
  StoredCalls journal(store);
  StoredDrafts drafts(store);
  partner::GrpcGateway gateway(gateway_options(settings.partner),
                               [&inbox](partner::Reply reply) { inbox.post(std::move(reply)); });
  mqtt::PahoLink link(link_options(settings), [&inbox](mqtt::LinkEvent event) { inbox.post(std::move(event)); });
  runtime::log_info("bridge",
                    runtime::concat("emporia2mqtt ", kVersion, " starts: ", settings.partner.endpoint, " to mqtt://",
                                    settings.mqtt.host, ":", settings.mqtt.port, "/", settings.mqtt.base_topic));
  Bridge bridge({gateway, journal, link, store, drafts}, settings, runtime::read_clock());
  while (!bridge.finished()) {
    for (Event& event : inbox.take_until(bridge.next_deadline()))
      bridge.handle(std::move(event), runtime::read_clock());
    bridge.on_time(runtime::read_clock());
  }
  runtime::log_info("bridge", "stopped");
  return *bridge.finished();
}

}  // namespace emporia::app
