#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/ids.hpp"

namespace emporia::model {

/// What the List and Update calls tell of a device. While the device is offline the service repeats what it last knew.
struct OutletState {
  DeviceId device;
  bool on = false;
  friend bool operator==(const OutletState&, const OutletState&) = default;
};

struct ChargerState {
  DeviceId device;
  bool car_connected = false;
  /// Drawing power; false as well when the car is full or the charger off.
  bool car_charging = false;
  /// What the breaker allows, amperes; 48 at the most.
  std::uint32_t max_charge_rate_a = 0;
  std::optional<bool> on;
  /// 6 to max_charge_rate_a.
  std::optional<std::uint32_t> charge_rate_a;
  friend bool operator==(const ChargerState&, const ChargerState&) = default;
};

enum class DispatchMode {
  load_following,
  charge_with_excess_solar,
  charge_to_state_of_charge,
  discharge_to_state_of_charge,
  idle
};

/// The battery's mode with the settings that belong to it; those of other modes are empty. Powers are above 0 kW and at
/// most the inverter's maximum, the target is 1 to 100 % and never below the reserve.
struct Dispatch {
  DispatchMode mode = DispatchMode::idle;
  std::optional<double> power_kw;
  std::optional<double> charge_power_kw;
  std::optional<double> discharge_power_kw;
  std::optional<double> target_soc_pct;
  friend bool operator==(const Dispatch&, const Dispatch&) = default;
};

struct BatteryState {
  DeviceId device;
  double capacity_kwh = 0;
  double inverter_max_power_kw = 0;
  /// 1 to 100; not told while the device is offline.
  std::optional<double> soc_pct;
  /// 1 to 100, the floor of any discharge.
  std::optional<double> reserve_soc_pct;
  std::optional<Dispatch> dispatch;
  friend bool operator==(const BatteryState&, const BatteryState&) = default;
};

struct UtilityConnectState {
  DeviceId device;
  /// The radio's address; empty until the device has met the cloud.
  std::string zigbee_mac;
  friend bool operator==(const UtilityConnectState&, const UtilityConnectState&) = default;
};

/// "load_following" ...: the stable word of our payloads.
const char* word(DispatchMode mode);

}  // namespace emporia::model
