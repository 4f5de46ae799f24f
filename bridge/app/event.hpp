#pragma once

#include <variant>

#include "mqtt/link.hpp"
#include "partner/gateway.hpp"
#include "runtime/signals.hpp"

namespace emporia::app {

/// Everything that reaches the loop from outside, posted by other threads as values.
using Event = std::variant<partner::Reply, mqtt::LinkEvent, runtime::Signal>;

}  // namespace emporia::app
