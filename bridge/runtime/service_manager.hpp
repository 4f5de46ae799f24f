#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace emporia::runtime {

/// Sends "NAME=value" lines to systemd as sd_notify(3) defines them; without effect where no service manager listens
/// (NOTIFY_SOCKET is not set). Any thread may call.
void tell_service_manager(const std::string& lines);

/// How long the service manager lets pass without a "WATCHDOG=1" before it takes the program for stuck; nothing where
/// it does not watch.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace emporia::runtime
