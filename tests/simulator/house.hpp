#pragma once

#include <map>
#include <memory>
#include <vector>

#include "simulator/appliance.hpp"
#include "simulator/timezone.hpp"

namespace simulator {

/// Minutes since 1970, [from, to).
struct Span {
  Seconds from = 0;
  Seconds to = 0;
};

struct MissingSpan {
  std::uint32_t channel = 0;
  Span span;
};

/// One device as it stands: what the home said, what has happened to it since.
struct Device {
  DeviceSpec spec;
  std::uint64_t key = 0;
  std::shared_ptr<const Timezone> zone;
  Seconds onboarded = 0;
  Seconds lag_minutes = 0;
  bool removed = false;
  /// While offline: since when no data arrive.
  Seconds offline_since = 0;
  /// Planned end of an outage; 0: offline until told otherwise.
  Seconds offline_until = 0;
  /// Longer losses, whose data came back as one flat mean.
  std::vector<Span> flattened;
  std::vector<MissingSpan> missing;
  /// Null for monitors, Utility Connects and models of the future.
  std::unique_ptr<Appliance> appliance;
  OutletAppliance* outlet = nullptr;
  ChargerAppliance* charger = nullptr;
  BatteryAppliance* battery = nullptr;

  /// What the service last heard of the car, while the charger is offline.
  bool stale_car_connected = false;
  bool stale_car_charging = false;

  void go_offline(Seconds now);
  /// Ends an outage at `now`: short ones come back exact, others as a mean.
  void back_online(Seconds now);
};

/// All devices of the partner, and what flows between them.
class House {
 public:
  House(const Home& home, std::uint64_t seed, Seconds start);
  /// Lets every appliance act up to `now`.
  void advance(Seconds now);
  /// Null when there is none or it was removed.
  Device* find(const std::string& id);
  const Device* find(const std::string& id) const { return const_cast<House*>(this)->find(id); }
  /// Also a removed one.
  Device* find_any(const std::string& id);
  std::vector<std::unique_ptr<Device>>& devices() { return devices_; }
  const std::vector<std::unique_ptr<Device>>& devices() const { return devices_; }
  /// Devices whose power the monitor's mains carry.
  const std::vector<const Device*>& behind(const Device& monitor) const;
  Seconds now() const { return now_; }

 private:
  void step(Seconds from, Seconds to);
  double house_watts(const Device& battery, Seconds at);

  std::vector<std::unique_ptr<Device>> devices_;
  std::map<std::string, Device*> by_id_;
  std::map<const Device*, std::vector<const Device*>> behind_;
  std::vector<Device*> acting_;
  /// Grid power of a house without its appliances, by minute of one hour.
  struct Hour {
    Seconds hour = -1;
    MinuteRow net{};
  };
  std::map<const Device*, Hour> net_;
  Seconds now_;
};

/// `device` at an hour since 1970; key and power are the load's own.
Moment moment_of(const Device& device, Seconds hour);

}  // namespace simulator
