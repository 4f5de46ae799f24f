#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/link.hpp"
#include "mqtt/message.hpp"
#include "mqtt/retained.hpp"

namespace emporia::mqtt {

struct OutboxCounters {
  /// Handed to the link, each attempt.
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  /// Not accepted while the link was up.
  std::uint64_t refused = 0;
  /// Retained values that a newer one overtook before they were handed over.
  std::uint64_t replaced = 0;
  /// One-shot messages given up: too many waited, or the broker refused them.
  std::uint64_t dropped = 0;
};

/// What waits to be sent and what is sent but not acknowledged, for one link. Retained messages are kept as the set
/// that should stand; one-shot messages are a bounded queue. Both go out in the order in which they came, but a
/// one-shot message overtakes once kOvertakeAfter retained ones have gone ahead of it, so that an answer does not wait
/// for a whole fleet to be announced.
///
/// No more than a window is unacknowledged at a time: beyond the broker's Receive Maximum the Paho library stalls for a
/// second a window. No topic is in flight twice, so that a resend cannot bring an older value after a newer one; a
/// topic is used for retained messages or for one-shot ones and not for both.
class Outbox {
 public:
  static constexpr std::uint16_t kLargestWindow = 19;
  static constexpr std::uint64_t kOvertakeAfter = 100;
  /// Of one-shot messages' payloads that wait, but for the newest one: the answers to questions about a fleet are
  /// large.
  static constexpr std::size_t kOneShotBytes = std::size_t{64} * 1024 * 1024;

  explicit Outbox(const std::vector<std::string>& last_topics = {}, std::size_t one_shots_kept = 1000)
      : retained_(last_topics), one_shots_kept_(one_shots_kept) {}

  /// A message to send, retained or not; see Retained for what a retained one means.
  void put(Message message);
  /// From now on nothing more is accepted, and of what waits only the one-shot messages go out.
  void close() { closing_ = true; }
  /// In place of everything that waits; closes as well.
  void put_only(Message message);
  void assert_all() { retained_.assert_all(); }
  void assert_one(const std::string& topic) { retained_.assert_one(topic); }
  /// It has been closed, and everything that went out has had its outcome.
  bool closed() const { return closing_ && one_shots_.empty() && in_flight_.empty(); }
  /// What the link may be given now; each is in flight until delivered() or link_down(). Empty while the link is down.
  std::vector<std::pair<Ticket, Message>> take_ready();
  /// The outcome of a taken message; an unknown ticket is one of an earlier link and changes nothing. Returns the topic
  /// of a message that was refused. A refused one-shot message is given up: it would be refused again.
  std::optional<std::string> delivered(Ticket ticket, bool ok);
  /// Refused retained messages wait again.
  void retry() { retained_.retry(); }

  /// Everything retained waits again, apart from what was refused.
  void link_up(std::uint16_t receive_maximum);
  /// What is in flight is uncertain: one-shot messages at QoS 1 wait again ahead of the others and may reach the broker
  /// twice; at QoS 0 they are gone.
  void link_down();

  bool standing(const std::string& topic) const { return retained_.standing(topic); }
  /// Retained topics that the broker refused, and that are not waiting again.
  std::size_t refused_topics() const { return retained_.refused(); }
  std::size_t waiting() const { return retained_.waiting() + one_shots_.size(); }
  std::size_t retained_topics() const { return retained_.size(); }
  std::size_t in_flight() const { return in_flight_.size(); }
  const OutboxCounters& counters() const { return counters_; }

 private:
  struct OneShot {
    Message message;
    std::uint64_t arrival = 0;
    /// How many retained messages had been taken when this one came.
    std::uint64_t retained_before = 0;
  };

  bool one_shot_is_next() const;
  std::optional<Message> next();
  bool busy(const std::string& topic) const;
  void drop_beyond_limit();
  Message take_one_shot();

  Retained retained_;
  std::deque<OneShot> one_shots_;
  std::size_t one_shots_kept_;
  std::size_t one_shot_bytes_ = 0;
  bool closing_ = false;
  /// In the order of sending.
  std::map<Ticket, Message> in_flight_;
  std::size_t window_ = 0;
  Ticket last_ticket_ = 0;
  std::uint64_t retained_taken_ = 0;
  OutboxCounters counters_;
};

}  // namespace emporia::mqtt
