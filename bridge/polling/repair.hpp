#pragma once

#include <optional>
#include <vector>

#include "model/energy.hpp"

namespace emporia::polling {

/// A device's hours in which something is missing and that are due to be asked for again, oldest first.
struct Lack {
  model::DeviceId device;
  std::vector<model::UtcSeconds> hours;
};

/// One request for usage that was asked for before, or would have been but for an outage: the first and the last bucket
/// wanted, on the edges of hours.
struct RepairWindow {
  std::vector<model::DeviceId> devices;
  model::Scale scale = model::Scale::minutes;
  model::UtcSeconds first;
  model::UtcSeconds last;
};

/// The finest scale in which the service still has an hour: minutes for a week, quarter hours for a year, then hours.
model::Scale finest_scale(model::UtcSeconds hour, model::UtcSeconds horizon);

/// The next portion of what is missing; nothing when nothing is. Minutes come first, because the service forgets them
/// first, and of one scale the oldest. Devices that lack the same time share a request, as many as a reply of some
/// megabytes holds.
std::optional<RepairWindow> gap_window(const std::vector<Lack>& lacks, model::UtcSeconds horizon);

/// How much of the newest history is read again for revisions: a day, and the time between two readings even when the
/// service was away for an hour.
inline constexpr std::chrono::hours kRevisedWithin{28};
/// Devices that one such request holds.
inline constexpr std::size_t kRereadTogether = 6;
RepairWindow reread_window(std::vector<model::DeviceId> devices, model::UtcSeconds horizon);

/// An hour that stays incomplete is asked for this often, over a day and more, and then given up.
inline constexpr unsigned kAttempts = 6;
/// The pause after so many attempts is over: an hour after the first one, then twice as long each time.
bool may_ask_again(unsigned attempts, model::UtcSeconds asked_at, model::UtcSeconds now);

}  // namespace emporia::polling
