#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace simulator {

/// A line protocol on loopback: each line is answered by one line. Several may be connected.
class ControlPort {
 public:
  /// Port 0 picks a free one. Throws std::runtime_error.
  ControlPort(std::uint16_t port, std::function<std::string(std::string_view)> answer);
  ~ControlPort();
  ControlPort(const ControlPort&) = delete;
  ControlPort& operator=(const ControlPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  struct Visitor {
    int socket = -1;
    std::string unread;
  };
  void serve();
  bool read(Visitor& visitor);

  std::function<std::string(std::string_view)> answer_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::vector<Visitor> visitors_;
  std::thread thread_;
};

}  // namespace simulator
