#pragma once

#include "homeassistant/entity_table.hpp"

namespace emporia::homeassistant {

// Today's and this billing cycle's energy. They begin anew, and a revision may lower them: state class "total" with the
// moment they count from. For the energy dashboard the lifetime counters are the ones to take.

/// Of a device of that model, without circuits.
const EntityRows& period_rows(model::DeviceModel device_model);
/// What a battery has besides when its circuits tell of charging and discharging.
const EntityRows& battery_period_rows();
/// What a group has besides.
const EntityRows& group_period_rows(model::EnergyDirection direction);
/// Of each circuit; disabled at first, because there are many.
const EntityRows& circuit_period_rows(model::EnergyDirection direction);

}  // namespace emporia::homeassistant
