#include <cmath>
#include <utility>

#include "partner/reading.hpp"
#include "partner/translate.hpp"

namespace emporia::partner {
namespace {

/// A wrapped percentage or power: nothing where it is absent or no sensible number.
template <typename Message, typename Wrapper>
std::optional<double> number(const Message& message, bool (Message::*has)() const,
                             const Wrapper& (Message::*get)() const, double highest) {
  if (!(message.*has)()) return std::nullopt;
  const double value = (message.*get)().value();
  if (!std::isfinite(value) || value < 0 || value > highest) return std::nullopt;
  return value;
}

constexpr double kHighestPercentage = 100;
constexpr double kHighestPowerKw = 10'000;

std::optional<model::Dispatch> dispatch_of(const wire::BatterySettings& settings) {
  using wire::BatterySettings;
  model::Dispatch dispatch;
  switch (static_cast<int>(settings.dispatch_mode_case())) {
    case BatterySettings::kLoadFollowing: {
      using Mode = wire::BatterySettings_LoadFollowing;
      dispatch.mode = model::DispatchMode::load_following;
      dispatch.power_kw =
          number(settings.load_following(), &Mode::has_power_kwatts, &Mode::power_kwatts, kHighestPowerKw);
      return dispatch;
    }
    case BatterySettings::kChargeWithExcessSolar: {
      using Mode = wire::BatterySettings_ChargeWithExcessSolar;
      dispatch.mode = model::DispatchMode::charge_with_excess_solar;
      dispatch.charge_power_kw = number(settings.charge_with_excess_solar(), &Mode::has_charge_power_kwatts,
                                        &Mode::charge_power_kwatts, kHighestPowerKw);
      return dispatch;
    }
    case BatterySettings::kChargeToStateOfCharge: {
      using Mode = wire::BatterySettings_ChargeToStateOfCharge;
      const Mode& mode = settings.charge_to_state_of_charge();
      dispatch.mode = model::DispatchMode::charge_to_state_of_charge;
      dispatch.target_soc_pct = number(mode, &Mode::has_soc_percentage, &Mode::soc_percentage, kHighestPercentage);
      dispatch.charge_power_kw =
          number(mode, &Mode::has_charge_power_kwatts, &Mode::charge_power_kwatts, kHighestPowerKw);
      return dispatch;
    }
    case BatterySettings::kDischargeToStateOfCharge: {
      using Mode = wire::BatterySettings_DischargeToStateOfCharge;
      const Mode& mode = settings.discharge_to_state_of_charge();
      dispatch.mode = model::DispatchMode::discharge_to_state_of_charge;
      dispatch.target_soc_pct = number(mode, &Mode::has_soc_percentage, &Mode::soc_percentage, kHighestPercentage);
      dispatch.discharge_power_kw =
          number(mode, &Mode::has_discharge_power_kwatts, &Mode::discharge_power_kwatts, kHighestPowerKw);
      return dispatch;
    }
    case BatterySettings::kIdle:
      dispatch.mode = model::DispatchMode::idle;
      return dispatch;
    default:
      return std::nullopt;
  }
}

double sane_or_zero(double value, double highest) {
  return std::isfinite(value) && value >= 0 && value <= highest ? value : 0;
}

}  // namespace

States from_wire(const wire::OutletsResponse& reply, Oddities& oddities) {
  States states;
  const auto id_of = [](const auto& outlet) { return outlet.manufacturer_device_id(); };
  each_once(reply.outlets(), oddities, id_of, [&](const auto& outlet, const model::DeviceId& id) {
    states.states.emplace_back(model::OutletState{id, outlet.on()});
  });
  return states;
}

States from_wire(const wire::EVChargersResponse& reply, Oddities& oddities) {
  // Above any charger sold; a larger number is no limit to offer a person.
  constexpr std::uint32_t kHighestRateA = 100;
  States states;
  const auto id_of = [](const auto& charger) { return charger.settings().manufacturer_device_id(); };
  each_once(reply.evchargers(), oddities, id_of, [&](const auto& charger, const model::DeviceId& id) {
    model::ChargerState state;
    state.device = id;
    state.car_connected = charger.car_connected();
    state.car_charging = charger.car_charging();
    state.max_charge_rate_a = charger.max_charge_rate_amps() <= kHighestRateA ? charger.max_charge_rate_amps() : 0;
    const auto& settings = charger.settings();
    if (settings.has_on()) state.on = settings.on().value();
    if (settings.has_charge_rate_amps() && settings.charge_rate_amps().value() <= kHighestRateA) {
      state.charge_rate_a = settings.charge_rate_amps().value();
    }
    if (!state.on || !state.charge_rate_a) oddities.note(Oddity::missing_settings, id.text());
    states.states.emplace_back(std::move(state));
  });
  return states;
}

States from_wire(const wire::BatteriesResponse& reply, Oddities& oddities) {
  constexpr double kHighestCapacityKwh = 100'000;
  States states;
  const auto id_of = [](const auto& battery) { return battery.settings().manufacturer_device_id(); };
  each_once(reply.batteries(), oddities, id_of, [&](const wire::Battery& battery, const model::DeviceId& id) {
    model::BatteryState state;
    state.device = id;
    state.capacity_kwh = sane_or_zero(battery.capacity_kwhs(), kHighestCapacityKwh);
    state.inverter_max_power_kw = sane_or_zero(battery.inverter_max_power_kwatts(), kHighestPowerKw);
    state.soc_pct =
        number(battery, &wire::Battery::has_soc_percentage, &wire::Battery::soc_percentage, kHighestPercentage);
    const auto& settings = battery.settings();
    state.reserve_soc_pct = number(settings, &wire::BatterySettings::has_reserve_soc_percentage,
                                   &wire::BatterySettings::reserve_soc_percentage, kHighestPercentage);
    state.dispatch = dispatch_of(settings);
    if (!state.reserve_soc_pct || !state.dispatch) oddities.note(Oddity::missing_settings, id.text());
    states.states.emplace_back(std::move(state));
  });
  return states;
}

States from_wire(const wire::UtilityConnectsResponse& reply, Oddities& oddities) {
  States states;
  const auto id_of = [](const auto& meter) { return meter.manufacturer_device_id(); };
  each_once(reply.utility_connects(), oddities, id_of, [&](const auto& meter, const model::DeviceId& id) {
    states.states.emplace_back(model::UtilityConnectState{id, bounded(meter.zigbee_mac())});
  });
  return states;
}

}  // namespace emporia::partner
