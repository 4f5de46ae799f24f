#pragma once

#include <vector>

#include "simulator/home.hpp"
#include "simulator/patterns.hpp"

namespace simulator {

/// What a device drew since the simulator started, minute by minute.
class Ledger {
 public:
  explicit Ledger(Seconds start) : first_minute_(floor_to(start, kMinute) / kMinute) {}
  /// `to` - `from` seconds of one minute.
  void add(Seconds from, Seconds to, double watts);
  /// Minutes before belong to the schedule of the past.
  Seconds first_minute() const { return first_minute_; }
  Energy at(Seconds minute) const;

 private:
  Seconds first_minute_;
  std::vector<Energy> minutes_;
  double running_ = 0;
};

/// A device that acts: time moves it, Update calls set it. Watts are positive when it draws.
class Appliance {
 public:
  Appliance(const DeviceSpec& spec, std::uint64_t key, Seconds start);
  virtual ~Appliance() = default;
  /// From `from` to `to`, both in one minute. `house_w`: the grid power of its house without it.
  void step(Seconds from, Seconds to, const Moment& moment, double house_w);
  double watts() const { return watts_; }
  const Ledger& ledger() const { return ledger_; }
  /// What it did before the simulator started; `moment` without key and power.
  HourPlan past(Moment moment) const;

 protected:
  /// Watts from `moment` on, and what that does to it within `seconds`.
  virtual double act(Seconds from, Seconds seconds, const Moment& moment, double house_w) = 0;
  HourPlan plan_of(const Pattern& pattern, double power_w, Moment moment) const;

  const Pattern* past_;
  double past_power_w_ = 0;
  std::uint64_t key_;

 private:
  Ledger ledger_;
  double watts_ = 0;
};

class OutletAppliance final : public Appliance {
 public:
  OutletAppliance(const DeviceSpec& spec, std::uint64_t key, Seconds start);
  bool on;

 private:
  double act(Seconds from, Seconds seconds, const Moment& moment, double house_w) override;
  const Pattern& load_;
  double power_w_;
  Seconds hour_ = -1;
  MinuteRow row_{};
};

/// A charger and the car before it, which fills and may drive to work.
class ChargerAppliance final : public Appliance {
 public:
  ChargerAppliance(const DeviceSpec& spec, std::uint64_t key, Seconds start);
  bool charging() const { return on && car_connected && car_soc_pct < 100; }
  bool on;
  std::uint32_t charge_rate_a;
  bool car_connected;
  bool commute;
  double car_soc_pct;
  const std::uint32_t max_charge_rate_a;

 private:
  double act(Seconds from, Seconds seconds, const Moment& moment, double house_w) override;
  double capacity_kwh_;
};

class BatteryAppliance final : public Appliance {
 public:
  BatteryAppliance(const DeviceSpec& spec, std::uint64_t key, Seconds start);
  double soc_pct;
  double reserve_soc_pct;
  Dispatch dispatch;
  const double capacity_kwh;
  const double inverter_max_power_kw;

 private:
  double act(Seconds from, Seconds seconds, const Moment& moment, double house_w) override;
  double wanted_w(double house_w) const;
};

}  // namespace simulator
