#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "json/value.hpp"
#include "model/home.hpp"

namespace emporia::commands {

/// What can be set, over all models. The words are the contract's and the topics' below set/.
enum class Setting : std::uint8_t {
  on,
  charge_rate_a,
  reserve_soc_pct,
  dispatch_mode,
  power_kw,
  charge_power_kw,
  discharge_power_kw,
  target_soc_pct
};

enum class Form : std::uint8_t { flag, whole_amperes, percent, power_kw, mode };

/// A flag, a number in the setting's unit (amperes are whole), or a mode.
using SettingValue = std::variant<bool, double, model::DispatchMode>;
using Settings = std::map<Setting, SettingValue>;

const char* word(Setting setting);
Form form_of(Setting setting);
/// The setting of that exact word; nothing for any other text.
std::optional<Setting> setting_named(std::string_view text);
/// In the order in which they are told to people; empty for monitors, meters and unknown models.
std::vector<Setting> settings_of(model::DeviceModel device_model);

/// A battery's modes.
const std::vector<model::DispatchMode>& dispatch_modes();
/// The settings which that mode's message carries, all of which the service wants.
std::vector<Setting> settings_of(model::DispatchMode mode);
bool uses(model::DispatchMode mode, Setting setting);
/// It belongs to one or more modes: power_kw, charge_power_kw, discharge_power_kw, target_soc_pct.
bool belongs_to_a_mode(Setting setting);

/// Legal numbers: from `min`, itself excluded when `above_min`, to `max` where there is a known one.
struct Range {
  double min = 0;
  bool above_min = false;
  std::optional<double> max;
  /// The lower end is the battery's reserve.
  bool from_reserve = false;
};

/// What the device takes: a charge rate from 6 A to its own maximum (48 A while that is not known), percentages from
/// 1 to 100, a target not below the reserve, powers above 0 up to the inverter's maximum. `reserve_soc_pct` is the
/// reserve that will stand by then; without it the one last read.
Range range_of(Setting setting, const model::DevicePicture& picture, std::optional<double> reserve_soc_pct);
bool contains(const Range& range, double value);

/// For people, after "takes": "whole amperes from 6 to 40", "ON or OFF, true or false, 1 or 0".
std::string legal_values(Setting setting, const model::DevicePicture& picture, std::optional<double> reserve_soc_pct);

/// As it stands in a result: true, 24, 3.5, "idle".
json::Value to_json(const SettingValue& value);
json::Object to_json(const Settings& settings);

/// "on, charge_rate_a and reserve_soc_pct".
std::string listed(const std::vector<Setting>& settings);

/// Foreign text: printable ASCII only with '?' for the rest, cut after 60 characters.
std::string printable(std::string_view text);
/// The same in quotes, for a message.
std::string excerpt(std::string_view text);

}  // namespace emporia::commands
