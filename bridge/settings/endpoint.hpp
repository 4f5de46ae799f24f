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

/// "address:port" to listen on: like an endpoint with an address for its host, where localhost stands for 127.0.0.1.
std::optional<Endpoint> parse_listen(std::string_view text);

/// Where a web server is.
struct WebAddress {
  /// A name or an address, IPv6 without its brackets.
  std::string host;
  int port = 0;
  /// Empty, or begins with '/' and does not end with it.
  std::string path;
  bool tls = false;
};

/// "http://host:8123", "https://host/below" and the same with ws and wss; without a port the scheme's own. Nothing for
/// any other text, such as one with a user or a question.
std::optional<WebAddress> parse_web_address(std::string_view text);

/// A name of letters, digits, '-', '_' and '.', or an IPv4 or IPv6 address without brackets.
bool is_host(std::string_view text);

/// The host is this machine: localhost, 127.0.0.0/8 or ::1. A name that only resolves to it does not count, because
/// tomorrow it may resolve to something else.
bool is_loopback(std::string_view host);

}  // namespace emporia::settings
