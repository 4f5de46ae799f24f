#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/asking.hpp"
#include "mqtt/link.hpp"
#include "runtime/clock.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// How a command reaches the broker: as the bridge does, but under a name of its own, for the broker lets only one
/// client of a name be connected, and without a will, for it is not the bridge.
mqtt::LinkOptions command_link_options(const settings::Settings& settings, const std::string& command);

/// Why a command cannot go on with the broker.
struct BrokerTrouble {
  /// For people, with what to do; without secrets.
  std::string text;
  app::ExitCode exit_code = app::ExitCode::unavailable;
};

/// A connection to the broker for a command of the command line. Every call blocks until it is done or has failed; the
/// first trouble stays, and every later call fails with it at once.
class Broker {
 public:
  /// Throws std::runtime_error when the library cannot make a client of the settings.
  Broker(const settings::Settings& settings, Ears& ears, const std::string& command);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  bool connect();
  /// What is retained under the filters. False also when it does not come within some seconds. The subscriptions stay.
  bool read_retained(const std::vector<std::string>& filters, std::map<std::string, std::string>& retained);
  bool subscribe(const std::vector<std::string>& filters);
  /// True once the broker has taken it; false as well, without trouble, when it refused it (MQTT 5; one of 3.1.1 does
  /// not tell).
  bool publish(const mqtt::Message& message);
  /// The next message of a subscription; nothing at the deadline and with trouble.
  std::optional<mqtt::Received> next(runtime::SteadyTime deadline);

  const std::optional<BrokerTrouble>& trouble() const { return trouble_; }
  /// "localhost:1883"
  const std::string& where() const { return where_; }
  const std::string& client_id() const { return client_id_; }

 private:
  /// Takes events until something happened or the deadline has come.
  void listen(runtime::SteadyTime deadline);
  /// The deadline for what a broker does at once.
  static runtime::SteadyTime soon();
  bool too_slow(const char* what);

  Ears& ears_;
  std::string where_;
  std::string client_id_;
  std::string echo_topic_;
  std::unique_ptr<mqtt::Link> link_;
  bool up_ = false;
  std::optional<BrokerTrouble> trouble_;
  mqtt::Ticket last_ticket_ = 0;
  std::map<mqtt::Ticket, bool> delivered_;
  std::deque<mqtt::Received> received_;
};

}  // namespace emporia::cli
