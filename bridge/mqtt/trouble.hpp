#pragma once

#include <string>

#include "mqtt/link.hpp"

namespace emporia::mqtt {

/// The authorities that come with the system; what is trusted when none are configured.
inline constexpr auto kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

/// "broker.example.com:8883", "[fd00::1]:1883"; takes an IPv6 address with or without brackets.
std::string host_and_port(const LinkOptions& options);

/// What the broker's answer to CONNECT means (MQTT 3.1.1 return codes 1 to 5, MQTT 5 reason codes from 0x80), and what
/// to do about it.
LinkDown explain_refusal(int code, const LinkOptions& options);
/// What a DISCONNECT of an MQTT 5 broker means.
LinkDown explain_disconnect(int code, const LinkOptions& options);

/// A file descriptor that becomes readable when a look should be given up.
struct GiveUp {
  int fd = -1;
};

/// Looks again at a broker that could not be connected to: name, port, TLS, certificates, in this order, and says in
/// words what is wrong and what to do. Blocks for some seconds at most, apart from the look-up of the name; for a
/// thread that may wait.
LinkDown explain_no_connection(const LinkOptions& options, GiveUp give_up);

}  // namespace emporia::mqtt
