#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/log.hpp"
#include "settings/group.hpp"
#include "settings/secret.hpp"

namespace emporia::settings {

/// The account and the service. Paths here and below are absolute or relative to the program's working directory:
/// loading has already put the configuration file's folder before them. An empty path means "none".
struct Partner {
  std::string email;
  Secret password;
  std::string password_file;
  /// host:port, an IPv6 address in brackets.
  std::string endpoint = "partner.emporiaenergy.com:50052";
  std::string ca_file;
  std::string tls_server_name;
  bool plaintext = false;
  /// Empty: every customer of the account.
  std::vector<std::string> customers;
  int timeout_s = 15;
  int usage_timeout_s = 45;
  friend bool operator==(const Partner&, const Partner&) = default;
};

struct Budget {
  int calls_per_hour = 95;
  /// Of calls_per_hour, always less than it.
  int command_reserve = 15;
  friend bool operator==(const Budget&, const Budget&) = default;
};

/// An interval of 0 is chosen by the program from the budget and the devices there are.
struct Polling {
  int usage_interval_s = 0;
  int inventory_interval_s = 0;
  int state_interval_s = 0;
  int settle_minutes = 30;
  int stale_after_minutes = 120;
  friend bool operator==(const Polling&, const Polling&) = default;
};

struct Commands {
  /// How long the first command waits for others that go in the same call.
  int gathering_ms = 50;
  /// From a command's arrival to its final result.
  int deadline_s = 30;
  /// When the budget is spent: wait within the deadline; false refuses at once.
  bool wait_for_budget = true;
  friend bool operator==(const Commands&, const Commands&) = default;
};

/// Entries of include and exclude are device ids or words for models.
struct Devices {
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  bool announce_unused_circuits = false;
  /// Device id to the name that is shown instead of the customer's.
  std::map<std::string, std::string> names;
  friend bool operator==(const Devices&, const Devices&) = default;
};

struct Mqtt {
  /// A name or an address; IPv6 without brackets.
  std::string host = "localhost";
  int port = 1883;
  std::string client_id;
  std::string username;
  Secret password;
  std::string password_file;
  /// 5, or 3 for MQTT 3.1.1.
  int version = 5;
  bool tls = false;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  int keep_alive_s = 30;
  std::string base_topic = "emporia";
  friend bool operator==(const Mqtt&, const Mqtt&) = default;
};

struct HomeAssistant {
  bool enabled = true;
  std::string prefix = "homeassistant";
  std::string status_topic = "homeassistant/status";
  bool circuits_as_devices = false;
  friend bool operator==(const HomeAssistant&, const HomeAssistant&) = default;
};

/// Home Assistant's long-term statistics, written over its WebSocket API.
struct Statistics {
  bool enabled = false;
  /// See parse_web_address().
  std::string url;
  Secret token;
  std::string token_file;
  std::string ca_file;
  /// The mean power of each hour besides its energy.
  bool mean_power = false;
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

/// For programs that look after the bridge; off unless somebody asks for it.
struct Http {
  bool enabled = false;
  /// address:port, an IPv6 address in brackets; "localhost" is 127.0.0.1.
  std::string listen = "127.0.0.1:9877";
  bool per_device_metrics = false;
  friend bool operator==(const Http&, const Http&) = default;
};

/// Several bridges for one account.
struct Fleet {
  /// "number/count", see parse_shard(); empty: this bridge has all devices.
  std::string shard;
  /// Of several bridges with this configuration one works, the others stand by.
  bool standby = false;
  /// Tells them apart; never empty when they stand by.
  std::string node;
  /// How long the working one may go on without the broker's word for it.
  int lease_s = 20;
  friend bool operator==(const Fleet&, const Fleet&) = default;
};

struct State {
  std::string directory;
  friend bool operator==(const State&, const State&) = default;
};

struct Ledger {
  /// How long the energy of single hours is kept; counters are kept for ever.
  int keep_days = 400;
  friend bool operator==(const Ledger&, const Ledger&) = default;
};

struct Log {
  runtime::LogLevel level = runtime::LogLevel::info;
  runtime::LogFormat format = runtime::LogFormat::automatic;
  friend bool operator==(const Log&, const Log&) = default;
};

/// Everything a person can choose. What options.cpp says about range and form holds for every loaded Settings.
struct Settings {
  Partner partner;
  Budget budget;
  Polling polling;
  Commands commands;
  Devices devices;
  Mqtt mqtt;
  HomeAssistant homeassistant;
  Statistics statistics;
  Http http;
  Fleet fleet;
  State state;
  Ledger ledger;
  Log log;
  std::vector<Group> groups;
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// Whether a device is to be shown: not excluded, and included or nothing is. `model` is model::word() of its model.
bool wanted(const Devices& devices, std::string_view id, std::string_view model);

/// The texts that must not leave the program; for runtime::hide_in_log.
std::vector<std::string> secrets(const Settings& settings);

/// The settings in force as TOML, every option a line, secrets as "***" where they are set and "" where not.
std::string describe(const Settings& settings);

/// All options for a terminal: what each is for, what it takes, its default.
std::string manual();

}  // namespace emporia::settings
// Long because all that can be chosen stands in one place.
