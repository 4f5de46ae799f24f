#include "commands/setting.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/text.hpp"

namespace emporia::commands {
namespace {

using model::DeviceModel;
using model::DispatchMode;
using runtime::concat;

constexpr double kSmallestRateA = 6;
// What the largest breaker that is sold with a charger allows.
constexpr double kLargestRateA = 48;

/// One setting. Adding one is adding a row.
struct Row {
  Setting setting;
  const char* word;
  Form form;
  std::vector<DeviceModel> models;
  /// The battery modes whose message carries it.
  std::vector<DispatchMode> modes;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      {Setting::on, "on", Form::flag, {DeviceModel::outlet, DeviceModel::ev_charger}, {}},
      {Setting::charge_rate_a, "charge_rate_a", Form::whole_amperes, {DeviceModel::ev_charger}, {}},
      {Setting::reserve_soc_pct, "reserve_soc_pct", Form::percent, {DeviceModel::battery}, {}},
      {Setting::dispatch_mode, "dispatch_mode", Form::mode, {DeviceModel::battery}, {}},
      {Setting::power_kw, "power_kw", Form::power_kw, {DeviceModel::battery}, {DispatchMode::load_following}},
      {Setting::charge_power_kw,
       "charge_power_kw",
       Form::power_kw,
       {DeviceModel::battery},
       {DispatchMode::charge_with_excess_solar, DispatchMode::charge_to_state_of_charge}},
      {Setting::discharge_power_kw,
       "discharge_power_kw",
       Form::power_kw,
       {DeviceModel::battery},
       {DispatchMode::discharge_to_state_of_charge}},
      {Setting::target_soc_pct,
       "target_soc_pct",
       Form::percent,
       {DeviceModel::battery},
       {DispatchMode::charge_to_state_of_charge, DispatchMode::discharge_to_state_of_charge}}};
  return kRows;
}

const Row& row_of(Setting setting) {
  return rows()[static_cast<std::size_t>(setting)];
}

template <typename List, typename Item>
bool holds(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

template <typename Words>
std::string joined(const Words& words, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? concat(" ", last, " ") : ", ";
    text += words[i];
  }
  return text;
}

std::string numbers(const Range& range) {
  std::string from =
      concat(range.above_min ? "above " : "from ", range.min, range.from_reserve ? " (the reserve)" : "");
  if (!range.max) return from;
  return concat(from, range.above_min ? " up to " : " to ", *range.max);
}

}  // namespace

const char* word(Setting setting) {
  return row_of(setting).word;
}

Form form_of(Setting setting) {
  return row_of(setting).form;
}

std::optional<Setting> setting_named(std::string_view text) {
  for (const Row& row : rows()) {
    if (text == row.word) return row.setting;
  }
  return std::nullopt;
}

std::vector<Setting> settings_of(DeviceModel device_model) {
  std::vector<Setting> found;
  for (const Row& row : rows()) {
    if (holds(row.models, device_model)) found.push_back(row.setting);
  }
  return found;
}

const std::vector<DispatchMode>& dispatch_modes() {
  static const std::vector<DispatchMode> kModes{DispatchMode::load_following, DispatchMode::charge_with_excess_solar,
                                                DispatchMode::charge_to_state_of_charge,
                                                DispatchMode::discharge_to_state_of_charge, DispatchMode::idle};
  return kModes;
}

std::vector<Setting> settings_of(DispatchMode mode) {
  std::vector<Setting> found;
  for (const Row& row : rows()) {
    if (holds(row.modes, mode)) found.push_back(row.setting);
  }
  return found;
}

bool uses(DispatchMode mode, Setting setting) {
  return holds(row_of(setting).modes, mode);
}

bool belongs_to_a_mode(Setting setting) {
  return !row_of(setting).modes.empty();
}

Range range_of(Setting setting, const model::DevicePicture& picture, std::optional<double> reserve_soc_pct) {
  const auto* charger = std::get_if<model::ChargerState>(&picture.state);
  const auto* battery = std::get_if<model::BatteryState>(&picture.state);
  switch (form_of(setting)) {
    case Form::whole_amperes: {
      const double told = charger == nullptr ? 0 : charger->max_charge_rate_a;
      return {kSmallestRateA, false, told > 0 ? std::max(told, kSmallestRateA) : kLargestRateA, false};
    }
    case Form::percent: {
      if (setting == Setting::reserve_soc_pct) return {1, false, 100, false};
      const auto known = battery == nullptr ? std::nullopt : battery->reserve_soc_pct;
      const double reserve = reserve_soc_pct ? *reserve_soc_pct : known.value_or(1);
      return {std::max(reserve, 1.0), false, 100, reserve > 1};
    }
    case Form::power_kw: {
      const double told = battery == nullptr ? 0 : battery->inverter_max_power_kw;
      return {0, true, told > 0 ? std::optional<double>(told) : std::nullopt, false};
    }
    case Form::flag:
    case Form::mode:
      break;
  }
  return {};
}

bool contains(const Range& range, double value) {
  if (!std::isfinite(value) || value < range.min || (range.above_min && value <= range.min)) return false;
  return !range.max || value <= *range.max;
}

std::string legal_values(Setting setting, const model::DevicePicture& picture, std::optional<double> reserve_soc_pct) {
  switch (form_of(setting)) {
    case Form::flag:
      return "ON or OFF, true or false, 1 or 0";
    case Form::mode: {
      std::vector<std::string> words;
      for (const DispatchMode mode : dispatch_modes()) words.emplace_back(model::word(mode));
      return joined(words, "or");
    }
    case Form::whole_amperes:
      return concat("whole amperes ", numbers(range_of(setting, picture, reserve_soc_pct)));
    case Form::percent:
      return concat("a percentage ", numbers(range_of(setting, picture, reserve_soc_pct)));
    case Form::power_kw:
      break;
  }
  return concat("kilowatts ", numbers(range_of(setting, picture, reserve_soc_pct)));
}

json::Value to_json(const SettingValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* mode = std::get_if<DispatchMode>(&value)) return model::word(*mode);
  const double number = std::get<double>(value);
  // "24", not "24.0": the same text as in the state payload.
  constexpr double kExact = 1e15;
  if (std::abs(number) < kExact && number == std::trunc(number)) return static_cast<std::int64_t>(number);
  return number;
}

json::Object to_json(const Settings& settings) {
  json::Object object;
  for (const auto& [setting, value] : settings) object.emplace_back(word(setting), to_json(value));
  return object;
}

std::string listed(const std::vector<Setting>& settings) {
  std::vector<std::string> words;
  words.reserve(settings.size());
  for (const Setting setting : settings) words.emplace_back(word(setting));
  return joined(words, "and");
}

std::string printable(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string result;
  for (const char c : text.substr(0, kShown)) result += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > kShown ? result + "..." : result;
}

std::string excerpt(std::string_view text) {
  return concat("\"", printable(text), "\"");
}

}  // namespace emporia::commands
