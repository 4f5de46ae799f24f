#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "model/device.hpp"
#include "model/energy.hpp"

namespace emporia::homeassistant {

/// The counters of one channel as a state payload tells them, Wh: what was shown, and the exact sums beside it.
struct RetainedCounter {
  double shown_positive_wh = 0;
  double shown_negative_wh = 0;
  double positive_wh = 0;
  double negative_wh = 0;
  friend bool operator==(const RetainedCounter&, const RetainedCounter&) = default;
};
struct RetainedState {
  /// Until when the counters had counted.
  model::UtcSeconds as_of;
  std::map<model::Channel, RetainedCounter> counters;
};

/// Reads back the counters of what device_state() once rendered of this device, for a ledger that lost its own. The
/// balance is read as its net sum. A channel that was not shown is not there, and one way of a channel that is shown
/// one way only is 0. Nothing when the text is no such state or nothing had been counted.
std::optional<RetainedState> read_retained_state(std::string_view text, const model::Device& device);

}  // namespace emporia::homeassistant
