#include "simulator/appliance.hpp"

#include <algorithm>
#include <cmath>

#include "simulator/timezone.hpp"

namespace simulator {
namespace {

constexpr double kChargerVolts = 240;
constexpr double kChargerIdleWatts = 3;
constexpr double kOutletIdleWatts = 0.6;
// Each way; both together lose about a tenth.
constexpr double kBatteryEfficiency = 0.95;

const Pattern& pattern_of(const std::string& name) {
  const Pattern* const pattern = find_pattern(name);
  return pattern != nullptr ? *pattern : patterns().front();
}

}  // namespace

void Ledger::add(Seconds from, Seconds to, double watts) {
  const auto minute = floor_to(from, kMinute) / kMinute;
  running_ += watts * kPerWattMinute * static_cast<double>(to - from) / kMinute;
  if (to < (minute + 1) * kMinute) return;
  minutes_.resize(static_cast<std::size_t>(minute - first_minute_), 0);
  minutes_.push_back(split_evenly(running_));
  running_ = 0;
}

Energy Ledger::at(Seconds minute) const {
  const auto index = minute - first_minute_;
  return index >= 0 && index < static_cast<Seconds>(minutes_.size()) ? minutes_[static_cast<std::size_t>(index)] : 0;
}

Appliance::Appliance(const DeviceSpec& spec, std::uint64_t key, Seconds start)
    : past_(&pattern_of(spec.load)), past_power_w_(spec.power_w), key_(key), ledger_(start) {}

void Appliance::step(Seconds from, Seconds to, const Moment& moment, double house_w) {
  watts_ = act(from, to - from, moment, house_w);
  ledger_.add(from, to, watts_);
}

HourPlan Appliance::plan_of(const Pattern& pattern, double power_w, Moment moment) const {
  HourPlan plan;
  moment.key = key_;
  moment.power_w = power_w > 0 ? power_w : pattern.default_power_w;
  pattern.plan(moment, plan);
  return plan;
}

HourPlan Appliance::past(Moment moment) const {
  return plan_of(*past_, past_power_w_, moment);
}

OutletAppliance::OutletAppliance(const DeviceSpec& spec, std::uint64_t key, Seconds start)
    : Appliance(spec, key, start), on(spec.on), load_(pattern_of(spec.load)), power_w_(spec.power_w) {}

double OutletAppliance::act(Seconds from, Seconds, const Moment& moment, double) {
  if (!on) return 0;
  if (hour_ != moment.hour) {
    hour_ = moment.hour;
    plan_of(load_, power_w_, moment).minutes(row_);
  }
  const auto minute = static_cast<std::size_t>((from - moment.hour * kHour) / kMinute);
  return kOutletIdleWatts + static_cast<double>(row_[minute]) / kPerWattMinute;
}

ChargerAppliance::ChargerAppliance(const DeviceSpec& spec, std::uint64_t key, Seconds start)
    : Appliance(spec, key, start),
      on(spec.on),
      charge_rate_a(spec.charge_rate_a),
      car_connected(spec.car_connected),
      commute(spec.commute),
      car_soc_pct(spec.car_soc_pct),
      max_charge_rate_a(spec.max_charge_rate_a),
      capacity_kwh_(spec.car_capacity_kwh) {
  past_ = find_pattern("ev");
  past_power_w_ = kChargerVolts * spec.charge_rate_a;
}

double ChargerAppliance::act(Seconds, Seconds seconds, const Moment& moment, double) {
  if (commute) {
    const auto weekday = weekday_of(moment.local_day);
    const bool away = weekday >= 1 && weekday <= 5 && moment.local_hour >= 8 && moment.local_hour < 18;
    // The day's drive is missed from the battery when the car comes home.
    if (!away && !car_connected) car_soc_pct = std::max(10.0, car_soc_pct - 25.0);
    car_connected = !away;
  }
  if (!charging()) return kChargerIdleWatts;
  const double watts = kChargerVolts * charge_rate_a;
  const double full_wh = capacity_kwh_ * 1000;
  const double asked_wh = watts * static_cast<double>(seconds) / kHour;
  const double taken_wh = std::min(asked_wh, full_wh * (100 - car_soc_pct) / 100);
  car_soc_pct = taken_wh < asked_wh ? 100 : car_soc_pct + taken_wh / full_wh * 100;
  return kChargerIdleWatts + watts * taken_wh / asked_wh;
}

BatteryAppliance::BatteryAppliance(const DeviceSpec& spec, std::uint64_t key, Seconds start)
    : Appliance(spec, key, start),
      soc_pct(spec.soc_pct),
      reserve_soc_pct(spec.reserve_soc_pct),
      dispatch(spec.dispatch),
      capacity_kwh(spec.capacity_kwh),
      inverter_max_power_kw(spec.inverter_max_power_kw) {
  past_ = find_pattern("battery_day");
  past_power_w_ = spec.inverter_max_power_kw * 1000;
}

// Positive charges.
double BatteryAppliance::wanted_w(double house_w) const {
  switch (dispatch.mode) {
    case Dispatch::Mode::load_following:
      return std::clamp(-house_w, -dispatch.load_following_kw * 1000, dispatch.load_following_kw * 1000);
    case Dispatch::Mode::charge_with_excess_solar:
      return std::clamp(-house_w, 0.0, dispatch.excess_solar_kw * 1000);
    case Dispatch::Mode::charge_to_soc:
      return soc_pct < dispatch.charge_to_pct ? dispatch.charge_kw * 1000 : 0;
    case Dispatch::Mode::discharge_to_soc:
      return soc_pct > dispatch.discharge_to_pct ? -dispatch.discharge_kw * 1000 : 0;
    case Dispatch::Mode::idle:
      break;
  }
  return 0;
}

double BatteryAppliance::act(Seconds, Seconds seconds, const Moment&, double house_w) {
  const double limit = inverter_max_power_kw * 1000;
  const double wanted = std::clamp(wanted_w(house_w), -limit, limit);
  if (wanted == 0) return 0;
  const double hours = static_cast<double>(seconds) / kHour;
  const double pct_per_wh = 100 / (capacity_kwh * 1000);
  const bool charges = wanted > 0;
  double bound = charges ? 100 : reserve_soc_pct;
  if (dispatch.mode == Dispatch::Mode::charge_to_soc) bound = dispatch.charge_to_pct;
  if (dispatch.mode == Dispatch::Mode::discharge_to_soc) bound = std::max(bound, dispatch.discharge_to_pct);
  const double change = wanted * hours * pct_per_wh * (charges ? kBatteryEfficiency : 1 / kBatteryEfficiency);
  const double room = charges ? std::max(0.0, bound - soc_pct) : std::min(0.0, bound - soc_pct);
  if (std::abs(change) <= std::abs(room)) {
    soc_pct += change;
    return wanted;
  }
  // Stops on the bound, within the step.
  if (room != 0) soc_pct = bound;
  return wanted * room / change;
}

}  // namespace simulator
