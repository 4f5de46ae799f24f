#include "settings/options.hpp"

#include "runtime/text.hpp"
#include "settings/nearest.hpp"

namespace emporia::settings {
namespace {

/// The member of a section as a function, so that rows of different types fit one table.
template <auto Section, auto Member>
auto& at(Settings& settings) {
  return settings.*Section.*Member;
}

using P = Partner;
using B = Budget;
using G = Polling;
using C = Commands;
using D = Devices;
using M = Mqtt;
using H = HomeAssistant;
using S = Statistics;
constexpr auto kPartner = &Settings::partner;
constexpr auto kBudget = &Settings::budget;
constexpr auto kPolling = &Settings::polling;
constexpr auto kCommands = &Settings::commands;
constexpr auto kDevices = &Settings::devices;
constexpr auto kMqtt = &Settings::mqtt;
constexpr auto kHome = &Settings::homeassistant;
constexpr auto kStatistics = &Settings::statistics;

constexpr Change kLive = Change::live;
constexpr Change kAtStart = Change::at_start;

constexpr Range between(int min, int max) {
  return {Range::Kind::between, min, max};
}
constexpr Range automatic(int min, int max) {
  return {Range::Kind::automatic, min, max};
}
constexpr Range either(int min, int max) {
  return {Range::Kind::either_end, min, max};
}

// clang-format off
std::vector<Option> table() {
  return {
    {"partner", "email", &at<kPartner, &P::email>, kLive, Form::email, {}, "", "",
     "address with which you sign in to the partner portal"},
    {"partner", "password", &at<kPartner, &P::password>, kLive, Form::any, {}, "", "",
     "its password; better kept in a file, a systemd credential or the environment"},
    {"partner", "password_file", &at<kPartner, &P::password_file>, kLive, Form::file, {}, "", "",
     "file whose first line is the password"},
    {"partner", "endpoint", &at<kPartner, &P::endpoint>, kAtStart, Form::endpoint, {}, "", "",
     "host:port of the Partner API"},
    {"partner", "ca_file", &at<kPartner, &P::ca_file>, kAtStart, Form::pem_file, {}, "", "",
     "PEM file of the authorities to trust; empty: the system's"},
    {"partner", "tls_server_name", &at<kPartner, &P::tls_server_name>, kAtStart, Form::host, {}, "", "",
     "name the service's certificate must bear; empty: the endpoint's host"},
    {"partner", "plaintext", &at<kPartner, &P::plaintext>, kAtStart, Form::any, {}, "", "",
     "no TLS; only to an endpoint on this machine, for simulators"},
    {"partner", "customers", &at<kPartner, &P::customers>, kLive, Form::email, {}, "", "",
     "e-mail addresses of the customers to show; empty: all"},
    {"partner", "timeout_s", &at<kPartner, &P::timeout_s>, kAtStart, Form::any, between(5, 120), "s", "",
     "longest time for a call"},
    {"partner", "usage_timeout_s", &at<kPartner, &P::usage_timeout_s>, kAtStart, Form::any, between(10, 180), "s", "",
     "longest time for a call that asks for usage"},

    {"budget", "calls_per_hour", &at<kBudget, &B::calls_per_hour>, kLive, Form::any, between(10, 1000), "calls", "",
     "most calls in any hour; Emporia asks partners for less than 100"},
    {"budget", "command_reserve", &at<kBudget, &B::command_reserve>, kLive, Form::any, between(0, 999), "calls", "",
     "of these, kept for commands; less than calls_per_hour"},

    {"polling", "usage_interval_s", &at<kPolling, &G::usage_interval_s>, kLive, Form::any, automatic(60, 3600), "s", "",
     "between two readings of usage; 0: chosen from the budget and the devices"},
    {"polling", "inventory_interval_s", &at<kPolling, &G::inventory_interval_s>, kLive, Form::any, automatic(60, 3600), "s", "",
     "between two readings of the list of devices, which tells who is connected; 0: chosen"},
    {"polling", "state_interval_s", &at<kPolling, &G::state_interval_s>, kLive, Form::any, automatic(30, 3600), "s", "",
     "between two readings of outlets, chargers and batteries; 0: chosen"},
    {"polling", "settle_minutes", &at<kPolling, &G::settle_minutes>, kLive, Form::any, between(30, 180), "min", "",
     "age at which usage counts as final; nothing younger is booked"},
    {"polling", "stale_after_minutes", &at<kPolling, &G::stale_after_minutes>, kLive, Form::any, between(35, 10080), "min", "",
     "age of its newest data at which a device counts as unavailable; more than settle_minutes by 5 or more"},

    {"commands", "gathering_ms", &at<kCommands, &C::gathering_ms>, kLive, Form::any, between(0, 1000), "ms", "",
     "how long a command waits for others that can go in the same call"},
    {"commands", "deadline_s", &at<kCommands, &C::deadline_s>, kLive, Form::any, between(1, 600), "s", "",
     "from a command's arrival to its final result; a command may bring its own as timeout_s"},
    {"commands", "wait_for_budget", &at<kCommands, &C::wait_for_budget>, kLive, Form::any, {}, "", "",
     "when the call budget is spent, let a command wait until its deadline; false refuses it at once"},

    {"devices", "include", &at<kDevices, &D::include>, kLive, Form::device, {}, "", "",
     "device ids or models to show; empty: all"},
    {"devices", "exclude", &at<kDevices, &D::exclude>, kLive, Form::device, {}, "", "",
     "device ids or models to leave out; wins over include"},
    {"devices", "announce_unused_circuits", &at<kDevices, &D::announce_unused_circuits>, kLive, Form::any, {}, "", "",
     "announce circuits too that have neither a name nor any usage"},
    {"devices", "names", &at<kDevices, &D::names>, kLive, Form::any, {}, "", "",
     "names to show in place of the customer's, by device id"},

    {"mqtt", "host", &at<kMqtt, &M::host>, kAtStart, Form::host, {}, "", "",
     "name or address of the broker"},
    {"mqtt", "port", &at<kMqtt, &M::port>, kAtStart, Form::any, between(1, 65535), "", "8883 with tls",
     "its port"},
    {"mqtt", "client_id", &at<kMqtt, &M::client_id>, kAtStart, Form::any, {}, "", "emporia2mqtt-<base_topic>, behind it the number of [fleet] shard",
     "name by which the broker knows this program; a second bridge needs another one"},
    {"mqtt", "username", &at<kMqtt, &M::username>, kAtStart, Form::any, {}, "", "",
     "user at the broker; empty: none"},
    {"mqtt", "password", &at<kMqtt, &M::password>, kAtStart, Form::any, {}, "", "",
     "its password; better kept in a file, a systemd credential or the environment"},
    {"mqtt", "password_file", &at<kMqtt, &M::password_file>, kAtStart, Form::file, {}, "", "",
     "file whose first line is the password"},
    {"mqtt", "version", &at<kMqtt, &M::version>, kAtStart, Form::any, either(3, 5), "", "",
     "of the protocol: 5, or 3 for MQTT 3.1.1"},
    {"mqtt", "tls", &at<kMqtt, &M::tls>, kAtStart, Form::any, {}, "", "",
     "TLS to the broker, whose certificate must bear its host name"},
    {"mqtt", "ca_file", &at<kMqtt, &M::ca_file>, kAtStart, Form::pem_file, {}, "", "",
     "PEM file of the authorities to trust; empty: the system's"},
    {"mqtt", "certificate_file", &at<kMqtt, &M::certificate_file>, kAtStart, Form::pem_file, {}, "", "",
     "PEM file of our certificate, where the broker asks for one"},
    {"mqtt", "key_file", &at<kMqtt, &M::key_file>, kAtStart, Form::pem_file, {}, "", "",
     "PEM file of its key, without a passphrase"},
    {"mqtt", "keep_alive_s", &at<kMqtt, &M::keep_alive_s>, kAtStart, Form::any, between(5, 3600), "s", "",
     "after which a silent connection is probed"},
    {"mqtt", "base_topic", &at<kMqtt, &M::base_topic>, kAtStart, Form::topic, {}, "", "",
     "first levels of every topic; a second bridge needs another one"},

    {"homeassistant", "enabled", &at<kHome, &H::enabled>, kAtStart, Form::any, {}, "", "",
     "announce devices to Home Assistant"},
    {"homeassistant", "prefix", &at<kHome, &H::prefix>, kAtStart, Form::topic, {}, "", "",
     "its discovery prefix"},
    {"homeassistant", "status_topic", &at<kHome, &H::status_topic>, kAtStart, Form::topic, {}, "", "",
     "its birth topic"},
    {"homeassistant", "circuits_as_devices", &at<kHome, &H::circuits_as_devices>, kAtStart, Form::any, {}, "", "",
     "announce each circuit as a device of its own"},

    {"statistics", "enabled", &at<kStatistics, &S::enabled>, kAtStart, Form::any, {}, "", "",
     "write the energy of each hour into Home Assistant's long-term statistics, in the hour it was used in"},
    {"statistics", "url", &at<kStatistics, &S::url>, kAtStart, Form::web, {}, "", "",
     "where Home Assistant is, like \"https://homeassistant.example.com\" or \"http://192.0.2.7:8123\""},
    {"statistics", "token", &at<kStatistics, &S::token>, kAtStart, Form::any, {}, "", "",
     "long-lived access token of an administrator; better kept in a file, a systemd credential or the environment"},
    {"statistics", "token_file", &at<kStatistics, &S::token_file>, kAtStart, Form::file, {}, "", "",
     "file whose first line is the token"},
    {"statistics", "ca_file", &at<kStatistics, &S::ca_file>, kAtStart, Form::pem_file, {}, "", "",
     "PEM file of the authorities to trust for https; empty: the system's"},
    {"statistics", "mean_power", &at<kStatistics, &S::mean_power>, kAtStart, Form::any, {}, "", "",
     "write the mean, least and most power of each hour as well"},

    {"http", "enabled", &at<&Settings::http, &Http::enabled>, kAtStart, Form::any, {}, "", "",
     "serve /metrics for Prometheus and /health for health checks"},
    {"http", "listen", &at<&Settings::http, &Http::listen>, kAtStart, Form::listen, {}, "", "",
     "address:port to serve them on; other than loopback they can be read by the whole network"},
    {"http", "per_device_metrics", &at<&Settings::http, &Http::per_device_metrics>, kAtStart, Form::any, {}, "", "",
     "metrics of each device besides those of all together"},

    {"fleet", "shard", &at<&Settings::fleet, &Fleet::shard>, kAtStart, Form::shard, {}, "", "",
     "\"number/count\", like \"2/8\": one of several bridges that share the account, each with its part of the devices "
     "and of [budget]; empty: all of it"},
    {"fleet", "standby", &at<&Settings::fleet, &Fleet::standby>, kAtStart, Form::any, {}, "", "",
     "true: of several bridges with this configuration, each with a state directory of its own, exactly one works and "
     "the others take over when it is gone"},
    {"fleet", "node", &at<&Settings::fleet, &Fleet::node>, kAtStart, Form::any, {}, "", "the machine's with standby",
     "what this one of them is called; no two have the same"},
    {"fleet", "lease_s", &at<&Settings::fleet, &Fleet::lease_s>, kAtStart, Form::any, between(5, 300), "s", "",
     "how long the working one may go on without the broker's word for it; the same for all of them"},

    {"state", "directory", &at<&Settings::state, &State::directory>, kAtStart, Form::directory, {}, "", "$STATE_DIRECTORY, else /var/lib/emporia2mqtt",
     "folder for energy counters and the record of calls"},

    {"ledger", "keep_days", &at<&Settings::ledger, &Ledger::keep_days>, kAtStart, Form::any, between(35, 3650), "days", "",
     "how long the energy of each hour is kept; counters are kept for ever"},

    {"log", "level", &at<&Settings::log, &Log::level>, kLive, Form::any, {}, "", "",
     "least important lines that are written"},
    {"log", "format", &at<&Settings::log, &Log::format>, kLive, Form::any, {}, "", "",
     "how they are written; auto: for the journal where systemd reads them, else text"},
  };
}
// clang-format on

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> rows = table();
  return rows;
}

const Option* find_option(std::string_view section, std::string_view name) {
  for (const Option& option : options()) {
    if (option.section == section && option.name == name) return &option;
  }
  return nullptr;
}

std::vector<std::string_view> section_names() {
  std::vector<std::string_view> names;
  for (const Option& option : options()) {
    if (names.empty() || names.back() != option.section) names.push_back(option.section);
  }
  return names;
}

std::vector<std::string_view> option_names(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Option& option : options()) {
    if (option.section == section) names.push_back(option.name);
  }
  return names;
}

