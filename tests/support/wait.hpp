#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace emporia::support {

/// How long a test waits for something that should come at once: long enough for a machine under load, so that passing
/// it means that it does not come.
inline constexpr std::chrono::seconds kPatience{60};

/// True as soon as the condition holds, false when it does not within the limit.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit = kPatience);

/// A TCP port of 127.0.0.1 that nothing listened on a moment ago. Another process may take it first: whoever listens on
/// it must be ready to try another one. Below those that Linux gives to connections, so that a server which is away for
/// a while finds it free again: a client that tries to reach it there could be given that very port.
std::uint16_t free_port();

}  // namespace emporia::support
