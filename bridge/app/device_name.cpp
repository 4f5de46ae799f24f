#include "app/device_name.hpp"

#include <algorithm>

#include "homeassistant/names.hpp"
#include "runtime/text.hpp"

namespace emporia::app {

std::string named(const model::Home& home, const model::DeviceId& device) {
  const model::DevicePicture* picture = home.find(device);
  if (picture == nullptr) return device.text();
  return runtime::concat(homeassistant::device_label(picture->device, std::nullopt), " (", device.text(), ")");
}

std::string named(const model::Device& device, model::Channel channel) {
  const auto is_it = [channel](const model::Circuit& circuit) { return circuit.channel == channel; };
  const auto circuit = std::find_if(device.circuits.begin(), device.circuits.end(), is_it);
  const std::string number = runtime::concat("channel ", static_cast<int>(channel));
  const std::string name = circuit == device.circuits.end() ? "" : homeassistant::clean_name(circuit->name);
  return name.empty() ? number : runtime::concat(number, " (", name, ")");
}

}  // namespace emporia::app
