#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"

namespace emporia::support {

struct MosquittoOptions {
  /// With a user name, nobody else is let in.
  std::string username;
  std::string password;
  /// Of mosquitto_passwd, in place of the two above: several users.
  std::string password_file;
  /// With a certificate, the port speaks TLS.
  Identity identity;
  /// With this authority, clients must show a certificate of it.
  std::string client_authority_file;
  /// Lines for the listener under test and for the whole broker, such as "max_packet_size 2000".
  std::vector<std::string> extra;
};

/// A broker of the test's own on loopback, without memory: killed and started again it is empty. Besides port() it
/// listens, open to all and without TLS, on observer_port(), where the test itself looks and speaks.
class Mosquitto {
 public:
  /// Listens when this returns; throws when it cannot be started.
  explicit Mosquitto(MosquittoOptions options = {});

  std::uint16_t port() const { return port_; }
  std::uint16_t observer_port() const { return observer_port_; }
  /// Ends it, by default without a goodbye to anyone.
  void kill();
  /// Starts it again, empty, on the same ports.
  void start();
  /// What it logged since its last start.
  ChildProcess& process() { return *process_; }

  void publish(const std::string& topic, const std::string& payload, bool retain = false) const;
  /// What is retained under a filter now.
  std::map<std::string, std::string> retained(const std::string& filter = "#") const;

 private:
  void write_configuration();
  bool try_start();

  TempDir folder_;
  MosquittoOptions options_;
  std::uint16_t port_ = 0;
  std::uint16_t observer_port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

/// A message as another client of the broker saw it.
struct Seen {
  std::string topic;
  std::string payload;
  bool retained = false;
};

/// Another client of the broker that listens, by a library that is not the bridge's. Ready when constructed. Filters
/// that lie under each other let it see a message twice.
class Observer {
 public:
  explicit Observer(const Mosquitto& broker, const std::vector<std::string>& filters = {"#"});

  std::vector<Seen> seen() const;
  /// The same, which is forgotten then.
  std::vector<Seen> take();
  bool wait_until(const std::function<bool(const std::vector<Seen>&)>& condition,
                  std::chrono::milliseconds limit = kPatience) const;
  /// Sees this payload at this topic, from the first message on.
  bool wait_for(const std::string& topic, const std::string& payload,
                std::chrono::milliseconds limit = kPatience) const;
  /// The first payload at the topic, as soon as there is one.
  std::optional<std::string> wait_for_topic(const std::string& topic,
                                            std::chrono::milliseconds limit = kPatience) const;

 private:
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace emporia::support
