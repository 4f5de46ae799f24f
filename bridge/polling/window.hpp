#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "model/energy.hpp"

namespace emporia::polling {

/// Where a device's booking stands.
struct UsageState {
  model::DeviceId device;
  /// End of its newest booked bucket; nothing before the first.
  std::optional<model::UtcSeconds> booked_until;
};

/// One request for minutes: the first and the last bucket wanted.
struct UsageWindow {
  std::vector<model::DeviceId> devices;
  model::UtcSeconds first;
  model::UtcSeconds last;
};

/// The settled horizon: buckets that end after it may still change and are not booked.
model::UtcSeconds settled_until(model::UtcSeconds now, std::chrono::minutes settle);

/// What to ask to bring all devices up to the horizon. A device that is up to date shares one window with the others;
/// one that is more than an hour behind would make everybody read that hour again, so those have a window of their own,
/// left out unless `with_late`. Windows reach back a little over what is booked, for channels that came later than
/// their neighbours, and at most 12 hours. A device never booked starts a quarter of an hour before the horizon.
std::vector<UsageWindow> usage_windows(const std::vector<UsageState>& devices, model::UtcSeconds horizon,
                                       bool with_late);

/// More than an hour behind the horizon.
bool is_late(const UsageState& device, model::UtcSeconds horizon);

}  // namespace emporia::polling
