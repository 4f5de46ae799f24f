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
