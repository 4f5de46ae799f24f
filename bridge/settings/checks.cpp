#include <algorithm>
#include <array>
#include <unistd.h>

#include "runtime/text.hpp"
#include "settings/endpoint.hpp"
#include "settings/loading.hpp"
#include "settings/nearest.hpp"
#include "settings/shard.hpp"

namespace emporia::settings {
namespace {

using runtime::concat;
constexpr int kPlainPort = 1883;
constexpr int kTlsPort = 8883;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "unnamed";
  return name.data();
}

void check_partner(Loading& loading) {
  const Partner& partner = loading.settings.partner;
  if (!partner.plaintext) return;
  const auto endpoint = parse_endpoint(partner.endpoint);
  if (!loading.refused("partner", "endpoint") && endpoint && !is_loopback(endpoint->host)) {
    loading.refuse("partner", "plaintext",
                   concat("would send the password unencrypted over the network; allowed only where the endpoint's "
                          "host is localhost, 127.x.x.x or ::1, and it is ",
                          in_quotes(endpoint->host)));
  }
  for (const std::string_view name : {"ca_file", "tls_server_name"}) {
    const bool set = name == "ca_file" ? !partner.ca_file.empty() : !partner.tls_server_name.empty();
    if (set) loading.refuse("partner", name, "contradicts plaintext = true; remove one of the two");
  }
}

void check_budget(Loading& loading) {
  const Budget& budget = loading.settings.budget;
  if (loading.refused("budget", "calls_per_hour") || loading.refused("budget", "command_reserve")) return;
  if (budget.command_reserve >= budget.calls_per_hour) {
    const std::string_view name = loading.has("budget", "command_reserve") ? "command_reserve" : "calls_per_hour";
    loading.refuse("budget", name,
                   concat("command_reserve is ", budget.command_reserve, " and calls_per_hour ", budget.calls_per_hour,
                          "; the reserve has to be less, or nothing could be read"));
  }
  constexpr int kAskedFor = 99;
  if (budget.calls_per_hour > kAskedFor) {
    loading.warn("budget", "calls_per_hour",
                 concat("is ", budget.calls_per_hour, "; Emporia asks partners for less than 100 calls an hour"));
  }
}

void check_standby(Loading& loading) {
  const Fleet& fleet = loading.settings.fleet;
  constexpr std::size_t kLongestName = 64;
  if (fleet.node.size() > kLongestName) {
    loading.refuse("fleet", "node", concat("longer than ", kLongestName, " bytes"));
  }
  if (fleet.standby && loading.settings.statistics.enabled) {
    loading.refuse("fleet", "standby",
                   "cannot be together with [statistics]: each bridge would deliver the hours that its own ledger has, "
                   "and neither has all");
  }
}

void check_fleet(Loading& loading) {
  const auto own = shard(loading.settings);
  if (!own) return;
  if (loading.has("mqtt", "client_id")) {
    loading.warn("mqtt", "client_id",
                 "is taken as it is although [fleet] shard is set; each of the bridges needs another one, which it "
                 "makes itself when this line is removed");
  }
  const Budget& budget = loading.settings.budget;
  if (loading.refused("budget", "calls_per_hour") || loading.refused("budget", "command_reserve")) return;
  // The smallest part of all, so that every bridge says the same.
  const Budget part = part_of(budget, {own->count, own->count});
  const auto count = static_cast<int>(own->count);
  if (part.calls_per_hour < kLeastCallsPerHour) {
    loading.refuse("fleet", "shard",
                   concat("shares ", budget.calls_per_hour, " calls_per_hour of [budget] among ", count,
                          " bridges, which leaves one of them ", part.calls_per_hour, ", and a bridge needs ",
                          kLeastCallsPerHour, " to work; take at most ", budget.calls_per_hour / kLeastCallsPerHour,
                          " bridges, or let calls_per_hour be ", kLeastCallsPerHour * count,
                          " or more if the account has that many"));
  } else if (part.command_reserve >= part.calls_per_hour) {
    loading.refuse("fleet", "shard",
                   concat("leaves one of ", count, " bridges ", part.calls_per_hour, " calls an hour, of which ",
                          part.command_reserve,
                          " are command_reserve; the reserve has to be less, or nothing could "
                          "be read"));
  }
}

void check_polling(Loading& loading) {
  const Polling& polling = loading.settings.polling;
  if (loading.refused("polling", "settle_minutes") || loading.refused("polling", "stale_after_minutes")) return;
  constexpr int kLeast = 5;
  if (polling.stale_after_minutes < polling.settle_minutes + kLeast) {
    const std::string_view name =
        loading.has("polling", "stale_after_minutes") ? "stale_after_minutes" : "settle_minutes";
    loading.refuse("polling", name,
                   concat("with settle_minutes = ", polling.settle_minutes,
                          " every device would count as unavailable; stale_after_minutes has to be ",
                          polling.settle_minutes + kLeast, " or more and is ", polling.stale_after_minutes));
  }
}

void check_devices(Loading& loading) {
  const Devices& devices = loading.settings.devices;
  for (const std::string& entry : devices.include) {
    if (std::find(devices.exclude.begin(), devices.exclude.end(), entry) != devices.exclude.end()) {
      loading.refuse("devices", "exclude",
                     concat(in_quotes(entry), " is in include as well; remove it from one of the two"));
    }
  }
}

void check_mqtt_tls(Loading& loading) {
  const Mqtt& mqtt = loading.settings.mqtt;
  if (!mqtt.certificate_file.empty() && mqtt.key_file.empty() && !loading.refused("mqtt", "key_file")) {
    loading.refuse("mqtt", "certificate_file", "needs key_file, the certificate's private key");
  }
  if (!mqtt.key_file.empty() && mqtt.certificate_file.empty() && !loading.refused("mqtt", "certificate_file")) {
    loading.refuse("mqtt", "key_file", "needs certificate_file, the certificate that belongs to the key");
  }
  if (loading.refused("mqtt", "tls")) return;
  const bool port_given = loading.has("mqtt", "port") && !loading.refused("mqtt", "port");
  if (mqtt.tls) {
    if (port_given && mqtt.port == kPlainPort) {
      loading.warn("mqtt", "port", "is 1883, where brokers mostly listen without TLS, and tls is true");
    }
    return;
  }
  if (port_given && mqtt.port == kTlsPort) {
    loading.warn("mqtt", "port", "is 8883, where brokers mostly listen for TLS, and tls is not true");
  }
  const std::pair<std::string_view, const std::string*> files[] = {
      {"ca_file", &mqtt.ca_file}, {"certificate_file", &mqtt.certificate_file}, {"key_file", &mqtt.key_file}};
  for (const auto& [name, path] : files) {
    // Who names one believes the connection to be encrypted.
    if (!path->empty())
      loading.refuse("mqtt", name, "needs tls = true; remove it if the broker is spoken to without TLS");
  }
}

void check_mqtt(Loading& loading) {
  const Mqtt& mqtt = loading.settings.mqtt;
  check_mqtt_tls(loading);
  if (!mqtt.password.empty() && mqtt.username.empty() && !loading.refused("mqtt", "username")) {
    // MQTT 3.1.1, 3.1.2.9: a password without a user name is a protocol error; MQTT 5 allows it.
    if (mqtt.version == 3) {
      loading.refuse("mqtt", "username", "missing; MQTT 3.1.1 has no password without a user name");
    } else {
      loading.warn("mqtt", "username", "is not set although there is a password for the broker");
    }
  }
  constexpr std::size_t kLongestClientId = 128;
  if (mqtt.client_id.size() > kLongestClientId && loading.has("mqtt", "client_id")) {
    loading.refuse("mqtt", "client_id", concat("longer than ", kLongestClientId, " bytes"));
  }
  const HomeAssistant& home = loading.settings.homeassistant;
  if (home.enabled && home.prefix == mqtt.base_topic) {
    if (loading.has("homeassistant", "prefix")) {
      loading.refuse("homeassistant", "prefix", "is the same as base_topic of [mqtt]; they have to differ");
    } else {
      loading.refuse("mqtt", "base_topic", "is the same as prefix of [homeassistant]; they have to differ");
    }
  }
}

void check_statistics(Loading& loading) {
  const Statistics& statistics = loading.settings.statistics;
  if (loading.refused("statistics", "url") || loading.refused("statistics", "enabled")) return;
  const auto address = parse_web_address(statistics.url);
  if (statistics.enabled && !address) {
    return loading.refuse("statistics", "url",
                          "missing; put the address of Home Assistant there, like url = \"http://192.0.2.7:8123\"");
  }
  if (address && !address->tls && !statistics.ca_file.empty()) {
    // Who names one believes the connection to be encrypted.
    loading.refuse("statistics", "ca_file", "needs a url that begins with https");
  }
}

}  // namespace

void derive_defaults(Loading& loading) {
  Settings& settings = loading.settings;
  if (settings.mqtt.tls && !loading.has("mqtt", "port")) settings.mqtt.port = kTlsPort;
  if (settings.mqtt.client_id.empty()) {
    settings.mqtt.client_id = "emporia2mqtt-" + settings.mqtt.base_topic;
    std::replace(settings.mqtt.client_id.begin(), settings.mqtt.client_id.end(), '/', '-');
    if (const auto own = shard(settings)) settings.mqtt.client_id += concat("-", own->number);
  }
  if (settings.fleet.standby && settings.fleet.node.empty()) settings.fleet.node = host_name();
  if (settings.state.directory.empty()) {
    // systemd lists several folders with colons; the unit's first one is ours.
    const std::string given = loading.variable("STATE_DIRECTORY");
    settings.state.directory = given.empty() ? "/var/lib/emporia2mqtt" : given.substr(0, given.find(':'));
  }
}

void check(Loading& loading) {
  check_partner(loading);
  check_budget(loading);
  check_fleet(loading);
  check_standby(loading);
  check_polling(loading);
  check_devices(loading);
  check_mqtt(loading);
  check_statistics(loading);
}

}  // namespace emporia::settings
