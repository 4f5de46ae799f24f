#pragma once

#include <string>
#include <vector>

#include "homeassistant/discovery.hpp"

namespace emporia::homeassistant {

/// An energy counter or a power that is shown of a device, as what it is made of: of which channel, and which part.
struct Measured {
  enum class Kind { energy, power };
  Kind kind = Kind::energy;
  /// Of its entity.
  std::string unique_id;
  /// "House Mains import", as Home Assistant shows its entity.
  std::string name;
  model::Channel channel = 0;
  /// Energy: of the negative buckets, without their sign. Power: with its sign turned.
  bool negative = false;
  friend bool operator==(const Measured&, const Measured&) = default;
};

/// All of them, of the device and of the circuits that are shown; energy first.
std::vector<Measured> measured(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits,
                               const DiscoveryContext& context);

}  // namespace emporia::homeassistant
