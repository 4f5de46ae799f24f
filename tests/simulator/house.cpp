#include "simulator/house.hpp"

#include <algorithm>
#include <iostream>

#include "simulator/usage.hpp"

namespace simulator {
namespace {

constexpr Seconds kBackFilled = 15 * kMinute;
constexpr Seconds kHistory = 800 * kDay;

std::unique_ptr<Device> make_device(const DeviceSpec& spec, std::uint64_t seed, Seconds start) {
  auto device = std::make_unique<Device>();
  device->spec = spec;
  device->key = mix(seed, hash_text(spec.id));
  device->zone = Timezone::find(spec.timezone);
  if (!device->zone) {
    std::cerr << "simulator: no time zone '" << spec.timezone << "' on this system, using UTC; install tzdata\n";
    device->zone = Timezone::utc();
  }
  device->onboarded = spec.onboarded != 0 ? spec.onboarded : floor_to(start, kDay) - kHistory;
  device->lag_minutes =
      spec.lag_minutes >= 0 ? spec.lag_minutes : 4 + static_cast<Seconds>(chance(device->key, 77) * 8);
  if (spec.model == kOutlet) {
    auto own = std::make_unique<OutletAppliance>(spec, device->key, start);
    device->outlet = own.get();
    device->appliance = std::move(own);
  } else if (spec.model == kEvCharger) {
    auto own = std::make_unique<ChargerAppliance>(spec, device->key, start);
    device->charger = own.get();
    device->appliance = std::move(own);
  } else if (spec.model == kBattery) {
    auto own = std::make_unique<BatteryAppliance>(spec, device->key, start);
    device->battery = own.get();
    device->appliance = std::move(own);
  }
  if (!spec.connected) device->go_offline(start);
  return device;
}

}  // namespace

Moment moment_of(const Device& device, Seconds hour) {
  Moment moment;
  moment.hour = hour;
  const Seconds utc = hour * kHour;
  const Seconds local = utc + device.zone->offset_at(utc);
  moment.local_day = floor_to(local, kDay) / kDay;
  moment.local_hour = static_cast<int>((local - moment.local_day * kDay) / kHour);
  moment.latitude = device.spec.latitude;
  return moment;
}

void Device::go_offline(Seconds now) {
  if (offline_since != 0) return;
  spec.connected = false;
  offline_since = now;
  if (charger == nullptr) return;
  stale_car_connected = charger->car_connected;
  stale_car_charging = charger->charging();
}

void Device::back_online(Seconds now) {
  if (now - offline_since >= kBackFilled) {
    flattened.push_back({floor_to(offline_since, kMinute) / kMinute, floor_to(now, kMinute) / kMinute});
  }
  spec.connected = true;
  offline_since = 0;
  offline_until = 0;
}

House::House(const Home& home, std::uint64_t seed, Seconds start) : now_(start) {
  for (const DeviceSpec& spec : home.devices) {
    devices_.push_back(make_device(spec, seed, start));
    by_id_[spec.id] = devices_.back().get();
    if (devices_.back()->appliance) acting_.push_back(devices_.back().get());
  }
  // Batteries answer to what the others do, so they come last.
  std::stable_partition(acting_.begin(), acting_.end(),
                        [](const Device* device) { return device->battery == nullptr; });
  for (const auto& device : devices_) {
    if (device->spec.monitor.empty() || !device->appliance) continue;
    if (const Device* const monitor = find(device->spec.monitor)) behind_[monitor].push_back(device.get());
  }
}

Device* House::find_any(const std::string& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Device* House::find(const std::string& id) {
  Device* const device = find_any(id);
  return device == nullptr || device->removed ? nullptr : device;
}

const std::vector<const Device*>& House::behind(const Device& monitor) const {
  static const std::vector<const Device*> none;
  const auto found = behind_.find(&monitor);
  return found == behind_.end() ? none : found->second;
}

void House::advance(Seconds now) {
  while (now_ < now) {
    const Seconds to = std::min(now, floor_to(now_, kMinute) + kMinute);
    step(now_, to);
    now_ = to;
  }
  for (const auto& device : devices_) {
    if (device->offline_until != 0 && device->offline_until <= now) device->back_online(device->offline_until);
  }
}

void House::step(Seconds from, Seconds to) {
  for (Device* device : acting_) {
    const Moment moment = moment_of(*device, floor_to(from, kHour) / kHour);
    const double house = device->battery != nullptr ? house_watts(*device, from) : 0;
    device->appliance->step(from, to, moment, house);
  }
}

// Watts from the grid of the house the battery stands in, as if it had no battery.
double House::house_watts(const Device& battery, Seconds at) {
  const Device* const monitor = find(battery.spec.monitor);
  if (monitor == nullptr) return 500;
  const Seconds hour = floor_to(at, kHour) / kHour;
  Hour& cached = net_[monitor];
  if (cached.hour != hour) cached = {hour, Meter(*this, *monitor).net_without_appliances(hour)};
  double watts =
      static_cast<double>(cached.net[static_cast<std::size_t>((at - hour * kHour) / kMinute)]) / kPerWattMinute;
  for (const Device* other : behind(*monitor)) {
    if (other->removed || other->battery != nullptr) continue;
    watts += other->appliance->watts();
  }
  return watts;
}

}  // namespace simulator
