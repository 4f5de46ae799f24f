// What statistics are made of is what the entities show, of every model.
#include "homeassistant/long_term.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <map>

#include "rooms/homeassistant/sample_home.hpp"
#include "rooms/homeassistant/template_path.hpp"

using namespace emporia;
using namespace emporia::homeassistant;

namespace {

std::string text_of(const json::Value& component, const char* key) {
  const json::Value* found = component.find(key);
  return found == nullptr || found->as_string() == nullptr ? "" : *found->as_string();
}

double number_of(const json::Value& value) {
  if (value.as_integer() != nullptr) return static_cast<double>(*value.as_integer());
  return value.as_double() == nullptr ? std::nan("") : *value.as_double();
}

/// Lifetime counters and powers as they are announced, by unique id; the legs, which are off at first, left out.
std::map<std::string, json::Value> announced_measures(const model::DevicePicture& picture,
                                                      const DiscoveryContext& context) {
  std::map<std::string, json::Value> found;
  for (const Discovery& discovery : announced(picture, context)) {
    for (const auto& [key, component] : discovery.components) {
      const bool energy = text_of(component, "state_class") == "total_increasing";
      const bool power = text_of(component, "device_class") == "power" &&
                         text_of(component, "state_class") == "measurement" &&
                         component.find("enabled_by_default") == nullptr;
      if (energy || power) found.emplace(text_of(component, "unique_id"), component);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("each counter and each power has its series, which tells the same channel and sign") {
  for (const bool circuits_as_devices : {false, true}) {
    DiscoveryContext context;
    context.circuits_as_devices = circuits_as_devices;
    for (const model::DevicePicture& picture : sample_home()) {
      CAPTURE(picture.device.id.text());
      auto components = announced_measures(picture, context);
      const json::Value state = shown_state(picture, context);
      for (const Measured& entry : measured(picture, shown_circuits(picture, true), context)) {
        CAPTURE(entry.unique_id);
        const auto component = components.find(entry.unique_id);
        REQUIRE(component != components.end());
        const auto shown = look_up(state, template_path(text_of(component->second, "value_template")));
        REQUIRE(shown);
        const model::Reading* reading = picture.reading(entry.channel);
        if (reading == nullptr) {
          CHECK(shown->is_null());
        } else if (entry.kind == Measured::Kind::energy) {
          const double wh = entry.negative ? *reading->negative_wh : *reading->positive_wh;
          CHECK(std::fabs(number_of(*shown) * 1000 - wh) < 0.001);
        } else {
          CHECK(std::fabs(number_of(*shown) - *reading->power_w * (entry.negative ? -1 : 1)) < 0.1);
        }
        components.erase(component);
      }
      // None is left without a series.
      for (const auto& left : components) CHECK_MESSAGE(false, left.first);
    }
  }
}

TEST_CASE("names are those that Home Assistant shows") {
  const auto names = [](const model::DevicePicture& picture) {
    std::string all;
    for (const Measured& entry : measured(picture, shown_circuits(picture, true), {})) {
      all += entry.unique_id + ": " + entry.name + "\n";
    }
    return all;
  };
  CHECK(names(sample_monitor()) ==
        "emporia_VUE0001_mains_import: Home Panel Mains import\n"
        "emporia_VUE0001_mains_export: Home Panel Mains export\n"
        "emporia_VUE0001_balance_energy: Home Panel Balance energy\n"
        "emporia_VUE0001_4_energy: Home Panel Heat Pump energy\n"
        "emporia_VUE0001_5_energy: Home Panel Solar energy\n"
        "emporia_VUE0001_6_energy: Home Panel Circuit 3 energy\n"
        "emporia_VUE0001_7_import: Home Panel Shed import\n"
        "emporia_VUE0001_7_export: Home Panel Shed export\n"
        "emporia_VUE0001_mains_power: Home Panel Mains power\n"
        "emporia_VUE0001_balance_power: Home Panel Balance power\n"
        "emporia_VUE0001_4_power: Home Panel Heat Pump power\n"
        "emporia_VUE0001_5_power: Home Panel Solar power\n"
        "emporia_VUE0001_6_power: Home Panel Circuit 3 power\n"
        "emporia_VUE0001_7_power: Home Panel Shed power\n");
  CHECK(names(sample_outlet()) ==
        "emporia_OUT0001_energy: Garage Outlet energy\nemporia_OUT0001_power: Garage Outlet power\n");
}
