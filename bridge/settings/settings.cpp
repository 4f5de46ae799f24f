#include "settings/settings.hpp"

#include <algorithm>

namespace emporia::settings {

bool wanted(const Devices& devices, std::string_view id, std::string_view model) {
  const auto names_it = [&](const std::string& entry) { return entry == id || entry == model; };
  if (std::any_of(devices.exclude.begin(), devices.exclude.end(), names_it)) return false;
  return devices.include.empty() || std::any_of(devices.include.begin(), devices.include.end(), names_it);
}

std::vector<std::string> secrets(const Settings& settings) {
  std::vector<std::string> texts;
  for (const Secret* secret : {&settings.partner.password, &settings.mqtt.password, &settings.statistics.token}) {
    if (!secret->empty()) texts.push_back(secret->reveal());
  }
  return texts;
}

}  // namespace emporia::settings