const std::vector<std::string_view>& log_level_words() {
  static const std::vector<std::string_view> words = {"debug", "info", "warning", "error"};
  return words;
}

const std::vector<std::string_view>& log_format_words() {
  static const std::vector<std::string_view> words = {"auto", "text", "journal", "json"};
  return words;
}

const std::vector<std::string_view>& model_words() {
  static const std::vector<std::string_view> words = {"vue1",   "vue2",       "vue3",    "utility_connect",
                                                      "outlet", "ev_charger", "battery", "unknown"};
  return words;
}

std::string expected(const Option& option) {
  struct Describer {
    const Option& row;
    std::string operator()(std::string& (*)(Settings&)) const { return "a string, like \"text\""; }
    std::string operator()(Secret& (*)(Settings&)) const { return "a string, like \"text\""; }
    std::string operator()(bool& (*)(Settings&)) const { return "true or false"; }
    std::string operator()(runtime::LogLevel& (*)(Settings&)) const {
      return "one of " + listed(log_level_words(), "or");
    }
    std::string operator()(runtime::LogFormat& (*)(Settings&)) const {
      return "one of " + listed(log_format_words(), "or");
    }
    std::string operator()(std::vector<std::string>& (*)(Settings&)) const {
      return "a list of strings, like [\"a\", \"b\"]";
    }
    std::string operator()(std::map<std::string, std::string>& (*)(Settings&)) const {
      return "a table of strings, like { \"device id\" = \"name\" }";
    }
    std::string operator()(int& (*)(Settings&)) const {
      const Range range = row.range;
      const std::string unit = row.unit.empty() ? "" : runtime::concat(" ", row.unit);
      if (range.kind == Range::Kind::either_end) return runtime::concat(range.min, " or ", range.max, unit);
      const std::string zero = range.kind == Range::Kind::automatic ? "0 (automatic) or " : "";
      return runtime::concat(zero, "a whole number from ", range.min, " to ", range.max, unit);
    }
  };
  return std::visit(Describer{option}, option.slot);
}

}  // namespace emporia::settings
