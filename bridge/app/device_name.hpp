#pragma once

#include <string>

#include "model/home.hpp"

namespace emporia::app {

/// How the log names a device: "Garage (A0001)", by the name that Home Assistant would show and the id that topics and
/// commands use. The id alone where the device is not known.
std::string named(const model::Home& home, const model::DeviceId& device);

/// "channel 4 (Heat pump)", or "channel 4" where it has no name.
std::string named(const model::Device& device, model::Channel channel);

}  // namespace emporia::app
