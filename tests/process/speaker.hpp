#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "mqtt/paho_link.hpp"
#include "runtime/clock.hpp"
#include "runtime/inbox.hpp"
#include "support/wait.hpp"

namespace emporia::tests {

/// A client of its own that publishes without starting a process each time.
class Speaker {
 public:
  explicit Speaker(std::uint16_t port)
      : link_(options(port), [this](mqtt::LinkEvent e) { inbox_.post(std::move(e)); }) {
    link_.connect();
    const auto events = inbox_.take_until(runtime::read_clock().steady + support::kPatience);
    if (events.empty() || !std::holds_alternative<mqtt::LinkUp>(events.front())) throw std::runtime_error("no broker");
  }
  void publish(const std::string& topic, const std::string& payload) {
    mqtt::Message message;
    message.topic = topic;
    message.payload = payload;
    link_.send(++ticket_, message);
  }

 private:
  static mqtt::LinkOptions options(std::uint16_t port) {
    mqtt::LinkOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.client_id = "speaker";
    return options;
  }
  runtime::Inbox<mqtt::LinkEvent> inbox_;
  mqtt::PahoLink link_;
  mqtt::Ticket ticket_ = 0;
};

}  // namespace emporia::tests
