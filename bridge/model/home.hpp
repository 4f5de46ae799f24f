#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/by_channel.hpp"
#include "model/device.hpp"
#include "model/energy.hpp"
#include "model/state.hpp"

namespace emporia::model {

// Long because what is known of a home, and what changes it, is read together.

/// Energy within a local day or a billing cycle, by sign, as the service tells it now: it may fall.
struct PeriodEnergy {
  double positive_wh = 0;
  double negative_wh = 0;
  friend bool operator==(const PeriodEnergy&, const PeriodEnergy&) = default;
};

/// What is shown of one channel: the newest settled power and the lifetime counters, all signed as on the wire and
/// turned round only when rendered. Empty means not known, which is never the same as 0.
struct Reading {
  /// Mean of the newest settled bucket that has a value.
  std::optional<double> power_w;
  /// Sum of the positive buckets (consumed, imported, charged) and of the negative ones without their sign (generated,
  /// exported, discharged). Never fall: when the service revises a bucket downwards they stay until the exact sums have
  /// passed them.
  std::optional<double> positive_wh;
  std::optional<double> negative_wh;
  /// The sums by the service's latest values.
  std::optional<double> exact_positive_wh;
  std::optional<double> exact_negative_wh;
  /// Sum with signs; for the balance, which may go either way.
  std::optional<double> net_wh;
  /// Since DevicePicture::periods.
  std::optional<PeriodEnergy> today;
  std::optional<PeriodEnergy> cycle;
  friend bool operator==(const Reading&, const Reading&) = default;
};

/// From when on today's and this billing cycle's energy count: the local midnight, or later where the bookings of the
/// device begin. Empty where the data are too old for a today.
struct Periods {
  std::optional<UtcSeconds> today_since;
  std::optional<UtcSeconds> cycle_since;
  friend bool operator==(const Periods&, const Periods&) = default;
};

/// Everything known of one device.
struct DevicePicture {
  Device device;
  std::variant<std::monostate, OutletState, ChargerState, BatteryState, UtilityConnectState> state;
  /// When the state above was read back, and when the device was last in an inventory.
  std::optional<UtcSeconds> state_at;
  UtcSeconds seen_at;
  /// End of the newest booked bucket.
  std::optional<UtcSeconds> as_of;
  Periods periods;
  /// By channel, including kMergedMains and kBalance.
  ByChannel<Reading> readings;
  /// Inventories in a row that did not list the device.
  unsigned missed_inventories = 0;

  const Reading* reading(Channel channel) const;
};

/// What has been read from the service. `at` is the system time of reading.
struct InventorySeen {
  UtcSeconds at;
  std::vector<Device> devices;
};
struct StatesSeen {
  UtcSeconds at;
  std::vector<std::variant<OutletState, ChargerState, BatteryState, UtilityConnectState>> states;
};
/// Booked energy of one device, after the commit that holds it.
struct UsageSeen {
  DeviceId device;
  /// End of the newest booked bucket; nothing before the first.
  std::optional<UtcSeconds> as_of;
  ByChannel<Reading> readings;
  Periods periods = {};
};
/// The device is not to be shown any more: it goes at once.
struct LeftOut {
  DeviceId device;
};
using Observation = std::variant<InventorySeen, StatesSeen, UsageSeen, LeftOut>;

/// What an observation changed, for the log, bridge/event and those who announce.
struct HomeChange {
  enum class Kind {
    device_added,
    device_removed,
    device_renamed,
    device_online,
    device_offline,
    circuit_added,
    circuit_removed,
    circuit_renamed,
    /// Anything that is published but is no event: a state, a reading, a firmware.
    updated
  };
  Kind kind = Kind::updated;
  DeviceId device;
  /// For circuit_*.
  Channel channel = 0;
  /// For *_renamed.
  std::string old_name;
  std::string new_name;
  friend bool operator==(const HomeChange&, const HomeChange&) = default;
};

/// The plain picture of all devices, folded from observations and nothing else.
///
/// A device is not dropped because one reply left it out: it is removed when three inventories in a row, over at least
/// half an hour, did not list it. Until then it counts as offline. Its entities and their history at Home Assistant
/// would be gone for good.
class Home {
 public:
  /// Folds one observation in; the changes in a fixed order. States and readings of unknown devices are ignored.
  std::vector<HomeChange> apply(Observation observation);

  const std::map<DeviceId, DevicePicture>& devices() const { return devices_; }
  /// nullptr where the device is not known.
  const DevicePicture* find(const DeviceId& id) const;

 private:
  std::vector<HomeChange> apply_inventory(InventorySeen seen);
  std::vector<HomeChange> apply_states(const StatesSeen& seen);
  std::vector<HomeChange> apply_usage(const UsageSeen& seen);
  std::vector<HomeChange> apply_left_out(const LeftOut& left_out);
  /// `listed` is sorted.
  void miss_absent(UtcSeconds at, const std::vector<DeviceId>& listed, std::vector<HomeChange>& changes);

  std::map<DeviceId, DevicePicture> devices_;
};

/// The channel of a battery that tells its charging (positive) and discharging (negative) energy: the only
/// bidirectional circuit, or of several the one labelled as the battery. Nothing where the circuits do not tell.
std::optional<Channel> battery_channel(const Device& device);

/// Which way the energy of a group flows that is shown: its only circuit's direction.
EnergyDirection group_direction(const Device& device);

/// Connected, and what is known of it is not older than `stale_after`: for a monitor or a meter its newest bucket, for
/// the others the newer of bucket and state. A device without any of these yet has the time since its last inventory.
bool is_available(const DevicePicture& picture, UtcSeconds now, std::chrono::seconds stale_after);

/// An unnamed circuit is worth an entity once it has measured this much; a socket without a clamp stays at zero.
inline constexpr double kReportsFromWh = 1.0;

/// The circuits of a device that are shown: named ones, those that have reported, or all when `unused_too`. Circuits
/// the usage tells of and the inventory does not are included. A monitor's mains are not circuits.
std::vector<Circuit> shown_circuits(const DevicePicture& picture, bool unused_too);

}  // namespace emporia::model
