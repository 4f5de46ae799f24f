#pragma once

// long because every model of device stands here once, side by side, for all tests of what is shown.

#include <string>
#include <vector>

#include "homeassistant/discovery.hpp"
#include "homeassistant/state_payload.hpp"
#include "model/home.hpp"

namespace emporia::homeassistant {

/// A device without a state or a reading yet.
inline model::DevicePicture fresh(model::DeviceModel device_model, const std::string& id, const std::string& name) {
  model::DevicePicture picture;
  picture.device.id = model::DeviceId(id);
  picture.device.model = device_model;
  picture.device.name = name;
  picture.device.firmware = "1.2.3";
  picture.device.connected = true;
  return picture;
}

inline model::Circuit circuit(model::Channel channel, const std::string& name, model::EnergyDirection direction,
                              model::CircuitType type = model::CircuitType::expansion_50a,
                              const std::string& sub_type = "") {
  model::Circuit result;
  result.channel = channel;
  result.type = type;
  result.direction = direction;
  result.name = name;
  result.sub_type = sub_type;
  return result;
}

inline model::Reading reading(double power_w, double positive_wh, double negative_wh) {
  model::Reading result;
  result.power_w = power_w;
  result.positive_wh = positive_wh;
  result.negative_wh = negative_wh;
  result.net_wh = positive_wh - negative_wh;
  return result;
}

/// With energy of today and of this cycle: consumed or imported, and generated or exported.
inline model::Reading with_periods(model::Reading result, model::PeriodEnergy today, model::PeriodEnergy cycle) {
  result.today = today;
  result.cycle = cycle;
  return result;
}

/// 2026-11-23 05:10:00 UTC.
inline constexpr model::UtcSeconds kAsOf{std::chrono::seconds{1795410600}};

/// Ten minutes after midnight in New York; the cycle began with the month, before the clocks were set back.
inline const model::Periods kPeriods{model::UtcSeconds{std::chrono::seconds{1795410000}},
                                     model::UtcSeconds{std::chrono::seconds{1793505600}}};

inline model::DevicePicture sample_monitor() {
  using model::EnergyDirection;
  model::DevicePicture picture = fresh(model::DeviceModel::vue2, "VUE0001", "Home Panel");
  picture.device.circuits = {
      circuit(1, "", EnergyDirection::bidirectional, model::CircuitType::main_200a),
      circuit(2, "", EnergyDirection::bidirectional, model::CircuitType::main_200a),
      circuit(4, "Heat Pump", EnergyDirection::consumption),
      circuit(5, "Solar", EnergyDirection::generation),
      circuit(6, "", EnergyDirection::consumption),
      circuit(7, "Shed", EnergyDirection::bidirectional),
  };
  picture.as_of = kAsOf;
  picture.periods = kPeriods;
  picture.readings[1] = reading(-200.04, 600000, 300000);
  picture.readings[2] = reading(-112.36, 634567, 45678);
  picture.readings[4] = with_periods(reading(812.3, 12345, 0), {25, 0}, {6000, 0});
  picture.readings[5] = with_periods(reading(-2450, 0.25, 3456789), {0, 12.5}, {0.25, 70000});
  picture.readings[7] = with_periods(reading(-20, 1000.0004, 2000.0006), {1, 2}, {100, 200});
  picture.readings[model::kMergedMains] = with_periods(reading(-312.4, 1234567, 345678), {10, 2}, {30000, 4000});
  picture.readings[model::kBalance] = with_periods(reading(120.54, 88125, 500), {3, 8}, {2000, 500});
  return picture;
}

inline model::DevicePicture sample_outlet() {
  model::DevicePicture picture = fresh(model::DeviceModel::outlet, "OUT0001", "Garage Outlet");
  picture.state = model::OutletState{picture.device.id, true};
  picture.as_of = kAsOf;
  picture.periods = kPeriods;
  picture.readings[1] = with_periods(reading(42.5, 7125, 0), {4.25, 0}, {7125, 0});
  return picture;
}

inline model::DevicePicture sample_charger() {
  model::DevicePicture picture = fresh(model::DeviceModel::ev_charger, "EVC0001", "EV Charger");
  picture.state = model::ChargerState{picture.device.id, true, false, 40, true, 24};
  picture.as_of = kAsOf;
  picture.readings[1] = reading(0, 512250, 0);
  return picture;
}

inline model::DevicePicture sample_battery() {
  model::DevicePicture picture = fresh(model::DeviceModel::battery, "BAT0001", "Home Battery");
  picture.device.circuits = {
      circuit(1, "", model::EnergyDirection::bidirectional, model::CircuitType::battery, "Battery"),
      circuit(2, "", model::EnergyDirection::consumption, model::CircuitType::battery, "Backup loads"),
  };
  model::Dispatch dispatch;
  dispatch.mode = model::DispatchMode::charge_to_state_of_charge;
  dispatch.charge_power_kw = 3.5;
  dispatch.target_soc_pct = 90;
  picture.state = model::BatteryState{picture.device.id, 10.2, 7.6, 67.0, 20.0, dispatch};
  picture.as_of = kAsOf;
  picture.periods = kPeriods;
  picture.readings[1] = with_periods(reading(3500, 120500, 98750), {300, 100}, {9000, 8000});
  picture.readings[2] = reading(400, 5000, 0);
  return picture;
}

inline model::DevicePicture sample_meter() {
  model::DevicePicture picture = fresh(model::DeviceModel::utility_connect, "UC0001", "Utility Meter");
  picture.state = model::UtilityConnectState{picture.device.id, "00:11:22:33:44:55:66:77"};
  picture.as_of = kAsOf;
  picture.readings[1] = reading(-310, 5000125, 800500);
  return picture;
}

/// Of a model that this program does not know.
inline model::DevicePicture sample_unknown() {
  model::DevicePicture picture = fresh(model::DeviceModel::unknown, "NEW0001", "Gadget");
  picture.device.circuits = {circuit(1, "Feed", model::EnergyDirection::unknown)};
  picture.as_of = kAsOf;
  picture.readings[1] = reading(5, 10, 0);
  return picture;
}

/// A configured sum that flows that way.
inline model::DevicePicture sample_group(const std::string& id, model::EnergyDirection direction) {
  model::DevicePicture picture = fresh(model::DeviceModel::group, "group:" + id, "Upper Flat");
  picture.device.firmware.clear();
  picture.device.circuits = {circuit(1, "", direction, model::CircuitType::unknown)};
  picture.as_of = kAsOf;
  picture.readings[1] = reading(-310, 5000125, 800500);
  return picture;
}

inline std::vector<model::DevicePicture> sample_home() {
  return {sample_monitor(),
          sample_outlet(),
          sample_charger(),
          sample_battery(),
          sample_meter(),
          sample_unknown(),
          sample_group("flat", model::EnergyDirection::consumption),
          sample_group("street", model::EnergyDirection::bidirectional)};
}

/// What is announced, and the state it reads, with every circuit shown.
inline std::vector<Discovery> announced(const model::DevicePicture& picture, const DiscoveryContext& context = {}) {
  return device_discovery(picture, shown_circuits(picture, true), context);
}
inline json::Value shown_state(const model::DevicePicture& picture, const DiscoveryContext& context = {}) {
  const auto circuits = shown_circuits(picture, true);
  return device_state(picture, circuits, labels_of(picture.device, circuits, context));
}

}  // namespace emporia::homeassistant
