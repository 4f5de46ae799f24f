#include "commands/order.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "commands/battery.hpp"
#include "runtime/text.hpp"

namespace emporia::commands {
namespace {

using runtime::concat;

std::optional<SettingValue> value_of(const model::OutletState& state, Setting setting) {
  if (setting == Setting::on) return state.on;
  return std::nullopt;
}

std::optional<SettingValue> value_of(const model::ChargerState& state, Setting setting) {
  if (setting == Setting::on && state.on) return *state.on;
  if (setting == Setting::charge_rate_a && state.charge_rate_a) return static_cast<double>(*state.charge_rate_a);
  return std::nullopt;
}

std::optional<SettingValue> value_of(const model::BatteryState& state, Setting setting) {
  if (setting == Setting::reserve_soc_pct) {
    if (state.reserve_soc_pct) return *state.reserve_soc_pct;
    return std::nullopt;
  }
  if (!state.dispatch) return std::nullopt;
  if (setting == Setting::dispatch_mode) return state.dispatch->mode;
  if (const auto value = value_in(*state.dispatch, setting)) return *value;
  return std::nullopt;
}

bool same(const SettingValue& a, const SettingValue& b) {
  constexpr double kRounding = 0.005;
  const double* number = std::get_if<double>(&a);
  const double* other = std::get_if<double>(&b);
  if (number != nullptr && other != nullptr) return std::abs(*number - *other) < kRounding;
  return a == b;
}

}  // namespace

Settings shown_in(const State& state, const Settings& settings) {
  Settings shown;
  for (const auto& entry : settings) {
    const Setting setting = entry.first;
    const auto value = std::visit([setting](const auto& told) { return value_of(told, setting); }, state);
    if (value) shown.emplace(setting, *value);
  }
  return shown;
}

bool shows(const State& state, const Settings& wanted) {
  const Settings shown = shown_in(state, wanted);
  return std::all_of(wanted.begin(), wanted.end(), [&shown](const auto& entry) {
    const auto found = shown.find(entry.first);
    return found != shown.end() && same(found->second, entry.second);
  });
}

std::string described(const Settings& settings) {
  std::string text;
  for (const auto& [setting, value] : settings) {
    text += concat(text.empty() ? "" : ", ", word(setting), " ");
    if (const bool* flag = std::get_if<bool>(&value)) text += *flag ? "true" : "false";
    if (const double* number = std::get_if<double>(&value)) text += concat(*number);
    if (const auto* mode = std::get_if<model::DispatchMode>(&value)) text += model::word(*mode);
  }
  return text;
}

bool take_away(Settings& settings, const std::vector<Setting>& taken) {
  for (const Setting setting : taken) settings.erase(setting);
  return !settings.empty();
}

bool holds(const std::vector<Setting>& settings, Setting setting) {
  return std::find(settings.begin(), settings.end(), setting) != settings.end();
}

bool touches_mode(const Order& order) {
  return std::any_of(order.wanted.begin(), order.wanted.end(), [](const auto& entry) {
    return entry.first == Setting::dispatch_mode || belongs_to_a_mode(entry.first);
  });
}

std::vector<std::vector<OrderId>> units(const std::vector<std::pair<OrderId, const Order*>>& orders) {
  std::vector<std::vector<OrderId>> result;
  std::map<model::DeviceId, std::size_t> mode_of;
  for (const auto& [id, order] : orders) {
    if (touches_mode(*order)) {
      const auto [place, is_new] = mode_of.try_emplace(order->device, result.size());
      if (!is_new) {
        result[place->second].push_back(id);
        continue;
      }
    }
    result.push_back({id});
  }
  return result;
}

std::string note_of(const Order& order) {
  std::string note;
  if (!order.kept.empty()) note = concat(listed(order.kept), " kept for when a mode that uses it is chosen");
  if (!order.taken_over.empty()) {
    note += concat(note.empty() ? "" : "; ", listed(order.taken_over), " not sent, a newer command came first");
  }
  return note;
}

}  // namespace emporia::commands
