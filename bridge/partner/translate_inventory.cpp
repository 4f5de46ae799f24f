#include <algorithm>
#include <set>
#include <utility>

#include "partner/reading.hpp"
#include "partner/translate.hpp"
#include "runtime/text.hpp"

namespace emporia::partner {
namespace {

using WireDevice = wire::DeviceInventoryResponse_Device;
using WireCircuit = wire::DeviceInventoryResponse_Device_CircuitInfo;

model::DeviceModel model_of(const WireDevice& device, Oddities& oddities) {
  // Compared as a number: newer models arrive as values the enum does not name.
  switch (static_cast<int>(device.model())) {
    case WireDevice::Vue1:
      return model::DeviceModel::vue1;
    case WireDevice::Vue2:
      return model::DeviceModel::vue2;
    case WireDevice::Vue3:
      return model::DeviceModel::vue3;
    case WireDevice::UtilityConnect:
      return model::DeviceModel::utility_connect;
    case WireDevice::Outlet:
      return model::DeviceModel::outlet;
    case WireDevice::EVCharger:
      return model::DeviceModel::ev_charger;
    case WireDevice::Battery:
      return model::DeviceModel::battery;
    default:
      break;
  }
  oddities.note(Oddity::unknown_model, runtime::concat(device.manufacturer_device_id(), ": model ",
                                                       static_cast<int>(device.model()), " is not known"));
  return model::DeviceModel::unknown;
}

model::CircuitType type_of(const WireCircuit& circuit) {
  switch (static_cast<int>(circuit.type())) {
    case WireCircuit::Vue_200A_Main:
      return model::CircuitType::main_200a;
    case WireCircuit::Vue_50A_Expansion:
      return model::CircuitType::expansion_50a;
    case WireCircuit::Main:
      return model::CircuitType::main;
    case WireCircuit::Battery:
      return model::CircuitType::battery;
    default:
      return model::CircuitType::unknown;
  }
}

model::EnergyDirection direction_of(const WireCircuit& circuit) {
  switch (static_cast<int>(circuit.energy_direction())) {
    case WireCircuit::Consumption:
      return model::EnergyDirection::consumption;
    case WireCircuit::Generation:
      return model::EnergyDirection::generation;
    case WireCircuit::Bidirectional:
      return model::EnergyDirection::bidirectional;
    default:
      return model::EnergyDirection::unknown;
  }
}

std::vector<model::Circuit> circuits_of(const WireDevice& device, Oddities& oddities) {
  std::vector<model::Circuit> circuits;
  std::set<model::Channel> seen;
  for (const WireCircuit& circuit : device.circuit_infos()) {
    const model::Channel channel = circuit.channel_number();
    if (!plausible_channel(channel) || !seen.insert(channel).second) {
      oddities.note(Oddity::bad_circuit, runtime::concat(device.manufacturer_device_id(), " channel ", channel));
      continue;
    }
    circuits.push_back(
        {channel, type_of(circuit), direction_of(circuit), bounded(circuit.sub_type()), bounded(circuit.name())});
  }
  std::sort(circuits.begin(), circuits.end(), [](const auto& a, const auto& b) { return a.channel < b.channel; });
  return circuits;
}

}  // namespace

Inventory from_wire(const wire::DeviceInventoryResponse& reply, Oddities& oddities) {
  Inventory inventory;
  const auto id_of = [](const WireDevice& device) { return device.manufacturer_device_id(); };
  each_once(reply.devices(), oddities, id_of, [&](const WireDevice& told, const model::DeviceId& id) {
    model::Device device;
    device.id = id;
    device.model = model_of(told, oddities);
    device.firmware = bounded(told.firmware());
    device.solar = told.solar();
    device.name = bounded(told.device_name());
    device.timezone = bounded(told.timezone());
    device.connected = told.device_connected();
    const auto billing_day = told.billing_cycle_start_day();
    device.billing_cycle_start_day = billing_day <= 28 ? billing_day : 0;
    for (const auto& customer : told.customers()) device.customer_emails.push_back(bounded(customer.email()));
    device.circuits = circuits_of(told, oddities);
    inventory.devices.push_back(std::move(device));
  });
  return inventory;
}

}  // namespace emporia::partner
