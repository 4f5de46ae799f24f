#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/home.hpp"

namespace emporia::homeassistant {

/// The content of <base>/<id>/state: the whole picture, the same keys every time for the same device. What is not known
/// is null, never 0; objects are never null. Power in W with one decimal, energy in kWh to the thousandth of a Wh.
///
/// `exact_kwh` tells, by path ("circuits.4.energy_kwh"), the exact sum of each counter that is held above it because
/// the service has revised its energy downwards; mostly it is empty.
///
/// Beside each counter <name>_kwh stand <name>_today_kwh and <name>_cycle_kwh, which count from `today_since` and
/// `cycle_since` on, go by the service's latest values, and so may fall.
///
/// `circuits` are those shown, with `labels` from circuit_labels() for the same ones. A channel in `lingering` (see
/// Announcer::lingering) is in the payload with every key a circuit can have, whether it is shown or not: Home
/// Assistant complains of each key that vanishes while an entity still reads it.
json::Value device_state(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits,
                         const std::map<model::Channel, std::string>& labels,
                         const std::set<model::Channel>& lingering = {});

/// Whether circuits are shown one by one: monitors, batteries and models not known to this program. The others have one
/// channel, which is the device itself.
bool has_circuits(model::DeviceModel device_model);

/// The mains legs that have a reading, of a monitor; empty for others.
std::vector<model::Channel> fitted_legs(const model::DevicePicture& picture);

}  // namespace emporia::homeassistant
