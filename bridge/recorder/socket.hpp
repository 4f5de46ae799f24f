#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

namespace emporia::recorder {

/// What a socket reports; posted from the library's thread, read by the loop.
struct Opened {};
struct Text {
  std::string text;
};
struct Closed {
  /// For people: what happened and, where it is known, what to do. Holds no secret.
  std::string reason;
};
/// `connection` is what connect() returned: an event of an earlier connection may come late.
struct SocketEvent {
  std::uint64_t connection = 0;
  std::variant<Opened, Text, Closed> what;
};
using SocketSink = std::function<void(SocketEvent)>;

/// Where Home Assistant's WebSocket API is.
struct Address {
  /// A name or an address, IPv6 without brackets.
  std::string host;
  std::uint16_t port = 8123;
  std::string path = "/api/websocket";
  bool tls = false;
  /// PEM file of the authorities to trust; empty: the system's.
  std::string ca_file;
};

/// One connection at a time, without memory: it neither queues nor connects again. Those are decisions of the loop, so
/// that a fake clock governs them. Only the loop's thread may call; no call blocks.
class Socket {
 public:
  virtual ~Socket() = default;
  /// Starts one attempt, ending the connection there is without a Closed. Ends in Opened, or in Closed when it fails;
  /// Closed also follows when the connection breaks later. Returns its number, above 0.
  virtual std::uint64_t connect() = 0;
  virtual void send(std::string text) = 0;
  /// No event of the connection follows.
  virtual void close() = 0;
};

}  // namespace emporia::recorder
