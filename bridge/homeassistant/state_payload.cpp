#include "homeassistant/state_payload.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "homeassistant/names.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::homeassistant {
namespace {

using model::Channel;
using model::DeviceModel;
using model::EnergyDirection;
using model::Reading;

constexpr int kPowerDecimals = 1;
constexpr int kEnergyDecimals = 6;
constexpr Channel kOnlyChannel = 1;

json::Value number(const std::optional<double>& value, int decimals, double factor = 1) {
  if (!value) return nullptr;
  return json::rounded(*value * factor, decimals);
}
json::Value power_w(const Reading& reading, double sign = 1) {
  return number(reading.power_w, kPowerDecimals, sign);
}
json::Value kwh(const std::optional<double>& energy_wh) {
  return number(energy_wh, kEnergyDecimals, 0.001);
}
json::Value moment(const std::optional<model::UtcSeconds>& time) {
  if (!time) return nullptr;
  return runtime::iso8601(*time);
}
json::Value integer(const std::optional<std::uint32_t>& value) {
  if (!value) return nullptr;
  return *value;
}
json::Value flag(const std::optional<bool>& value) {
  if (!value) return nullptr;
  return *value;
}
/// Home Assistant takes no state of more than 255 characters.
json::Value text(const std::string& told) {
  std::string clean = clean_name(told);
  if (clean.empty()) return nullptr;
  return clean;
}

/// Without a value where there is none.
const Reading& reading_of(const model::DevicePicture& picture, Channel channel) {
  static const Reading kNone;
  const Reading* reading = picture.reading(channel);
  return reading == nullptr ? kNone : *reading;
}

/// Which part of a period's energy is shown under a name.
enum class Way { positive, negative, net };

/// <name>_today_kwh and <name>_cycle_kwh, beside the counter <name>_kwh.
struct PeriodKeys {
  const char* today;
  const char* cycle;
};
constexpr PeriodKeys kEnergy{"energy_today_kwh", "energy_cycle_kwh"};
constexpr PeriodKeys kImport{"import_today_kwh", "import_cycle_kwh"};
constexpr PeriodKeys kExport{"export_today_kwh", "export_cycle_kwh"};
constexpr PeriodKeys kCharged{"charged_today_kwh", "charged_cycle_kwh"};
constexpr PeriodKeys kDischarged{"discharged_today_kwh", "discharged_cycle_kwh"};

void add_periods(json::Object& state, const PeriodKeys& keys, const Reading& reading, Way way) {
  const auto put = [&](const char* key, const std::optional<model::PeriodEnergy>& energy) {
    std::optional<double> value_wh;
    if (energy && way == Way::positive) value_wh = energy->positive_wh;
    if (energy && way == Way::negative) value_wh = energy->negative_wh;
    if (energy && way == Way::net) value_wh = energy->positive_wh - energy->negative_wh;
    state.emplace_back(key, kwh(value_wh));
  };
  put(keys.today, reading.today);
  put(keys.cycle, reading.cycle);
}

void add_periods_both_ways(json::Object& state, const Reading& reading, const PeriodKeys& in = kImport,
                           const PeriodKeys& out = kExport) {
  add_periods(state, in, reading, Way::positive);
  add_periods(state, out, reading, Way::negative);
}

json::Object both_ways(const Reading& reading) {
  constexpr std::size_t kKeys = 7;
  json::Object state;
  state.reserve(kKeys);
  state.emplace_back("power_w", power_w(reading));
  state.emplace_back("import_kwh", kwh(reading.positive_wh));
  state.emplace_back("export_kwh", kwh(reading.negative_wh));
  add_periods_both_ways(state, reading);
  return state;
}

/// A generating circuit counts down in the service and up for people.
json::Object circuit_state(EnergyDirection direction, const Reading& reading, const std::string& label,
                           bool every_key) {
  constexpr std::size_t kMostKeys = 12;
  const bool generates = direction == EnergyDirection::generation;
  json::Object state;
  state.reserve(kMostKeys);
  state.emplace_back("name", label);
  state.emplace_back("direction", word(direction));
  state.emplace_back("power_w", power_w(reading, generates ? -1 : 1));
  state.emplace_back("energy_kwh", kwh(generates ? reading.negative_wh : reading.positive_wh));
  const bool both = every_key || direction == EnergyDirection::bidirectional;
  if (both) {
    state.emplace_back("import_kwh", kwh(reading.positive_wh));
    state.emplace_back("export_kwh", kwh(reading.negative_wh));
  }
  add_periods(state, kEnergy, reading, generates ? Way::negative : Way::positive);
  if (both) add_periods_both_ways(state, reading);
  return state;
}

json::Object circuits_state(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits,
                            const std::map<Channel, std::string>& labels, const std::set<Channel>& lingering) {
  model::ByChannel<EnergyDirection> shown;
  for (const model::Circuit& circuit : circuits) shown.emplace(circuit.channel, circuit.direction);
  for (const Channel channel : lingering) {
    if (!is_mains(picture.device.model, channel)) shown.emplace(channel, model::Circuit{}.direction);
  }
  json::Object state;
  state.reserve(shown.size());
  for (const auto& [channel, direction] : shown) {
    const auto label = labels.find(channel);
    const std::string name = label != labels.end()
                                 ? label->second
                                 : runtime::concat("Circuit ", printed_number(picture.device.model, channel));
    state.emplace_back(runtime::concat(channel),
                       circuit_state(direction, reading_of(picture, channel), name, lingering.count(channel) != 0));
  }
  return state;
}

void add_monitor(json::Object& state, const model::DevicePicture& picture, const std::set<Channel>& lingering) {
  state.emplace_back("mains", both_ways(reading_of(picture, model::kMergedMains)));
  json::Object legs;
  for (Channel leg = 1; leg <= 3; ++leg) {
    if (picture.reading(leg) == nullptr && lingering.count(leg) == 0) continue;
    legs.emplace_back(runtime::concat(leg), both_ways(reading_of(picture, leg)));
  }
  state.emplace_back("legs", std::move(legs));
  const Reading& balance = reading_of(picture, model::kBalance);
  json::Object shown{{"power_w", power_w(balance)}, {"energy_kwh", kwh(balance.positive_wh)}};
  add_periods(shown, kEnergy, balance, Way::net);
  state.emplace_back("balance", std::move(shown));
}

void add_usage(json::Object& state, const model::DevicePicture& picture) {
  const Reading& reading = reading_of(picture, kOnlyChannel);
  state.emplace_back("power_w", power_w(reading));
  state.emplace_back("energy_kwh", kwh(reading.positive_wh));
  add_periods(state, kEnergy, reading, Way::positive);
}

void add_outlet(json::Object& state, const model::DevicePicture& picture) {
  const auto* told = std::get_if<model::OutletState>(&picture.state);
  state.emplace_back("on", told == nullptr ? json::Value() : json::Value(told->on));
  add_usage(state, picture);
}

void add_charger(json::Object& state, const model::DevicePicture& picture) {
  const auto* told = std::get_if<model::ChargerState>(&picture.state);
  const bool known = told != nullptr;
  state.emplace_back("on", known ? flag(told->on) : json::Value());
  state.emplace_back("charge_rate_a", known ? integer(told->charge_rate_a) : json::Value());
  state.emplace_back("max_charge_rate_a",
                     known && told->max_charge_rate_a > 0 ? json::Value(told->max_charge_rate_a) : json::Value());
  state.emplace_back("car_connected", known ? json::Value(told->car_connected) : json::Value());
  state.emplace_back("car_charging", known ? json::Value(told->car_charging) : json::Value());
  add_usage(state, picture);
}

void add_battery(json::Object& state, const model::DevicePicture& picture) {
  constexpr int kDecimals = 3;
  const auto* told = std::get_if<model::BatteryState>(&picture.state);
  const model::BatteryState battery = told == nullptr ? model::BatteryState{} : *told;
  const model::Dispatch dispatch = battery.dispatch.value_or(model::Dispatch{});
  const auto size = [](double value) {
    return value > 0 ? json::Value(json::rounded(value, kDecimals)) : json::Value();
  };
  state.emplace_back("soc_pct", number(battery.soc_pct, kDecimals));
  state.emplace_back("reserve_soc_pct", number(battery.reserve_soc_pct, kDecimals));
  state.emplace_back("dispatch_mode", battery.dispatch ? json::Value(word(dispatch.mode)) : json::Value());
  state.emplace_back("dispatch", json::Object{{"power_kw", number(dispatch.power_kw, kDecimals)},
                                              {"charge_power_kw", number(dispatch.charge_power_kw, kDecimals)},
                                              {"discharge_power_kw", number(dispatch.discharge_power_kw, kDecimals)},
                                              {"target_soc_pct", number(dispatch.target_soc_pct, kDecimals)}});
  state.emplace_back("capacity_kwh", size(battery.capacity_kwh));
  state.emplace_back("inverter_max_power_kw", size(battery.inverter_max_power_kw));
  const std::optional<Channel> channel = battery_channel(picture.device);
  const Reading reading = channel ? reading_of(picture, *channel) : Reading{};
  // Home Assistant's energy dashboard: positive is what comes out of the battery.
  state.emplace_back("power_w", power_w(reading, -1));
  state.emplace_back("charged_kwh", kwh(reading.positive_wh));
  state.emplace_back("discharged_kwh", kwh(reading.negative_wh));
  add_periods_both_ways(state, reading, kCharged, kDischarged);
}

void add_meter(json::Object& state, const model::DevicePicture& picture) {
  json::Object reading = both_ways(reading_of(picture, kOnlyChannel));
  std::move(reading.begin(), reading.end(), std::back_inserter(state));
  const auto* told = std::get_if<model::UtilityConnectState>(&picture.state);
  state.emplace_back("zigbee_mac", text(told == nullptr ? std::string() : told->zigbee_mac));
}

/// A group is shown like a circuit, with every key whatever its direction: another direction is then another choice of
/// what stands there already, and what flows the other way can be seen.
void add_group(json::Object& state, const model::DevicePicture& picture) {
  json::Object told = circuit_state(group_direction(picture.device), reading_of(picture, kOnlyChannel),
                                    clean_name(picture.device.name), true);
  std::move(told.begin(), told.end(), std::back_inserter(state));
}

void add_model(json::Object& state, const model::DevicePicture& picture, const std::set<Channel>& lingering) {
  switch (picture.device.model) {
    case DeviceModel::vue1:
    case DeviceModel::vue2:
    case DeviceModel::vue3:
      return add_monitor(state, picture, lingering);
    case DeviceModel::utility_connect:
      return add_meter(state, picture);
    case DeviceModel::outlet:
      return add_outlet(state, picture);
    case DeviceModel::ev_charger:
      return add_charger(state, picture);
    case DeviceModel::battery:
      return add_battery(state, picture);
    case DeviceModel::group:
      return add_group(state, picture);
    case DeviceModel::unknown:
      break;
  }
  state.emplace_back("firmware", text(picture.device.firmware));
}

json::Object state_of(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits,
                      const std::map<Channel, std::string>& labels, const std::set<Channel>& lingering) {
  json::Object state;
  state.emplace_back("as_of", moment(picture.as_of));
  state.emplace_back("connected", picture.device.connected);
  state.emplace_back("today_since", moment(picture.periods.today_since));
  state.emplace_back("cycle_since", moment(picture.periods.cycle_since));
  add_model(state, picture, lingering);
  if (has_circuits(picture.device.model)) {
    state.emplace_back("circuits", circuits_state(picture, circuits, labels, lingering));
  }
  return state;
}

model::DevicePicture with_exact_readings(model::DevicePicture picture) {
  for (auto& [channel, reading] : picture.readings) {
    if (reading.exact_positive_wh) reading.positive_wh = reading.exact_positive_wh;
    if (reading.exact_negative_wh) reading.negative_wh = reading.exact_negative_wh;
  }
  return picture;
}

/// Mostly nothing is held back, and then the exact state is the shown one.
bool differs_from_exact(const model::DevicePicture& picture) {
  return std::any_of(picture.readings.begin(), picture.readings.end(), [](const auto& known) {
    const Reading& reading = known.second;
    return (reading.exact_positive_wh && reading.exact_positive_wh != reading.positive_wh) ||
           (reading.exact_negative_wh && reading.exact_negative_wh != reading.negative_wh);
  });
}

/// What differs of two states of the same shape, by its path: "circuits.4.energy_kwh".
void collect_exact(const json::Object& shown, const json::Object& exact, const std::string& path, json::Object& found) {
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const json::Value& value = exact[i].second;
    if (shown[i].second == value) continue;
    const auto* inner = value.as_object();
    if (inner == nullptr) {
      found.emplace_back(path + exact[i].first, value);
    } else {
      collect_exact(*shown[i].second.as_object(), *inner, path + exact[i].first + ".", found);
    }
  }
}

}  // namespace

json::Value device_state(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits,
                         const std::map<Channel, std::string>& labels, const std::set<Channel>& lingering) {
  json::Object shown = state_of(picture, circuits, labels, lingering);
  json::Object exact;
  if (differs_from_exact(picture)) {
    collect_exact(shown, state_of(with_exact_readings(picture), circuits, labels, lingering), "", exact);
  }
  shown.insert(shown.begin() + 2, {"exact_kwh", std::move(exact)});
  return shown;
}

bool has_circuits(DeviceModel device_model) {
  return is_monitor(device_model) || device_model == DeviceModel::battery || device_model == DeviceModel::unknown;
}

std::vector<Channel> fitted_legs(const model::DevicePicture& picture) {
  std::vector<Channel> legs;
  for (Channel leg = 1; leg <= 3; ++leg) {
    if (is_mains(picture.device.model, leg) && picture.reading(leg) != nullptr) legs.push_back(leg);
  }
  return legs;
}

}  // namespace emporia::homeassistant
