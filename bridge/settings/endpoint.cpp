#include "settings/endpoint.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace emporia::settings {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_name(std::string_view text) {
  constexpr std::size_t kLongestName = 253;  // RFC 1035, 2.3.4, without the lengths of the labels
  return !text.empty() && text.size() <= kLongestName && std::all_of(text.begin(), text.end(), is_name_character) &&
         text.find("..") == std::string_view::npos && text.front() != '.' && text.front() != '-';
}

bool is_ipv4(std::string_view text) {
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return std::nullopt;
  } else if (!is_name(host)) {
    return std::nullopt;
  }
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  constexpr int kLargestPort = 65535;
  if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > kLargestPort) {
    return std::nullopt;
  }
  return Endpoint{std::string(host), port};
}

std::optional<Endpoint> parse_listen(std::string_view text) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return std::nullopt;
  if (endpoint->host == "localhost") endpoint->host = "127.0.0.1";
  if (!is_ipv4(endpoint->host) && !is_ipv6(endpoint->host)) return std::nullopt;
  return endpoint;
}

std::optional<WebAddress> parse_web_address(std::string_view text) {
  struct Scheme {
    std::string_view start;
    int port;
  };
  constexpr int kTlsPort = 443;
  constexpr Scheme kSchemes[] = {{"http://", 80}, {"https://", kTlsPort}, {"ws://", 80}, {"wss://", kTlsPort}};
  const auto scheme = std::find_if(std::begin(kSchemes), std::end(kSchemes), [text](const Scheme& known) {
    return text.substr(0, known.start.size()) == known.start;
  });
  if (scheme == std::end(kSchemes)) return std::nullopt;
  text.remove_prefix(scheme->start.size());
  const std::string_view place = text.substr(0, text.find('/'));
  std::string_view path = text.substr(place.size());
  if (path.find_first_of("?# ") != std::string_view::npos) return std::nullopt;
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  // An address in brackets holds colons of its own.
  const auto colon = place.rfind(':');
  const bool has_port = colon != std::string_view::npos && place.find(']', colon) == std::string_view::npos;
  const std::string with_port = std::string(place) + (has_port ? "" : ":" + std::to_string(scheme->port));
  const auto endpoint = parse_endpoint(with_port);
  if (!endpoint) return std::nullopt;
  return WebAddress{endpoint->host, endpoint->port, std::string(path), scheme->port == kTlsPort};
}

bool is_host(std::string_view text) {
  return is_name(text) || is_ipv6(text);
}

bool is_loopback(std::string_view host) {
  std::string name(host);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (name == "localhost") return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, name.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24u) == 127u;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, name.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace emporia::settings
