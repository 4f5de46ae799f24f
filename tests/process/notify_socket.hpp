#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/wait.hpp"

namespace emporia::tests {

/// What a service manager hears: the socket behind NOTIFY_SOCKET.
class NotifySocket {
 public:
  explicit NotifySocket(std::string path)
      : path_(std::move(path)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_ < 0 || path_.size() >= sizeof address.sun_path) throw std::runtime_error("no notify socket");
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no notify socket at " + path_);
    }
  }
  ~NotifySocket() { ::close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }
  /// All lines so far, in order.
  const std::string& heard() {
    char part[4096];
    for (;;) {
      const ssize_t count = ::recv(socket_, part, sizeof part, 0);
      if (count <= 0) return heard_;
      heard_.append(part, static_cast<std::size_t>(count));
      if (heard_.back() != '\n') heard_ += '\n';
    }
  }
  bool hears(const std::string& text) {
    return support::eventually([&] { return heard().find(text) != std::string::npos; });
  }
  std::size_t count(const std::string& text) {
    std::size_t times = 0;
    for (auto at = heard().find(text); at != std::string::npos; at = heard_.find(text, at + 1)) ++times;
    return times;
  }
  void forget() {
    heard();
    heard_.clear();
  }

 private:
  std::string path_;
  int socket_;
  std::string heard_;
};

}  // namespace emporia::tests
