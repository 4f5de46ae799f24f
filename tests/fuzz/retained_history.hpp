#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/outbox.hpp"

namespace emporia::mqtt {

/// One history of an Outbox at a broker that keeps what it is given and may lose the link before an acknowledgement is
/// seen, or before the message: wishes, partial deliveries, refusals, broken links, brokers that forget everything. At
/// the end everything is delivered.
class RetainedHistory {
 public:
  /// `dice` gives a number below the one it is handed, which is 2 to 20; `goes_on` whether there is another step.
  RetainedHistory(std::function<int(int)> dice, std::function<bool()> goes_on)
      : dice_(std::move(dice)), goes_on_(std::move(goes_on)) {}

  /// The law that is broken; empty: none. Twelve topics, one of them a last one, and at most ten one-shot messages.
  std::string broken_law() {
    while (goes_on_()) {
      step();
      if (std::string broken = send(); !broken.empty()) return broken;
      if (std::string broken = broken_now(); !broken.empty()) return broken;
    }
    if (!up_) outbox_.link_up(20);
    outbox_.retry();
    for (;;) {
      if (std::string broken = send(); !broken.empty()) return broken;
      if (on_the_wire_.empty()) break;
      deliver(true);
    }
    if (outbox_.waiting() != 0 || outbox_.in_flight() != 0) return "something waits that nothing holds back";
    if (standing_ != wanted_) return "the broker does not hold what is wanted and nothing else";
    return outbox_.retained_topics() == wanted_.size() ? "" : "topics are remembered that nobody wants";
  }

 private:
  static constexpr int kTopics = 12;
  static constexpr std::size_t kOneShots = 10;

  void step() {
    Message message;
    message.topic = "t" + std::to_string(dice_(kTopics));
    message.retain = true;
    switch (dice_(10)) {
      case 0:
      case 1:
      case 2:
        message.payload = std::to_string(dice_(4));
        wanted_[message.topic] = message.payload;
        return outbox_.put(message);
      case 3:
        wanted_.erase(message.topic);
        return outbox_.put(message);
      case 4:
        message.retain = false;
        message.topic = "event" + std::to_string(dice_(3));
        return outbox_.put(message);
      case 5:
        return outbox_.assert_all();
      case 6:
        return turn_link();
      case 7:
        return outbox_.retry();
      case 8:
        return outbox_.assert_one(message.topic);
      default:
        for (int count = dice_(4); count > 0 && !on_the_wire_.empty(); --count) deliver(dice_(20) != 0);
    }
  }

  void turn_link() {
    up_ = !up_;
    if (up_) return outbox_.link_up(static_cast<std::uint16_t>(dice_(6)));
    // The broker got a part of what was on the wire, and we hear of none of it.
    for (const auto& sent : on_the_wire_) {
      if (dice_(2) == 0) take(sent.second);
    }
    on_the_wire_.clear();
    outbox_.link_down();
    if (dice_(2) == 0) standing_.clear();
  }

  void deliver(bool ok) {
    const auto sent = on_the_wire_.front();
    on_the_wire_.erase(on_the_wire_.begin());
    if (ok) take(sent.second);
    outbox_.delivered(sent.first, ok);
  }

  void take(const Message& message) {
    if (!message.retain) return;
    if (message.payload.empty()) {
      standing_.erase(message.topic);
    } else {
      standing_[message.topic] = message.payload;
    }
  }

  std::string send() {
    for (auto& ready : outbox_.take_ready()) {
      for (const auto& sent : on_the_wire_) {
        if (sent.second.topic == ready.second.topic) return "a topic is in flight twice";
      }
      on_the_wire_.push_back(std::move(ready));
    }
    return {};
  }

  std::string broken_now() {
    if (on_the_wire_.size() > Outbox::kLargestWindow || outbox_.in_flight() != on_the_wire_.size()) {
      return "more in flight than a window, or than was handed over";
    }
    if (outbox_.waiting() > kTopics + kOneShots) return "more waits than there is";
    for (const auto& [topic, payload] : wanted_) {
      if (!up_ || !outbox_.standing(topic)) continue;
      const auto held = standing_.find(topic);
      if (held == standing_.end() || held->second != payload) return "said to stand, and it does not";
    }
    return {};
  }

  std::function<int(int)> dice_;
  std::function<bool()> goes_on_;
  Outbox outbox_{{"t0"}, kOneShots};
  std::map<std::string, std::string> wanted_;
  /// At the broker.
  std::map<std::string, std::string> standing_;
  std::vector<std::pair<Ticket, Message>> on_the_wire_;
  bool up_ = false;
};

}  // namespace emporia::mqtt
