#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "commands/command.hpp"
#include "commands/parse.hpp"
#include "json/value.hpp"

namespace emporia::commands {

/// Which promise of parse() is broken for this message; empty: none. The first byte chooses the device and the topic,
/// the rest is the payload.
inline std::string broken_promise(std::string_view data) {
  if (data.empty()) return {};
  using model::DeviceModel;
  constexpr DeviceModel kModels[] = {DeviceModel::outlet, DeviceModel::ev_charger, DeviceModel::battery,
                                     DeviceModel::vue3};
  constexpr const char* kTopics[] = {"on",       "charge_rate_a",  "reserve_soc_pct", "dispatch_mode",
                                     "power_kw", "target_soc_pct", "nonsense",        ""};
  const auto choice = static_cast<unsigned char>(data.front());
  model::DevicePicture picture;
  picture.device.model = kModels[choice & 3u];
  if (picture.device.model == DeviceModel::ev_charger) picture.state = model::ChargerState{{}, {}, {}, 40, {}, {}};
  if (picture.device.model == DeviceModel::battery) picture.state = model::BatteryState{{}, 10, 5, 50, 20, {}};
  std::optional<std::string> setting(kTopics[(choice >> 2u) & 7u]);
  if (setting->empty()) setting.reset();

  const auto asked = parse(picture, setting, data.substr(1));
  if (!asked) return is_nothing(data.substr(1)) ? "" : "something was taken for nothing";
  constexpr std::size_t kLongestError = 600;
  if (asked->error.size() > kLongestError) return "the error is too long";
  for (const char c : asked->error) {
    if (c < ' ' || c > '~') return "the error is not printable";
  }
  if (asked->error.empty() && asked->settings.empty()) return "neither an error nor a setting";
  if (asked->timeout && (asked->timeout->count() < 1000 || asked->timeout->count() > 600'000)) return "timeout_s";
  if (asked->id.as_array() != nullptr || asked->id.as_object() != nullptr) return "the id is no scalar";
  const auto reserve = asked->settings.find(Setting::reserve_soc_pct);
  std::optional<double> reserve_soc_pct;
  if (reserve != asked->settings.end()) reserve_soc_pct = std::get<double>(reserve->second);
  for (const auto& [name, value] : asked->settings) {
    const double* number = std::get_if<double>(&value);
    const bool legal = number == nullptr || contains(range_of(name, picture, reserve_soc_pct), *number);
    if (asked->error.empty() && !legal) return "a value out of range";
  }
  Result result;
  result.id = asked->id;
  result.settings = to_json(asked->settings);
  result.error = asked->error;
  return json::parse(json::to_text(result_payload(result))).ok() ? "" : "the result is no JSON";
}

}  // namespace emporia::commands
