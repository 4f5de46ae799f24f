#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/paho_link.hpp"
#include "support/mosquitto.hpp"
#include "support/text.hpp"

namespace emporia::mqtt {

inline LinkOptions options_for(const support::Mosquitto& broker, int version = 5) {
  LinkOptions options;
  options.host = "127.0.0.1";
  options.port = broker.port();
  options.client_id = "bridge";
  options.version = version;
  return options;
}

/// A real link whose events are kept, in order, for a test to wait for.
class Linked {
 public:
  explicit Linked(LinkOptions options)
      : link_(std::move(options), [this](LinkEvent event) {
          const std::lock_guard lock(mutex_);
          events_.push_back(std::move(event));
          arrived_.notify_all();
        }) {}

  PahoLink& link() { return link_; }

  std::vector<LinkEvent> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  template <typename Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const LinkEvent& event : events()) {
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
  }

  /// The n-th event of a kind, 1 being the first; nothing when it does not come.
  template <typename Event>
  std::optional<Event> wait_for(std::size_t n = 1) const {
    std::unique_lock lock(mutex_);
    std::optional<Event> found;
    arrived_.wait_for(lock, support::kPatience, [&] {
      std::size_t seen = 0;
      for (const LinkEvent& event : events_) {
        const auto* one = std::get_if<Event>(&event);
        if (one != nullptr && ++seen == n) found = *one;
      }
      return found.has_value();
    });
    return found;
  }

  bool connect() {
    const std::size_t before = all<LinkUp>().size();
    link_.connect();
    return wait_for<LinkUp>(before + 1).has_value();
  }

  /// Sends and waits for the outcome.
  std::optional<bool> send(const Message& message) {
    const Ticket ticket = ++last_ticket_;
    link_.send(ticket, message);
    std::optional<bool> outcome;
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, support::kPatience, [&] {
      for (const LinkEvent& event : events_) {
        const auto* delivered = std::get_if<Delivered>(&event);
        if (delivered != nullptr && delivered->ticket == ticket) outcome = delivered->ok;
      }
      return outcome.has_value();
    });
    return outcome;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::vector<LinkEvent> events_;
  Ticket last_ticket_ = 0;
  PahoLink link_;
};

inline Message message(const std::string& topic, const std::string& payload, bool retain = false) {
  Message made;
  made.topic = topic;
  made.payload = payload;
  made.retain = retain;
  return made;
}

using support::holds;

}  // namespace emporia::mqtt
