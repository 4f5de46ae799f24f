// The protocol of sd_notify(3), which its manual page lets programs speak without the library: linked, libsystemd and
// the six libraries that it brings along took a megabyte of resident memory for one datagram.
#include "runtime/service_manager.hpp"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace emporia::runtime {
namespace {

template <typename Number>
std::optional<Number> number_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return std::nullopt;
  const std::string_view text(value);
  Number number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

void tell_service_manager(const std::string& lines) {
  const char* value = std::getenv("NOTIFY_SOCKET");
  const std::string_view path(value == nullptr ? "" : value);
  sockaddr_un address{};
  if (path.size() < 2 || path.size() > sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  // A name that is no file's begins with a zero byte, which a variable cannot hold.
  if (path[0] == '@') address.sun_path[0] = '\0';
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  static_cast<void>(
      ::sendto(socket, lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length));
  ::close(socket);
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  const auto interval_us = number_in<std::int64_t>("WATCHDOG_USEC");
  if (!interval_us || *interval_us <= 0) return std::nullopt;
  // Meant for another process of the service.
  const auto process = number_in<pid_t>("WATCHDOG_PID");
  if (std::getenv("WATCHDOG_PID") != nullptr && process != ::getpid()) return std::nullopt;
  return std::chrono::microseconds{*interval_us};
}

}  // namespace emporia::runtime
