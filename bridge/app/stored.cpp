#include "app/stored.hpp"

namespace emporia::app {

commands::KeptSettings StoredDrafts::load(const model::DeviceId& device) {
  commands::KeptSettings kept;
  for (const auto& [word, value] : store_.kept_settings(device)) {
    // A word this program does not know was written by a newer one.
    if (const auto setting = commands::setting_named(word)) kept.emplace(*setting, value);
  }
  return kept;
}

void StoredDrafts::save(const model::DeviceId& device, const commands::KeptSettings& kept) {
  std::map<std::string, double> settings;
  for (const auto& [setting, value] : kept) settings.emplace(commands::word(setting), value);
  store_.keep_settings(device, settings);
}

}  // namespace emporia::app
