#include "simulator/control_port.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace simulator {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;

bool send_all(int socket, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

ControlPort::ControlPort(std::uint16_t port, std::function<std::string(std::string_view)> answer)
    : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, length) != 0 || listen(listener_, 8) != 0 ||
      getsockname(listener_, generic, &length) != 0 || pipe2(wake_, O_CLOEXEC) != 0) {
    close(listener_);
    throw std::runtime_error("cannot listen on 127.0.0.1:" + std::to_string(port) + "; choose another --control-port");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ControlPort::~ControlPort() {
  close(wake_[1]);
  thread_.join();
  for (const Visitor& visitor : visitors_) close(visitor.socket);
  close(wake_[0]);
  close(listener_);
}

void ControlPort::serve() {
  for (;;) {
    std::vector<pollfd> watched = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Visitor& visitor : visitors_) watched.push_back({visitor.socket, POLLIN, 0});
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    for (std::size_t i = visitors_.size(); i-- > 0;) {
      if (watched[i + 2].revents == 0 || read(visitors_[i])) continue;
      close(visitors_[i].socket);
      visitors_.erase(visitors_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watched[1].revents != 0) {
      const int visitor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (visitor < 0) continue;
      // A visitor that does not read its answers must not hold up the others for long.
      const timeval patience{1, 0};
      setsockopt(visitor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      visitors_.push_back({visitor, {}});
    }
  }
}

// False when the visitor has gone.
bool ControlPort::read(Visitor& visitor) {
  char buffer[4096];
  const ssize_t count = recv(visitor.socket, buffer, sizeof buffer, 0);
  if (count <= 0) return false;
  visitor.unread.append(buffer, static_cast<std::size_t>(count));
  for (std::size_t end = visitor.unread.find('\n'); end != std::string::npos; end = visitor.unread.find('\n')) {
    std::string line = visitor.unread.substr(0, end);
    visitor.unread.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!send_all(visitor.socket, answer_(line) + "\n")) return false;
  }
  return visitor.unread.size() < kLongestLine;
}

}  // namespace simulator
