#pragma once

#include <cstdint>
#include <string>

namespace emporia::support {

/// A TCP connection to a port of 127.0.0.1, for saying what no well-behaved client says. Throws when there is none.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// As much of it as the other side takes.
  void send(const std::string& bytes) const;
  /// Everything until the other side closes, or kPatience has passed, which is a failure and throws.
  std::string receive_all() const;

 private:
  int socket_;
};

/// Sends these bytes and returns all that is answered.
std::string http_ask(std::uint16_t port, const std::string& bytes);
/// The whole answer to a GET, head and body; empty when nobody listens.
std::string http_get(std::uint16_t port, const std::string& path);
/// 0 when it is no answer.
int http_status(const std::string& answer);
std::string http_body(const std::string& answer);

}  // namespace emporia::support
