#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/home.hpp"
#include "mqtt/topic_tree.hpp"

namespace emporia::homeassistant {

/// Components by their key.
using Components = std::map<std::string, json::Value>;

/// The discovery message of one device at Home Assistant.
struct Discovery {
  /// The identifier at Home Assistant and in the topic: emporia_<id>, emporia_<id>_<channel>, emporia_bridge.
  std::string object;
  std::string topic;
  /// The other root keys: device, origin, availability, availability_mode.
  json::Object head;
  Components components;

  std::string payload() const;
  friend bool operator==(const Discovery&, const Discovery&) = default;
};

/// The text of a discovery message. Home Assistant refuses the whole message for one root key it does not know.
std::string discovery_payload(const json::Object& head, const Components& components);

struct DiscoveryContext {
  mqtt::TopicTree topics{"emporia", "homeassistant"};
  /// Who says it, in Home Assistant's log.
  std::string origin_name = "emporia2mqtt";
  std::string version;
  /// Each circuit is a device of its own behind the monitor.
  bool circuits_as_devices = false;
  /// From the configuration, by device id.
  std::map<std::string, std::string> names;
};

/// The name of a device as it is announced.
std::string device_name(const model::Device& device, const DiscoveryContext& context);

/// The labels for `circuits` as they are announced and shown in the state.
std::map<model::Channel, std::string> labels_of(const model::Device& device,
                                                const std::vector<model::Circuit>& circuits,
                                                const DiscoveryContext& context);

/// The circuits that become entities. The battery's own channel is the battery: its power and energy are there already.
std::vector<model::Circuit> entity_circuits(const model::Device& device, const std::vector<model::Circuit>& circuits);

/// What announces one device with the circuits that are shown: one message, and with circuits_as_devices one more for
/// each circuit. The device's own comes first.
std::vector<Discovery> device_discovery(const model::DevicePicture& picture,
                                        const std::vector<model::Circuit>& circuits, const DiscoveryContext& context);

/// What announces the bridge itself.
Discovery bridge_discovery(const DiscoveryContext& context);

}  // namespace emporia::homeassistant
