#pragma once

#include <chrono>
#include <memory>

#include "recorder/socket.hpp"

namespace emporia::recorder {

struct WebSocketOptions {
  Address address;
  /// For the name, the connection, TLS and the handshake together.
  std::chrono::seconds open_within{20};
  /// A silent connection is probed after half of this, and given up after all of it.
  std::chrono::seconds silent_for{30};
  /// The largest message that is taken.
  std::size_t largest_message_bytes = std::size_t{16} * 1024 * 1024;
};

/// A Socket over Boost.Beast, on a thread of its own that does nothing but post. With TLS the certificate must bear the
/// host's name, or its address, and come from an authority that is trusted.
class WebSocket final : public Socket {
 public:
  /// Throws std::runtime_error with a sentence for people when the file of authorities cannot be read.
  WebSocket(WebSocketOptions options, SocketSink sink);
  /// No event is posted once this has begun.
  ~WebSocket() override;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  std::uint64_t connect() override;
  void send(std::string text) override;
  void close() override;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace emporia::recorder
