#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace emporia::settings {

struct Endpoint {
  /// A name or an address, IPv6 without its brackets.
  std::string host;
  int port = 0;
};

/// "host:port" or "[IPv6]:port"; nothing for any other text, such as one with a scheme or a path.
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// A name of letters, digits, '-', '_' and '.', or an IPv4 or IPv6 address without brackets.
bool is_host(std::string_view text);

/// The host is this machine: localhost, 127.0.0.0/8 or ::1. A name that only resolves to it does not count, because
/// tomorrow it may resolve to something else.
bool is_loopback(std::string_view host);

}  // namespace emporia::settings
