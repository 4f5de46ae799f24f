#pragma once

#include <cstdint>
#include <vector>

#include "model/device.hpp"

namespace emporia::homeassistant {

/// The platforms of Home Assistant that are used.
enum class Platform : std::uint8_t { sensor, binary_sensor, switching, number, select, button, event };

/// Where an entity's value comes from and in which form.
enum class Source : std::uint8_t {
  /// `path` in <base>/<id>/state; for circuits and legs within their own object.
  device_state,
  /// The text of <base>/bridge/state.
  bridge_state,
  /// `path` in <base>/bridge/health.
  bridge_health,
  /// `path` in <base>/bridge/info.
  bridge_info,
  /// <base>/bridge/event.
  bridge_event,
  /// None: a button.
  none
};

enum class Naming : std::uint8_t {
  /// `name`; for circuits and legs after their label.
  given,
  /// No name: Home Assistant translates that of the device class.
  by_class,
  /// The device's main entity, which bears the device's name alone.
  as_device
};

/// Which topics must say "online".
enum class Reachable : std::uint8_t {
  /// The bridge's and the device's.
  as_device,
  /// The bridge's: says itself whether the device is there.
  bridge_only,
  /// None: says itself whether the bridge is there.
  always
};

/// Bounds of a number.
enum class Bounds : std::uint8_t {
  none,
  /// Whole amperes from 6 to what the charger's breaker allows.
  charge_rate,
  /// 1 to 100.
  percent,
  /// Above 0 to the inverter's maximum.
  battery_power
};

/// Choices of a select or values of an enum sensor.
enum class Choices : std::uint8_t { none, dispatch_mode, partner_state };

/// One entity. Adding one is adding a row; `metric` is part of its identity at Home Assistant for good.
struct EntityRow {
  Platform platform = Platform::sensor;
  const char* metric = "";
  const char* path = "";
  Naming naming = Naming::given;
  const char* name = "";
  /// The name on a device of the circuit's own, where the label is the device's name; empty: by_class.
  const char* own_name = "";
  const char* device_class = "";
  const char* state_class = "";
  const char* unit = "";
  /// Where in the state it stands since when the value counts, for a state class "total" that begins anew.
  const char* since = "";
  /// Decimals shown; -1 leaves it to Home Assistant.
  int precision = -1;
  const char* category = "";
  const char* icon = "";
  /// <base>/<id>/set/<setting>, or for the bridge request/<setting>; empty: no command.
  const char* setting = "";
  /// For a binary sensor or switch: a condition instead of the value, "== 'ok'".
  const char* condition = "";
  Bounds bounds = Bounds::none;
  Choices choices = Choices::none;
  Source source = Source::device_state;
  Reachable reachable = Reachable::as_device;
  bool enabled = true;
};

using EntityRows = std::vector<EntityRow>;

/// The entities of a device of that model, those every device has included; without circuits and legs.
EntityRows device_rows(model::DeviceModel device_model);
/// What a battery has besides when its circuits tell of charging and discharging.
const EntityRows& battery_energy_rows();
/// What a group has besides.
const EntityRows& group_rows(model::EnergyDirection direction);
/// Of each circuit.
const EntityRows& circuit_rows(model::EnergyDirection direction);
/// Of each leg of the mains.
const EntityRows& leg_rows();
/// Of the bridge itself.
const EntityRows& bridge_rows();

/// A word of the payload and what Home Assistant shows for it.
struct Choice {
  const char* word;
  const char* label;
};
const std::vector<Choice>& choices_of(Choices choices);

/// The types of <base>/bridge/event.
const std::vector<const char*>& event_types();

/// The word at Home Assistant: "sensor", "switch" ...
const char* word(Platform platform);

}  // namespace emporia::homeassistant
