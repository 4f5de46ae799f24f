#include "homeassistant/long_term.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "homeassistant/entity_table.hpp"
#include "homeassistant/names.hpp"
#include "runtime/text.hpp"

namespace emporia::homeassistant {
namespace {

using model::Channel;
using model::DeviceModel;
using model::EnergyDirection;
using runtime::concat;

/// Whose rows they are: the channel where the path does not tell it, and which way it flows.
struct Subject {
  Channel channel = 1;
  EnergyDirection direction = EnergyDirection::unknown;
  /// Of a circuit; empty for the device itself.
  std::string label;
};

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}
bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::optional<Measured::Kind> kind_of(const EntityRow& row) {
  const std::string_view device_class = row.device_class;
  const std::string_view state_class = row.state_class;
  if (device_class == "energy" && state_class == "total_increasing") return Measured::Kind::energy;
  if (device_class == "power" && state_class == "measurement") return Measured::Kind::power;
  return std::nullopt;
}

/// What state_payload.cpp turns round to show it.
bool is_turned(std::string_view path, DeviceModel device_model, const Subject& subject) {
  if (ends_with(path, "export_kwh") || ends_with(path, "discharged_kwh")) return true;
  const bool own_power = path == "power_w" && subject.label.empty();
  if (own_power && device_model == DeviceModel::battery) return true;
  return (path == "energy_kwh" || path == "power_w") && subject.direction == EnergyDirection::generation;
}

std::string full_name(const EntityRow& row, Measured::Kind kind, const Subject& subject, const std::string& device) {
  std::string own = *row.name != '\0' ? row.name : kind == Measured::Kind::energy ? "energy" : "power";
  if (!subject.label.empty()) own = concat(subject.label, " ", own);
  const std::string rest = without_device_name(own, device);
  return concat(device, " ", rest.empty() ? own : rest);
}

void add(std::vector<Measured>& all, const EntityRows& rows, const Subject& subject, const model::Device& device,
         const std::string& device_name) {
  const std::string object = mqtt::TopicTree::device_object(device.id.text());
  const std::string part = subject.label.empty() ? "" : concat(subject.channel, "_");
  for (const EntityRow& row : rows) {
    const auto kind = kind_of(row);
    if (!kind) continue;
    const std::string_view path = row.path;
    const Channel channel = begins_with(path, "mains.")     ? model::kMergedMains
                            : begins_with(path, "balance.") ? model::kBalance
                                                            : subject.channel;
    all.push_back({*kind, concat(object, "_", part, row.metric), full_name(row, *kind, subject, device_name), channel,
                   is_turned(path, device.model, subject)});
  }
}

}  // namespace

std::vector<Measured> measured(const model::DevicePicture& picture, const std::vector<model::Circuit>& circuits,
                               const DiscoveryContext& context) {
  const model::Device& device = picture.device;
  const std::string name = device_name(device, context);
  std::vector<Measured> all;
  add(all, device_rows(device.model), {}, device, name);
  const auto battery = device.model == DeviceModel::battery ? battery_channel(device) : std::nullopt;
  if (battery) add(all, battery_energy_rows(), {*battery, EnergyDirection::bidirectional, ""}, device, name);
  if (device.model == DeviceModel::group) {
    const EnergyDirection direction = group_direction(device);
    add(all, group_rows(direction), {1, direction, ""}, device, name);
  }
  const auto labels = labels_of(device, circuits, context);
  for (const model::Circuit& circuit : entity_circuits(device, circuits)) {
    add(all, circuit_rows(circuit.direction), {circuit.channel, circuit.direction, labels.at(circuit.channel)}, device,
        name);
  }
  std::stable_partition(all.begin(), all.end(),
                        [](const Measured& entry) { return entry.kind == Measured::Kind::energy; });
  return all;
}

}  // namespace emporia::homeassistant
