#pragma once

#include <chrono>
#include <string>

#include "model/home.hpp"

namespace emporia::commands {

/// A home with one device of each kind that can be set: outlets O1 to O20, all off; a charger C1 on a 40 A breaker, off
/// at 16 A; a battery B1 with a 5 kW inverter, idle with a reserve of 20 %. And a monitor V1 with nothing to set.
inline constexpr std::chrono::sys_seconds kNoon{std::chrono::seconds{1'800'014'400}};

inline model::Device device(const std::string& id, model::DeviceModel device_model) {
  model::Device result;
  result.id = model::DeviceId(id);
  result.model = device_model;
  result.name = id;
  result.timezone = "UTC";
  result.connected = true;
  return result;
}

inline model::OutletState outlet(const std::string& id, bool on = false) {
  return {model::DeviceId(id), on};
}
inline model::ChargerState charger(const std::string& id = "C1") {
  return {model::DeviceId(id), true, false, 40, false, 16};
}
inline model::BatteryState battery(const std::string& id = "B1") {
  return {model::DeviceId(id), 13.5, 5, 60, 20, model::Dispatch{}};
}

inline model::InventorySeen sample_inventory(model::UtcSeconds at = kNoon) {
  using model::DeviceModel;
  model::InventorySeen seen{at, {device("V1", DeviceModel::vue3)}};
  for (int i = 1; i <= 20; ++i) seen.devices.push_back(device("O" + std::to_string(i), DeviceModel::outlet));
  seen.devices.push_back(device("C1", DeviceModel::ev_charger));
  seen.devices.push_back(device("C2", DeviceModel::ev_charger));
  seen.devices.push_back(device("B1", DeviceModel::battery));
  return seen;
}

inline model::StatesSeen sample_states(model::UtcSeconds at = kNoon) {
  model::StatesSeen seen{at, {charger("C1"), charger("C2"), battery()}};
  for (int i = 1; i <= 20; ++i) seen.states.push_back(outlet("O" + std::to_string(i)));
  return seen;
}

}  // namespace emporia::commands
