#pragma once

#include "json/value.hpp"
#include "model/device.hpp"

namespace emporia::app {

/// The circuits of a device as bridge/devices and the command `devices` list them. Any thread may call.
json::Array circuit_list(const model::Device& device);

}  // namespace emporia::app
