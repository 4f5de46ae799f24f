#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "partner/translate.hpp"
#include "runtime/text.hpp"

namespace emporia::partner {
namespace {

using WireDevice = wire::DeviceInventoryResponse_Device;
using WireCircuit = wire::DeviceInventoryResponse_Device_CircuitInfo;

// Far above any real text; keeps one hostile reply from filling memory and topics.
constexpr std::size_t kLongestId = 1000;
constexpr std::size_t kLongestText = 1000;

/// Cut where it is too long, at the border of a UTF-8 character.
std::string bounded(const std::string& text) {
  if (text.size() <= kLongestText) return text;
  std::size_t end = kLongestText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

/// A usable id, or nothing with a note.
std::optional<model::DeviceId> usable_id(const std::string& text, Oddities& oddities) {
  if (!text.empty() && text.size() <= kLongestId) return model::DeviceId(text);
  oddities.note(Oddity::device_without_id, text.empty() ? "empty id" : "id of absurd length");
  return std::nullopt;
}

/// Reads every item that has a usable id nobody had before.
template <typename Items, typename IdOf, typename Read>
void each_once(const Items& items, Oddities& oddities, IdOf id_of, Read read) {
  std::set<model::DeviceId> seen;
  for (const auto& item : items) {
    const auto id = usable_id(id_of(item), oddities);
    if (!id) continue;
    if (!seen.insert(*id).second) {
      oddities.note(Oddity::device_twice, id->text());
      continue;
    }
    read(item, *id);
  }
}

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

bool plausible_channel(model::Channel channel) {
  return channel >= 1 && channel <= model::kLastChannel;
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

std::optional<model::Scale> scale_of(wire::DataResolution scale) {
  switch (static_cast<int>(scale)) {
    case wire::Minutes:
      return model::Scale::minutes;
    case wire::FifteenMinutes:
      return model::Scale::fifteen_minutes;
    case wire::Hours:
      return model::Scale::hours;
    case wire::Days:
      return model::Scale::days;
    case wire::Weeks:
      return model::Scale::weeks;
    case wire::Months:
      return model::Scale::months;
    case wire::Years:
      return model::Scale::years;
    default:
      return std::nullopt;
  }
}

/// Positions of the buckets that were asked for, by ascending start, each start once.
using Positions = std::vector<std::pair<model::UtcSeconds, int>>;

Positions sound_buckets(const wire::DeviceUsageResponse_DeviceUsage& told, const FetchUsage& request,
                        Oddities& oddities) {
  constexpr std::uint64_t kYear2200 = 7'258'118'400;
  const auto length = model::bucket_length(request.scale);
  Positions positions;
  for (int i = 0; i < told.bucket_epoch_seconds_size(); ++i) {
    const std::uint64_t epoch = told.bucket_epoch_seconds(i);
    const model::UtcSeconds start{std::chrono::seconds{static_cast<std::int64_t>(std::min(epoch, kYear2200))}};
    bool sound = epoch < kYear2200;
    if (sound && length.count() > 0) {
      sound = model::bucket_start(start, request.scale) == start && start <= request.end &&
              start >= model::bucket_start(request.start, request.scale);
    }
    if (sound) {
      positions.emplace_back(start, i);
    } else {
      oddities.note(Oddity::bad_bucket, runtime::concat(told.manufacturer_device_id(), " bucket ", epoch));
    }
  }
  std::stable_sort(positions.begin(), positions.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto again =
      std::unique(positions.begin(), positions.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (again != positions.end()) {
    oddities.note(Oddity::bad_bucket, runtime::concat(told.manufacturer_device_id(), ": a bucket twice"));
    positions.erase(again, positions.end());
  }
  return positions;
}

/// What a channel cannot have measured: not finite (NaN is the service's word for no value and no oddity), or a mean
/// power above 10 MW, fifty times the largest service these monitors can be clamped on.
bool impossible(double energy_wh, std::chrono::seconds length) {
  constexpr double kLargestPowerW = 10e6;
  if (std::isinf(energy_wh)) return true;
  const auto seconds = length.count() > 0 ? length : std::chrono::seconds{std::chrono::hours{24 * 366}};
  return std::fabs(model::mean_power_w(energy_wh, seconds)) > kLargestPowerW;
}

std::optional<model::DeviceUsage> device_usage(const wire::DeviceUsageResponse_DeviceUsage& told,
                                               const FetchUsage& request, Oddities& oddities) {
  const std::string& id = told.manufacturer_device_id();
  if (scale_of(told.scale()) != request.scale) {
    oddities.note(Oddity::wrong_scale, id);
    return std::nullopt;
  }
  const Positions positions = sound_buckets(told, request, oddities);
  model::DeviceUsage usage{model::DeviceId(id), request.scale, {}, {}};
  for (const auto& position : positions) usage.starts.push_back(position.first);
  const auto length = model::bucket_length(request.scale);
  std::set<model::Channel> seen;
  for (const auto& channel : told.channel_usages()) {
    if (!plausible_channel(channel.channel()) || !seen.insert(channel.channel()).second) {
      oddities.note(Oddity::bad_channel, runtime::concat(id, " channel ", channel.channel()));
      continue;
    }
    if (channel.usages_size() != told.bucket_epoch_seconds_size()) {
      // Which value belongs to which bucket cannot be known, so none is taken.
      oddities.note(Oddity::unequal_lengths, runtime::concat(id, " channel ", channel.channel()));
      continue;
    }
    model::ChannelUsage values{channel.channel(), {}};
    values.energy_wh.reserve(positions.size());
    for (const auto& position : positions) {
      double energy_wh = channel.usages(position.second);
      if (impossible(energy_wh, length)) {
        oddities.note(Oddity::impossible_value, runtime::concat(id, " channel ", channel.channel()));
        energy_wh = model::kMissing;
      }
      values.energy_wh.push_back(energy_wh);
    }
    usage.channels.push_back(std::move(values));
  }
  if (usage.starts.empty() || usage.channels.empty()) return std::nullopt;
  return usage;
}

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

Usage from_wire(const wire::DeviceUsageResponse& reply, const FetchUsage& request, Oddities& oddities) {
  Usage usage;
  const std::set<model::DeviceId> asked(request.devices.begin(), request.devices.end());
  const auto id_of = [](const auto& told) { return told.manufacturer_device_id(); };
  each_once(reply.device_usages(), oddities, id_of, [&](const auto& told, const model::DeviceId& id) {
    if (asked.count(id) == 0) return oddities.note(Oddity::device_not_asked_for, id.text());
    if (auto device = device_usage(told, request, oddities)) usage.devices.push_back(std::move(*device));
  });
  return usage;
}

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
