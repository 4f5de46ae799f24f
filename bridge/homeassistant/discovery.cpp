#include "homeassistant/discovery.hpp"

#include <utility>

#include "homeassistant/component.hpp"
#include "homeassistant/entity_table.hpp"
#include "homeassistant/names.hpp"
#include "homeassistant/period_table.hpp"
#include "homeassistant/state_payload.hpp"
#include "runtime/text.hpp"

namespace emporia::homeassistant {
namespace {

using model::Channel;
using model::DeviceModel;
using runtime::concat;

constexpr std::uint32_t kSmallestRateA = 6;
constexpr std::uint32_t kLargestRateA = 48;
/// Offered while the inverter's size is not known; a larger request than it can do is refused with the real limit.
constexpr double kAnyInverterKw = 25;

json::Object origin(const DiscoveryContext& context) {
  json::Object origin{{"name", context.origin_name}};
  if (!context.version.empty()) origin.emplace_back("sw_version", context.version);
  return origin;
}

json::Object head(json::Object device, const DiscoveryContext& context, const std::vector<std::string>& availability) {
  json::Array topics;
  for (const std::string& topic : availability) topics.emplace_back(json::Object{{"topic", topic}});
  return {{"device", std::move(device)},
          {"origin", origin(context)},
          {"availability", std::move(topics)},
          {"availability_mode", "all"}};
}

json::Object device_map(const std::string& object, std::string name, const char* product, const model::Device& device,
                        std::string behind, const std::string& origin_name) {
  json::Object map{{"identifiers", json::Array{object}}, {"name", std::move(name)}};
  if (device.model == DeviceModel::group) {
    map.emplace_back("manufacturer", origin_name);
    map.emplace_back("model", "Group of circuits");
  } else {
    map.emplace_back("manufacturer", "Emporia");
    map.emplace_back("model", product);
    map.emplace_back("serial_number", clean_name(device.id.text()));
  }
  if (std::string version = clean_name(device.firmware); !version.empty()) {
    map.emplace_back("sw_version", std::move(version));
  }
  map.emplace_back("via_device", std::move(behind));
  return map;
}

Owner owner_of(const model::DevicePicture& picture, const DiscoveryContext& context) {
  Owner owner;
  owner.topics = &context.topics;
  owner.device_id = picture.device.id.text();
  owner.object = mqtt::TopicTree::device_object(owner.device_id);
  owner.device_name = device_name(picture.device, context);
  owner.max_power_kw = kAnyInverterKw;
  if (const auto* charger = std::get_if<model::ChargerState>(&picture.state)) {
    const std::uint32_t told = charger->max_charge_rate_a;
    owner.max_charge_rate_a = static_cast<int>(told < kSmallestRateA || told > kLargestRateA ? kLargestRateA : told);
  }
  if (const auto* battery = std::get_if<model::BatteryState>(&picture.state)) {
    if (battery->inverter_max_power_kw > 0) owner.max_power_kw = json::rounded(battery->inverter_max_power_kw, 3);
  }
  return owner;
}

void add_rows(Components& components, const EntityRows& rows, const Owner& owner, const std::optional<Part>& part) {
  for (const EntityRow& row : rows) {
    components.insert_or_assign(component_key(row, part), component(row, owner, part));
  }
}

std::string leg_label(Channel leg) {
  return concat("Mains leg ", std::string(1, static_cast<char>('A' + static_cast<int>(leg) - 1)));
}

Discovery circuit_discovery(const model::DevicePicture& picture, const model::Circuit& circuit,
                            const std::string& label, const Owner& owner, const DiscoveryContext& context) {
  Discovery discovery;
  discovery.object = concat(owner.object, "_", circuit.channel);
  discovery.topic = context.topics.discovery(discovery.object);
  const std::string product =
      concat(product_name(picture.device.model), " circuit ", printed_number(picture.device.model, circuit.channel));
  json::Object device =
      device_map(discovery.object, label, product.c_str(), picture.device, owner.object, context.origin_name);
  discovery.head = head(std::move(device), context,
                        {context.topics.bridge("state"), context.topics.device(owner.device_id, "availability")});
  const Part part{circuit.channel, "circuits", label, true};
  add_rows(discovery.components, circuit_rows(circuit.direction), owner, part);
  add_rows(discovery.components, circuit_period_rows(circuit.direction), owner, part);
  return discovery;
}

}  // namespace

std::vector<model::Circuit> entity_circuits(const model::Device& device, const std::vector<model::Circuit>& circuits) {
  std::vector<model::Circuit> chosen;
  if (!has_circuits(device.model)) return chosen;
  const bool battery = device.model == DeviceModel::battery;
  const std::optional<Channel> own = battery ? battery_channel(device) : std::nullopt;
  for (const model::Circuit& circuit : circuits) {
    if (!own || circuit.channel != *own) chosen.push_back(circuit);
  }
  return chosen;
}

std::string discovery_payload(const json::Object& head, const Components& components) {
  json::Object list;
  for (const auto& [key, component] : components) list.emplace_back(key, component);
  json::Object payload = head;
  payload.emplace_back("components", std::move(list));
  return json::to_text(payload);
}

std::string Discovery::payload() const {
  return discovery_payload(head, components);
}

std::string device_name(const model::Device& device, const DiscoveryContext& context) {
  const auto named = context.names.find(device.id.text());
  return device_label(device, named == context.names.end() ? std::nullopt : std::optional(named->second));
}

std::map<Channel, std::string> labels_of(const model::Device& device, const std::vector<model::Circuit>& circuits,
                                         const DiscoveryContext& context) {
  return circuit_labels(circuits, device.model, device_name(device, context));
}

std::vector<Discovery> device_discovery(const model::DevicePicture& picture,
                                        const std::vector<model::Circuit>& circuits, const DiscoveryContext& context) {
  const model::Device& device = picture.device;
  const Owner owner = owner_of(picture, context);
  const auto labels = labels_of(device, circuits, context);

  Discovery own;
  own.object = owner.object;
  own.topic = context.topics.discovery(own.object);
  own.head = head(device_map(owner.object, owner.device_name, product_name(device.model), device,
                             context.topics.bridge_object(), context.origin_name),
                  context, {context.topics.bridge("state"), context.topics.device(owner.device_id, "availability")});
  add_rows(own.components, device_rows(device.model), owner, std::nullopt);
  if (device.model == DeviceModel::battery && battery_channel(device)) {
    add_rows(own.components, battery_energy_rows(), owner, std::nullopt);
    add_rows(own.components, battery_period_rows(), owner, std::nullopt);
  }
  if (device.model == DeviceModel::group) {
    add_rows(own.components, group_rows(group_direction(device)), owner, std::nullopt);
    add_rows(own.components, group_period_rows(group_direction(device)), owner, std::nullopt);
  }
  for (const Channel leg : fitted_legs(picture)) {
    add_rows(own.components, leg_rows(), owner, Part{leg, "legs", leg_label(leg), false});
  }

  std::vector<Discovery> discoveries{std::move(own)};
  for (const model::Circuit& circuit : entity_circuits(device, circuits)) {
    const std::string& label = labels.at(circuit.channel);
    if (context.circuits_as_devices) {
      discoveries.push_back(circuit_discovery(picture, circuit, label, owner, context));
    } else {
      const Part part{circuit.channel, "circuits", label, false};
      add_rows(discoveries.front().components, circuit_rows(circuit.direction), owner, part);
      add_rows(discoveries.front().components, circuit_period_rows(circuit.direction), owner, part);
    }
  }
  return discoveries;
}

Discovery bridge_discovery(const DiscoveryContext& context) {
  Discovery discovery;
  discovery.object = context.topics.bridge_object();
  discovery.topic = context.topics.discovery(discovery.object);
  const mqtt::TopicTree& topics = context.topics;
  std::string name = "Emporia Bridge";
  if (topics.base() != "emporia") name += concat(" ", clean_name(topics.base()));
  if (!topics.node().empty()) name += concat(" ", topics.node());
  json::Object device{{"identifiers", json::Array{discovery.object}},
                      {"name", name},
                      {"manufacturer", context.origin_name},
                      {"model", "Partner API bridge"}};
  if (!context.version.empty()) device.emplace_back("sw_version", context.version);
  discovery.head = head(std::move(device), context, {context.topics.bridge("state")});
  Owner owner;
  owner.topics = &context.topics;
  owner.object = discovery.object;
  owner.device_name = name;
  add_rows(discovery.components, bridge_rows(), owner, std::nullopt);
  return discovery;
}

}  // namespace emporia::homeassistant
