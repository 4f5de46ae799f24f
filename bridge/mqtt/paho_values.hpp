#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <mqtt/async_client.h>
#include <string>

#include "mqtt/link.hpp"

namespace emporia::mqtt {

/// The library's namespace; ours has the same last name.
namespace paho = ::mqtt;

inline constexpr int kVersion5 = 5;

/// What the broker tells of its limits when it lets us in. MQTT 3.1.1 cannot say any; what stands here is what
/// mosquitto takes.
struct Limits {
  std::uint16_t receive_maximum = 20;
  std::size_t largest_packet = std::numeric_limits<std::size_t>::max();
};

/// "ssl://[::1]:8883"
std::string server_uri(const LinkOptions& options);
/// The library's number for the version.
int library_version(const LinkOptions& options);
/// Puts everything that a connect() needs into `to`. It must outlive every connect() with it: the library's copies of
/// it keep pointing at its properties.
void fill(paho::connect_options& to, const LinkOptions& options);

paho::const_message_ptr to_paho(const Message& message, int version);
Received from_paho(const paho::message& message);

/// What a successful connect's token tells.
Limits limits_of(const paho::token& connected, int version);
/// No less than the bytes of the message as a packet.
std::size_t packet_size(const Message& message);

}  // namespace emporia::mqtt
