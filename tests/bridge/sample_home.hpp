#pragma once

#include "bridge/world.hpp"

namespace emporia::tests {

inline const model::DeviceId kLamp{"B0001"};
inline const model::DeviceId kPanel{"A0001"};

inline model::Device lamp() {
  model::Device device;
  device.id = kLamp;
  device.model = model::DeviceModel::outlet;
  device.name = "Lamp";
  device.firmware = "Outlet-488";
  device.timezone = "America/New_York";
  device.connected = true;
  device.circuits = {{1, model::CircuitType::main, model::EnergyDirection::consumption, "", ""}};
  return device;
}

/// A monitor with two legs, a named circuit and an unused socket.
inline model::Device panel() {
  using model::CircuitType;
  using model::EnergyDirection;
  model::Device device;
  device.id = kPanel;
  device.model = model::DeviceModel::vue2;
  device.name = "Panel";
  device.timezone = "America/New_York";
  device.connected = true;
  device.circuits = {{1, CircuitType::main_200a, EnergyDirection::bidirectional, "", ""},
                     {2, CircuitType::main_200a, EnergyDirection::bidirectional, "", ""},
                     {4, CircuitType::expansion_50a, EnergyDirection::consumption, "", "Oven"},
                     {5, CircuitType::expansion_50a, EnergyDirection::consumption, "", ""}};
  return device;
}

/// The lamp alone, drawing 42 W.
inline void only_lamp(World& world) {
  world.service.devices = {lamp()};
  world.service.states = {model::OutletState{kLamp, true}};
  world.service.energy_wh[kLamp] = {{1, 0.7}};
}

/// The panel alone: 600 W and 300 W on the legs, 480 W of it in the oven, nothing in the unused socket.
inline void only_panel(World& world) {
  world.service.devices = {panel()};
  world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}, {5, 0.0}};
}

}  // namespace emporia::tests
