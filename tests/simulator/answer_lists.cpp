#include <set>

#include "simulator/answers.hpp"

namespace simulator {

Outcome pick(World& world, const std::string& id, int model, Device*& device) {
  device = world.house.find(id);
  if (device == nullptr) {
    if (world.behaviour.is("list_unknown_ids", "omit")) return {};
    return {Code::invalid_argument, "device '" + id + "' is not one of yours"};
  }
  if (device->spec.model != model) {
    device = nullptr;
    if (world.behaviour.is("wrong_model", "omit")) return {};
    return {Code::invalid_argument, "device '" + id + "' is of another model"};
  }
  return {};
}

namespace {

Outcome asked(World& world, const api::ListDevicesRequest& request, int model, std::vector<Device*>& devices) {
  if (request.manufacturer_device_ids().empty() && world.behaviour.is("empty_ids", "all")) {
    for (const auto& device : world.house.devices()) {
      if (!device->removed && device->spec.model == model) devices.push_back(device.get());
    }
  }
  std::set<std::string> seen;
  for (const std::string& id : request.manufacturer_device_ids()) {
    Device* device = nullptr;
    if (Outcome refused = pick(world, id, model, device); !refused.ok()) return refused;
    if (device != nullptr && seen.insert(id).second) devices.push_back(device);
  }
  return {};
}

}  // namespace

api::OutletSettings outlet_reply(const Device& device) {
  api::OutletSettings reply;
  reply.set_manufacturer_device_id(device.spec.id);
  reply.set_on(device.outlet->on);
  return reply;
}

api::EVCharger charger_reply(const Device& device) {
  api::EVCharger reply;
  const bool online = device.spec.connected;
  reply.set_car_connected(online ? device.charger->car_connected : device.stale_car_connected);
  reply.set_car_charging(online ? device.charger->charging() : device.stale_car_charging);
  reply.set_max_charge_rate_amps(device.charger->max_charge_rate_a);
  reply.mutable_settings()->set_manufacturer_device_id(device.spec.id);
  reply.mutable_settings()->mutable_on()->set_value(device.charger->on);
  reply.mutable_settings()->mutable_charge_rate_amps()->set_value(device.charger->charge_rate_a);
  return reply;
}

api::Battery battery_reply(const Device& device, const Behaviour& behaviour) {
  const BatteryAppliance& battery = *device.battery;
  api::Battery reply;
  reply.set_capacity_kwhs(battery.capacity_kwh);
  reply.set_inverter_max_power_kwatts(battery.inverter_max_power_kw);
  if (device.spec.connected || behaviour.is("battery_soc", "keep_offline")) {
    reply.mutable_soc_percentage()->set_value(battery.soc_pct);
  }
  api::BatterySettings& settings = *reply.mutable_settings();
  settings.set_manufacturer_device_id(device.spec.id);
  settings.mutable_reserve_soc_percentage()->set_value(battery.reserve_soc_pct);
  const Dispatch& dispatch = battery.dispatch;
  switch (dispatch.mode) {
    case Dispatch::Mode::load_following:
      settings.mutable_load_following()->mutable_power_kwatts()->set_value(dispatch.load_following_kw);
      break;
    case Dispatch::Mode::charge_with_excess_solar:
      settings.mutable_charge_with_excess_solar()->mutable_charge_power_kwatts()->set_value(dispatch.excess_solar_kw);
      break;
    case Dispatch::Mode::charge_to_soc:
      settings.mutable_charge_to_state_of_charge()->mutable_soc_percentage()->set_value(dispatch.charge_to_pct);
      settings.mutable_charge_to_state_of_charge()->mutable_charge_power_kwatts()->set_value(dispatch.charge_kw);
      break;
    case Dispatch::Mode::discharge_to_soc:
      settings.mutable_discharge_to_state_of_charge()->mutable_soc_percentage()->set_value(dispatch.discharge_to_pct);
      settings.mutable_discharge_to_state_of_charge()->mutable_discharge_power_kwatts()->set_value(
          dispatch.discharge_kw);
      break;
    case Dispatch::Mode::idle:
      settings.mutable_idle();
      break;
  }
  return reply;
}

Outcome list_utility_connects(World& world, const api::ListDevicesRequest& request,
                              api::UtilityConnectsResponse& reply) {
  std::vector<Device*> devices;
  Outcome outcome = asked(world, request, kUtilityConnect, devices);
  for (const Device* device : devices) {
    auto* const entry = reply.add_utility_connects();
    entry->set_manufacturer_device_id(device->spec.id);
    entry->set_zigbee_mac(device->spec.zigbee_mac);
  }
  return outcome;
}

Outcome list_outlets(World& world, const api::ListDevicesRequest& request, api::OutletsResponse& reply) {
  std::vector<Device*> devices;
  Outcome outcome = asked(world, request, kOutlet, devices);
  for (const Device* device : devices) *reply.add_outlets() = outlet_reply(*device);
  return outcome;
}

Outcome list_chargers(World& world, const api::ListDevicesRequest& request, api::EVChargersResponse& reply) {
  std::vector<Device*> devices;
  Outcome outcome = asked(world, request, kEvCharger, devices);
  for (const Device* device : devices) *reply.add_evchargers() = charger_reply(*device);
  return outcome;
}

Outcome list_batteries(World& world, const api::ListDevicesRequest& request, api::BatteriesResponse& reply) {
  std::vector<Device*> devices;
  Outcome outcome = asked(world, request, kBattery, devices);
  for (const Device* device : devices) *reply.add_batteries() = battery_reply(*device, world.behaviour);
  return outcome;
}

}  // namespace simulator
