#include "mqtt/paho_values.hpp"

#include <chrono>
#include <utility>

#include "mqtt/trouble.hpp"
#include "runtime/text.hpp"

namespace emporia::mqtt {
namespace {

constexpr std::chrono::seconds kConnectTimeout{10};
/// MQTT 5: what holds when the broker does not say.
constexpr std::uint16_t kReceiveMaximumUnsaid = 65535;
/// More than the fixed header, the length of the topic, the packet id and the lengths of the properties take.
constexpr std::size_t kPacketOverhead = 32;

paho::ssl_options tls_options(const LinkOptions& options) {
  paho::ssl_options tls;
  tls.set_trust_store(options.ca_file.empty() ? kSystemAuthorities : options.ca_file);
  tls.set_enable_server_cert_auth(true);
  // The host name; the library's default is not to look at it.
  tls.set_verify(true);
  if (!options.certificate_file.empty()) {
    tls.set_key_store(options.certificate_file);
    tls.set_private_key(options.key_file.empty() ? options.certificate_file : options.key_file);
  }
  return tls;
}

}  // namespace

int library_version(const LinkOptions& options) {
  return options.version == kVersion5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

std::string server_uri(const LinkOptions& options) {
  return runtime::concat(options.tls ? "ssl://" : "tcp://", host_and_port(options));
}

void fill(paho::connect_options& to, const LinkOptions& options) {
  // The version comes first: the library sets the others' defaults by it.
  to.set_mqtt_version(library_version(options));
  if (options.version == kVersion5) {
    to.set_clean_start(true);
    paho::properties properties;
    properties.add({paho::property::MAXIMUM_PACKET_SIZE, options.largest_packet_bytes});
    to.set_properties(std::move(properties));
  } else {
    to.set_clean_session(true);
  }
  to.set_automatic_reconnect(false);
  to.set_connect_timeout(kConnectTimeout);
  to.set_keep_alive_interval(static_cast<int>(options.keep_alive_s));
  to.set_max_inflight(kReceiveMaximumUnsaid);
  if (!options.username.empty()) to.set_user_name(options.username);
  if (!options.password.empty()) to.set_password(options.password);
  if (options.tls) to.set_ssl(tls_options(options));
  const Message& will = options.will;
  if (!will.topic.empty()) {
    constexpr int kQos = 1;
    constexpr bool kRetained = true;
    to.set_will(paho::will_options(will.topic, paho::binary_ref(will.payload), kQos, kRetained));
  }
}

paho::const_message_ptr to_paho(const Message& message, int version) {
  paho::properties properties;
  if (version == kVersion5 && !message.response_topic.empty()) {
    properties.add({paho::property::RESPONSE_TOPIC, message.response_topic});
  }
  if (version == kVersion5 && !message.correlation_data.empty()) {
    properties.add({paho::property::CORRELATION_DATA, message.correlation_data});
  }
  return paho::message::create(message.topic, message.payload, static_cast<int>(message.qos), message.retain,
                               properties);
}

Received from_paho(const paho::message& message) {
  Received received;
  received.message.topic = message.get_topic();
  received.message.payload = message.get_payload_str();
  received.message.qos = message.get_qos() == 0 ? Qos::at_most_once : Qos::at_least_once;
  received.message.retain = message.is_retained();
  received.retained = message.is_retained();
  const paho::properties& properties = message.get_properties();
  if (properties.contains(paho::property::RESPONSE_TOPIC)) {
    received.message.response_topic = paho::get<std::string>(properties, paho::property::RESPONSE_TOPIC);
  }
  if (properties.contains(paho::property::CORRELATION_DATA)) {
    received.message.correlation_data = paho::get<std::string>(properties, paho::property::CORRELATION_DATA);
  }
  return received;
}

Limits limits_of(const paho::token& connected, int version) {
  Limits limits;
  if (version != kVersion5) return limits;
  const paho::connect_response response = connected.get_connect_response();
  const paho::properties& said = response.get_properties();
  limits.receive_maximum = kReceiveMaximumUnsaid;
  if (said.contains(paho::property::RECEIVE_MAXIMUM)) {
    limits.receive_maximum = paho::get<std::uint16_t>(said, paho::property::RECEIVE_MAXIMUM);
  }
  if (said.contains(paho::property::MAXIMUM_PACKET_SIZE)) {
    limits.largest_packet = paho::get<std::uint32_t>(said, paho::property::MAXIMUM_PACKET_SIZE);
  }
  return limits;
}

std::size_t packet_size(const Message& message) {
  return message.topic.size() + message.payload.size() + message.response_topic.size() +
         message.correlation_data.size() + kPacketOverhead;
}

}  // namespace emporia::mqtt
