#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/device.hpp"

namespace emporia::homeassistant {

/// Characters a name keeps. Home Assistant takes states of at most 255; an entity's name is a device's, a circuit's
/// and a word together.
inline constexpr std::size_t kNameCharacters = 80;

/// A stranger's text made fit for a name: valid UTF-8 (what is not becomes U+FFFD), without control, direction and
/// zero-width characters, blanks trimmed and single, at most kNameCharacters characters. May come out empty.
std::string clean_name(std::string_view text);

/// What a person calls the device: the override, else the customer's name, else the product and the end of the id.
/// Never empty.
std::string device_label(const model::Device& device, const std::optional<std::string>& override_name);

/// `name` without `device_name` before it, because Home Assistant puts the device's name before every entity's: the
/// circuit "Garage Oven" of the device "Garage" is "Oven". Empty when nothing else is left.
std::string without_device_name(const std::string& name, const std::string& device_name);

/// One label for each of `circuits`, unique within the device whatever the case. A circuit without a name, or with just
/// the device's, is "Circuit n" by the number printed on the device; of names that clash each gets its number.
std::map<model::Channel, std::string> circuit_labels(const std::vector<model::Circuit>& circuits,
                                                     model::DeviceModel device_model, const std::string& device_name);

/// The same with the device's own name, as the state shows it.
std::map<model::Channel, std::string> circuit_labels(const model::Device& device,
                                                     const std::vector<model::Circuit>& circuits);

}  // namespace emporia::homeassistant
