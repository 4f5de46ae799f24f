#include <algorithm>

#include "simulator/answers.hpp"

namespace simulator {
namespace {

// `value` in `least` to `most`, not a number never.
bool within(double value, double least, double most) {
  return value >= least && value <= most;
}

std::string plain(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

Outcome apply(Device& device, const api::OutletSettings& settings) {
  device.outlet->on = settings.on();
  return {};
}

Outcome apply(Device& device, const api::EVChargerSettings& settings) {
  ChargerAppliance& charger = *device.charger;
  if (!settings.has_on() && !settings.has_charge_rate_amps()) {
    return {Code::invalid_argument, "settings of '" + device.spec.id + "' change nothing: set on or charge_rate_amps"};
  }
  if (settings.has_charge_rate_amps()) {
    const auto rate = settings.charge_rate_amps().value();
    if (rate < 6 || rate > charger.max_charge_rate_a) {
      return {Code::invalid_argument, "charge_rate_amps " + std::to_string(rate) + " of '" + device.spec.id +
                                          "' is not within 6 to " + std::to_string(charger.max_charge_rate_a)};
    }
    charger.charge_rate_a = rate;
  }
  if (settings.has_on()) charger.on = settings.on().value();
  return {};
}

// Reads the mode's values over the ones it had; what is left out stays.
void read_mode(const api::BatterySettings& settings, Dispatch& dispatch) {
  switch (settings.dispatch_mode_case()) {
    case api::BatterySettings::kLoadFollowing:
      dispatch.mode = Dispatch::Mode::load_following;
      if (const auto& mode = settings.load_following(); mode.has_power_kwatts()) {
        dispatch.load_following_kw = mode.power_kwatts().value();
      }
      break;
    case api::BatterySettings::kChargeWithExcessSolar:
      dispatch.mode = Dispatch::Mode::charge_with_excess_solar;
      if (const auto& mode = settings.charge_with_excess_solar(); mode.has_charge_power_kwatts()) {
        dispatch.excess_solar_kw = mode.charge_power_kwatts().value();
      }
      break;
    case api::BatterySettings::kChargeToStateOfCharge:
      dispatch.mode = Dispatch::Mode::charge_to_soc;
      if (const auto& mode = settings.charge_to_state_of_charge(); true) {
        if (mode.has_soc_percentage()) dispatch.charge_to_pct = mode.soc_percentage().value();
        if (mode.has_charge_power_kwatts()) dispatch.charge_kw = mode.charge_power_kwatts().value();
      }
      break;
    case api::BatterySettings::kDischargeToStateOfCharge:
      dispatch.mode = Dispatch::Mode::discharge_to_soc;
      if (const auto& mode = settings.discharge_to_state_of_charge(); true) {
        if (mode.has_soc_percentage()) dispatch.discharge_to_pct = mode.soc_percentage().value();
        if (mode.has_discharge_power_kwatts()) dispatch.discharge_kw = mode.discharge_power_kwatts().value();
      }
      break;
    case api::BatterySettings::kIdle:
      dispatch.mode = Dispatch::Mode::idle;
      break;
    case api::BatterySettings::DISPATCH_MODE_NOT_SET:
      break;
  }
}

Outcome check_mode(const BatteryAppliance& battery, const Dispatch& dispatch, double reserve) {
  const auto power = [&](const char* field, double kw) -> Outcome {
    if (kw > 0 && kw <= battery.inverter_max_power_kw) return {};
    return {Code::invalid_argument, std::string(field) + " " + plain(kw) + " is not above 0 and up to the inverter's " +
                                        plain(battery.inverter_max_power_kw) + " kW"};
  };
  const auto target = [&](double pct) -> Outcome {
    if (!within(pct, 1, 100))
      return {Code::invalid_argument, "soc_percentage " + plain(pct) + " is not within 1 to 100"};
    if (pct >= reserve) return {};
    return {Code::invalid_argument,
            "soc_percentage " + plain(pct) + " is below reserve_soc_percentage " + plain(reserve)};
  };
  switch (dispatch.mode) {
    case Dispatch::Mode::load_following:
      return power("power_kwatts", dispatch.load_following_kw);
    case Dispatch::Mode::charge_with_excess_solar:
      return power("charge_power_kwatts", dispatch.excess_solar_kw);
    case Dispatch::Mode::charge_to_soc:
      if (Outcome refused = target(dispatch.charge_to_pct); !refused.ok()) return refused;
      return power("charge_power_kwatts", dispatch.charge_kw);
    case Dispatch::Mode::discharge_to_soc:
      if (Outcome refused = target(dispatch.discharge_to_pct); !refused.ok()) return refused;
      return power("discharge_power_kwatts", dispatch.discharge_kw);
    case Dispatch::Mode::idle:
      break;
  }
  return {};
}

Outcome apply(Device& device, const api::BatterySettings& settings) {
  BatteryAppliance& battery = *device.battery;
  const bool has_mode = settings.dispatch_mode_case() != api::BatterySettings::DISPATCH_MODE_NOT_SET;
  if (!has_mode && !settings.has_reserve_soc_percentage()) {
    return {Code::invalid_argument,
            "settings of '" + device.spec.id + "' change nothing: set reserve_soc_percentage or a dispatch mode"};
  }
  double reserve = battery.reserve_soc_pct;
  if (settings.has_reserve_soc_percentage()) {
    reserve = settings.reserve_soc_percentage().value();
    if (!within(reserve, 1, 100)) {
      return {Code::invalid_argument, "reserve_soc_percentage " + plain(reserve) + " is not within 1 to 100"};
    }
  }
  Dispatch dispatch = battery.dispatch;
  read_mode(settings, dispatch);
  if (Outcome refused = check_mode(battery, dispatch, reserve); !refused.ok()) return refused;
  battery.dispatch = dispatch;
  battery.reserve_soc_pct = reserve;
  return {};
}

// What an update can change; put back when a batch is refused as a whole, compared to see whether anything changed.
struct Settings {
  bool on = false;
  std::uint32_t rate_a = 0;
  double reserve_pct = 0;
  Dispatch dispatch;
  friend bool operator==(const Settings&, const Settings&) = default;
};

Settings settings_of(const Device& device) {
  Settings now;
  if (device.outlet != nullptr) now.on = device.outlet->on;
  if (device.charger != nullptr) now = {device.charger->on, device.charger->charge_rate_a, 0, {}};
  if (device.battery != nullptr) now = {false, 0, device.battery->reserve_soc_pct, device.battery->dispatch};
  return now;
}

void put_back(Device& device, const Settings& before) {
  if (device.outlet != nullptr) device.outlet->on = before.on;
  if (device.charger != nullptr) {
    device.charger->on = before.on;
    device.charger->charge_rate_a = before.rate_a;
  }
  if (device.battery != nullptr) {
    device.battery->reserve_soc_pct = before.reserve_pct;
    device.battery->dispatch = before.dispatch;
  }
}

template <typename Item>
Outcome update_one(World& world, const Item& item, int model, Device*& device) {
  if (Outcome refused = pick(world, item.manufacturer_device_id(), model, device); !refused.ok()) return refused;
  if (device == nullptr) return {};
  const Settings before = settings_of(*device);
  // The request is judged before the device's link is: a wrong value is wrong also while it is offline.
  if (Outcome refused = apply(*device, item); !refused.ok()) return refused;
  if (device->spec.connected) return {};
  put_back(*device, before);
  if (world.behaviour.is("disconnected_update", "error")) {
    return {Code::failed_precondition, "device '" + device->spec.id + "' is offline"};
  }
  return {};
}

// Carries out a batch; `changed` gets the devices the reply shows.
template <typename Items>
Outcome update(World& world, const Items& items, int model, std::vector<Device*>& changed) {
  std::vector<std::pair<Device*, Settings>> touched;
  Outcome failure;
  for (const auto& item : items) {
    Device* device = world.house.find(item.manufacturer_device_id());
    const bool fits = device != nullptr && device->spec.model == model;
    const bool first = std::none_of(touched.begin(), touched.end(), [&](auto& entry) { return entry.first == device; });
    if (fits && first) touched.emplace_back(device, settings_of(*device));
    Outcome refused = update_one(world, item, model, device);
    if (refused.ok() || world.behaviour.is("batch", "skip")) continue;
    if (failure.ok()) failure = std::move(refused);
    if (world.behaviour.is("batch", "atomic")) break;
  }
  for (const auto& [device, before] : touched) {
    if (!failure.ok() && world.behaviour.is("batch", "atomic")) put_back(*device, before);
    const bool show = device->spec.connected && world.behaviour.is("unchanged_update", "include");
    if (show || settings_of(*device) != before) changed.push_back(device);
  }
  return failure;
}

}  // namespace

Outcome update_outlets(World& world, const api::UpdateOutletsRequest& request, api::OutletsResponse& reply) {
  std::vector<Device*> changed;
  Outcome outcome = update(world, request.outlets(), kOutlet, changed);
  for (const Device* device : changed) *reply.add_outlets() = outlet_reply(*device);
  return outcome;
}

Outcome update_chargers(World& world, const api::UpdateEVChargersRequest& request, api::EVChargersResponse& reply) {
  std::vector<Device*> changed;
  Outcome outcome = update(world, request.settings(), kEvCharger, changed);
  for (const Device* device : changed) *reply.add_evchargers() = charger_reply(*device);
  return outcome;
}

Outcome update_batteries(World& world, const api::UpdateBatteriesRequest& request, api::BatteriesResponse& reply) {
  std::vector<Device*> changed;
  Outcome outcome = update(world, request.settings(), kBattery, changed);
  for (const Device* device : changed) *reply.add_batteries() = battery_reply(*device, world.behaviour);
  return outcome;
}

}  // namespace simulator
