#include "runtime/service_manager.hpp"

#include <systemd/sd-daemon.h>

namespace emporia::runtime {

void tell_service_manager(const std::string& lines) {
  sd_notify(0, lines.c_str());
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t usec = 0;
  if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
  return std::chrono::microseconds{usec};
}

}  // namespace emporia::runtime
