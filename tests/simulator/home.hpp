#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulator/behaviour.hpp"
#include "simulator/clock.hpp"

namespace simulator {

/// The contract's numbers; a home may use others to play a model or circuit of the future.
constexpr int kVue2 = 1, kUtilityConnect = 2, kOutlet = 3, kEvCharger = 4, kBattery = 5, kVue1 = 6, kVue3 = 7;
constexpr int kMain200A = 1, kExpansion50A = 2, kMain = 3, kBatteryCircuit = 4;
constexpr int kConsumption = 1, kGeneration = 2, kBidirectional = 3;

constexpr bool is_monitor(int model) {
  return model == kVue1 || model == kVue2 || model == kVue3;
}
/// Channels 1 to 3 are the mains, these follow.
constexpr std::uint32_t last_channel(int model) {
  return model == kVue1 ? 11 : is_monitor(model) ? 19 : 1;
}

struct CustomerSpec {
  std::string first_name, last_name, email;
};

struct CircuitSpec {
  std::uint32_t channel = 0;
  int type = 0;
  int direction = 0;
  std::string sub_type, name;
  /// Name of a load pattern; or "main" (sum of a leg), "absent" (no clamp), "device" (`device`'s load), "net" (the
  /// grid power of `monitor`).
  std::string pattern = "unused";
  double power_w = 0;
  /// Of the mains it draws from: "A", "B", "C" or several; for a main, the one it measures.
  std::string legs;
  std::string device;
};

/// All values a battery's settings can hold; each mode keeps its own when another rules.
struct Dispatch {
  enum class Mode { load_following, charge_with_excess_solar, charge_to_soc, discharge_to_soc, idle };
  Mode mode = Mode::load_following;
  double load_following_kw = 0, excess_solar_kw = 0;
  double charge_to_pct = 100, charge_kw = 0;
  double discharge_to_pct = 20, discharge_kw = 0;
  friend bool operator==(const Dispatch&, const Dispatch&) = default;
};

struct DeviceSpec {
  std::string id;
  int model = 0;
  std::string firmware, name, timezone = "America/New_York";
  bool solar = false;
  double latitude = 0, longitude = 0;
  bool connected = true;
  std::uint32_t billing_day = 1;
  std::vector<CustomerSpec> customers;
  std::vector<CircuitSpec> circuits;
  /// Minutes by which its data are late; negative: 4 to 11, chosen by the seed.
  Seconds lag_minutes = -1;
  /// When its data begin; 0: 800 days before the simulator's start.
  Seconds onboarded = 0;
  /// The monitor whose mains carry this device's power, and which legs; empty: none.
  std::string monitor, legs;
  /// What no circuit of the monitor measures, mean watts.
  double rest_w = 0;
  // Outlet
  bool on = true;
  std::string load = "always_on";
  double power_w = 0;
  // EV charger
  bool car_connected = true, commute = false;
  std::uint32_t max_charge_rate_a = 40, charge_rate_a = 32;
  double car_capacity_kwh = 60, car_soc_pct = 40;
  // Battery
  double capacity_kwh = 10, inverter_max_power_kw = 5, soc_pct = 60, reserve_soc_pct = 20;
  Dispatch dispatch;
  // Utility Connect
  std::string zigbee_mac;
};

struct Home {
  std::string email = "partner@example.com";
  std::string password = "simulated";
  Behaviour behaviour;
  std::vector<DeviceSpec> devices;
};

/// what() is "file:line:column: what is wrong and what is allowed".
struct HomeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads a household; homes/typical.toml explains every key. Throws HomeError.
Home load_home(const std::string& path);
/// The same from text; `path` is for messages.
Home parse_home(const std::string& toml, const std::string& path);

/// A partner with `count` monitors of 19 channels in several time zones.
Home make_fleet(std::size_t count);

}  // namespace simulator
