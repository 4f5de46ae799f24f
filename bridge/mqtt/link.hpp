#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "mqtt/message.hpp"

namespace emporia::mqtt {

/// Names one handed-over message until it is acknowledged or lost.
using Ticket = std::uint64_t;

/// What a link reports. A link posts these from the library's threads; the loop reads them.
struct LinkUp {
  /// How many QoS 1 messages the broker takes unacknowledged; at least 1.
  std::uint16_t receive_maximum = 1;
};
/// When a link breaks, this comes first and the Delivered{false} of what was in flight afterwards: what is lost with
/// the link is sent again, what is refused while it stands is not.
struct LinkDown {
  /// For people: what happened and, where it is known, what to do. Holds no secret.
  std::string reason;
  /// The broker refused us (password, authorisation, protocol): trying again soon will not help.
  bool refused = false;
};
struct Delivered {
  Ticket ticket = 0;
  /// False when the message was not accepted: the link went down first, or the broker or the link refused it.
  bool ok = false;
};
struct Received {
  Message message;
  /// The broker's retain flag: a replay of something old.
  bool retained = false;
};
using LinkEvent = std::variant<LinkUp, LinkDown, Delivered, Received>;

/// What to receive.
struct Subscription {
  std::string filter;
  /// The broker leaves out what this connection itself published. MQTT 5; without effect in 3.1.1.
  bool no_local = false;
  /// The broker leaves out what it had retained before. MQTT 5; in 3.1.1 the replays come, marked as retained.
  bool skip_retained = false;
  /// The broker leaves the retain flag on what is published later as well, so that Received::retained tells of every
  /// message whether it was published to be kept. MQTT 5; in 3.1.1 the flag marks replays alone.
  bool retain_as_published = false;
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

/// One connection to a broker at a time, without memory: it neither queues nor reconnects nor subscribes again. Those
/// are decisions of the loop, so that a fake clock governs them. Only the loop's thread may call; no call blocks.
class Link {
 public:
  virtual ~Link() = default;
  /// Starts one attempt. Ends in LinkUp, or in LinkDown when it fails; LinkDown also follows when the link breaks
  /// later.
  virtual void connect() = 0;
  /// Says goodbye; the will is not sent. No LinkDown follows. Waits at most 1 s; the last call before destruction.
  virtual void disconnect() = 0;
  /// Subscribes at QoS 1; a filter the broker refuses is logged. Only while up.
  virtual void subscribe(const std::vector<Subscription>& subscriptions) = 0;
  virtual void unsubscribe(const std::vector<std::string>& filters) = 0;
  /// Hands over one message; exactly one Delivered follows, also when the link is down.
  virtual void send(Ticket ticket, const Message& message) = 0;
};

/// Where a link posts its events; called on library threads.
using LinkSink = std::function<void(LinkEvent)>;

/// How to reach a broker.
struct LinkOptions {
  std::string host = "localhost";
  std::uint16_t port = 1883;
  std::string client_id;
  std::string username;
  std::string password;
  /// 5 or 3 (for 3.1.1).
  int version = 5;
  bool tls = false;
  /// Paths of PEM files; empty: the system's authorities, no client certificate.
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::uint16_t keep_alive_s = 30;
  /// The largest packet the broker may send us, MQTT 5 only. A command has some hundred bytes; the rest is for what an
  /// earlier run announced.
  std::int32_t largest_packet_bytes = 1024 * 1024;
  /// What the broker says for us, retained and at QoS 1, when the link breaks. An empty topic: nothing.
  Message will;
};

}  // namespace emporia::mqtt
