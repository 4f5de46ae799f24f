#include "commands/battery.hpp"

#include "runtime/text.hpp"

namespace emporia::commands {
namespace {

using model::Dispatch;
using model::DispatchMode;
using runtime::concat;
using runtime::Failure;

std::optional<double> number_in(const Settings& wishes, Setting setting) {
  const auto found = wishes.find(setting);
  if (found == wishes.end()) return std::nullopt;
  return std::get<double>(found->second);
}

std::optional<double>* place_in(Dispatch& dispatch, Setting setting) {
  switch (setting) {
    case Setting::power_kw:
      return &dispatch.power_kw;
    case Setting::charge_power_kw:
      return &dispatch.charge_power_kw;
    case Setting::discharge_power_kw:
      return &dispatch.discharge_power_kw;
    case Setting::target_soc_pct:
      return &dispatch.target_soc_pct;
    case Setting::on:
    case Setting::charge_rate_a:
    case Setting::reserve_soc_pct:
    case Setting::dispatch_mode:
      break;
  }
  return nullptr;
}

/// The mode's message with all of its settings.
runtime::Result<Dispatch, std::string> complete(DispatchMode mode, const Settings& wishes,
                                                const model::DevicePicture& picture, const KeptSettings& kept) {
  const auto* state = std::get_if<model::BatteryState>(&picture.state);
  const bool current = state != nullptr && state->dispatch && state->dispatch->mode == mode;
  const auto reserve = number_in(wishes, Setting::reserve_soc_pct);
  Dispatch dispatch;
  dispatch.mode = mode;
  std::string missing;
  for (const Setting setting : settings_of(mode)) {
    std::optional<double> value = number_in(wishes, setting);
    const bool wished = value.has_value();
    if (!value && current) value = value_in(*state->dispatch, setting);
    const auto found = kept.find(setting);
    if (!value && found != kept.end()) value = found->second;
    if (!value) {
      missing +=
          concat(missing.empty() ? "" : ", and ", word(setting), " (", legal_values(setting, picture, reserve), ")");
    } else if (!contains(range_of(setting, picture, reserve), *value)) {
      return Failure{concat(word(setting), wished ? "" : " as it was last set", " is ", *value, ", but takes ",
                            legal_values(setting, picture, reserve), ": send it with the command")};
    }
    *place_in(dispatch, setting) = value;
  }
  if (missing.empty()) return dispatch;
  return Failure{concat(model::word(mode), " also needs ", missing, ": send it with the mode, or set it first")};
}

}  // namespace

std::optional<double> value_in(const Dispatch& dispatch, Setting setting) {
  Dispatch copy = dispatch;
  const auto* place = place_in(copy, setting);
  return place == nullptr ? std::nullopt : *place;
}

runtime::Result<BatteryPlan, std::string> plan_battery(const Settings& wishes, const model::DevicePicture& picture,
                                                       const KeptSettings& kept) {
  BatteryPlan plan;
  plan.reserve_soc_pct = number_in(wishes, Setting::reserve_soc_pct);
  const auto* state = std::get_if<model::BatteryState>(&picture.state);
  std::optional<DispatchMode> mode;
  if (state != nullptr && state->dispatch) mode = state->dispatch->mode;
  const auto wished_mode = wishes.find(Setting::dispatch_mode);
  bool changes_mode = wished_mode != wishes.end();
  if (changes_mode) mode = std::get<DispatchMode>(wished_mode->second);
  for (const auto& [setting, value] : wishes) {
    if (!belongs_to_a_mode(setting)) continue;
    if (!mode) {
      return Failure{concat("which mode the battery is in has not been read yet: send dispatch_mode with ",
                            word(setting), ", or try again in a minute")};
    }
    if (uses(*mode, setting)) {
      changes_mode = true;
    } else {
      plan.unused.push_back(setting);
    }
  }
  if (!changes_mode) return plan;
  auto dispatch = complete(*mode, wishes, picture, kept);
  if (!dispatch) return Failure{dispatch.error()};
  plan.dispatch = dispatch.value();
  return plan;
}

}  // namespace emporia::commands
