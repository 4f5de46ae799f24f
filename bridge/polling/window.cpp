#include "polling/window.hpp"

#include <algorithm>
#include <utility>

namespace emporia::polling {
namespace {

using namespace std::chrono_literals;

constexpr auto kBucket = model::bucket_length(model::Scale::minutes);
constexpr auto kOverlap = 10min;
constexpr auto kFirstLook = 15min;
constexpr auto kFarthestBack = 12h;
constexpr auto kLateAfter = 1h;

}  // namespace

model::UtcSeconds settled_until(model::UtcSeconds now, std::chrono::minutes settle) {
  return model::bucket_start(now - settle, model::Scale::minutes);
}

bool is_late(const UsageState& device, model::UtcSeconds horizon) {
  return device.booked_until && *device.booked_until < horizon - kLateAfter;
}

std::vector<UsageWindow> usage_windows(const std::vector<UsageState>& devices, model::UtcSeconds horizon,
                                       bool with_late) {
  const model::UtcSeconds last = horizon - kBucket;
  UsageWindow current{{}, last, last};
  UsageWindow late{{}, last, last};
  for (const UsageState& device : devices) {
    const bool behind = is_late(device, horizon);
    if (device.booked_until && *device.booked_until > last) continue;
    if (behind && !with_late) continue;
    UsageWindow& window = behind ? late : current;
    const auto first = device.booked_until ? *device.booked_until - kOverlap : horizon - kFirstLook;
    window.devices.push_back(device.device);
    window.first = std::max(std::min(window.first, first), horizon - kFarthestBack);
  }
  std::vector<UsageWindow> windows;
  for (UsageWindow* window : {&current, &late}) {
    if (!window->devices.empty()) windows.push_back(std::move(*window));
  }
  return windows;
}

}  // namespace emporia::polling
