#pragma once

#include <string>
#include <variant>

#include "mqtt/link.hpp"
#include "partner/gateway.hpp"
#include "recorder/socket.hpp"
#include "runtime/signals.hpp"

namespace emporia::app {

/// A closer look at a service whose certificate is not trusted has found why.
struct DistrustExplained {
  std::string why;
};

/// What the link says on which several bridges agree who works.
struct LeaseEvent {
  mqtt::LinkEvent event;
};

/// Everything that reaches the loop from outside, posted by other threads as values.
using Event = std::variant<partner::Reply, mqtt::LinkEvent, runtime::Signal, DistrustExplained, recorder::SocketEvent,
                           LeaseEvent>;

}  // namespace emporia::app
