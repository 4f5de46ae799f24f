#include "model/home.hpp"

#include <algorithm>
#include <cctype>
#include <type_traits>
#include <utility>

namespace emporia::model {
namespace {

using Kind = HomeChange::Kind;

constexpr unsigned kInventoriesToMiss = 3;
constexpr std::chrono::minutes kTimeToMiss{30};

void compare_circuits(const Device& before, const Device& after, std::vector<HomeChange>& changes) {
  const auto find = [](const Device& device, Channel channel) {
    return std::find_if(device.circuits.begin(), device.circuits.end(),
                        [channel](const Circuit& circuit) { return circuit.channel == channel; });
  };
  for (const Circuit& circuit : after.circuits) {
    const auto old = find(before, circuit.channel);
    if (old == before.circuits.end()) {
      changes.push_back({Kind::circuit_added, after.id, circuit.channel, {}, circuit.name});
    } else if (old->name != circuit.name) {
      changes.push_back({Kind::circuit_renamed, after.id, circuit.channel, old->name, circuit.name});
    }
  }
  for (const Circuit& circuit : before.circuits) {
    if (find(after, circuit.channel) == after.circuits.end()) {
      changes.push_back({Kind::circuit_removed, after.id, circuit.channel, circuit.name, {}});
    }
  }
}

/// Of a device that is not as it was.
void compare_devices(const Device& before, const Device& after, std::vector<HomeChange>& changes) {
  if (before.name != after.name) changes.push_back({Kind::device_renamed, after.id, 0, before.name, after.name});
  if (before.connected != after.connected) {
    changes.push_back({after.connected ? Kind::device_online : Kind::device_offline, after.id, 0, {}, {}});
  }
  compare_circuits(before, after, changes);
  changes.push_back({Kind::updated, after.id, 0, {}, {}});
}

}  // namespace

const Reading* DevicePicture::reading(Channel channel) const {
  const auto found = readings.find(channel);
  return found == readings.end() ? nullptr : &found->second;
}

const DevicePicture* Home::find(const DeviceId& id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : &found->second;
}

std::vector<HomeChange> Home::apply(Observation observation) {
  if (auto* inventory = std::get_if<InventorySeen>(&observation)) return apply_inventory(std::move(*inventory));
  if (const auto* states = std::get_if<StatesSeen>(&observation)) return apply_states(*states);
  if (const auto* left_out = std::get_if<LeftOut>(&observation)) return apply_left_out(*left_out);
  return apply_usage(std::get<UsageSeen>(observation));
}

std::vector<HomeChange> Home::apply_left_out(const LeftOut& left_out) {
  const auto entry = devices_.find(left_out.device);
  if (entry == devices_.end()) return {};
  HomeChange change{Kind::device_removed, left_out.device, 0, entry->second.device.name, {}};
  devices_.erase(entry);
  return {std::move(change)};
}

// Of a fleet most devices are as they were: what is not moved is not copied either.
std::vector<HomeChange> Home::apply_inventory(InventorySeen seen) {
  std::vector<HomeChange> changes;
  std::vector<DeviceId> listed;
  listed.reserve(seen.devices.size());
  for (Device& device : seen.devices) {
    listed.push_back(device.id);
    const auto [entry, is_new] = devices_.try_emplace(device.id);
    DevicePicture& picture = entry->second;
    picture.seen_at = seen.at;
    picture.missed_inventories = 0;
    if (!is_new && picture.device == device) continue;
    if (is_new) {
      changes.push_back({Kind::device_added, device.id, 0, {}, device.name});
    } else {
      compare_devices(picture.device, device, changes);
    }
    picture.device = std::move(device);
  }
  std::sort(listed.begin(), listed.end());
  miss_absent(seen.at, listed, changes);
  return changes;
}

void Home::miss_absent(UtcSeconds at, const std::vector<DeviceId>& listed, std::vector<HomeChange>& changes) {
  for (auto entry = devices_.begin(); entry != devices_.end();) {
    DevicePicture& picture = entry->second;
    if (std::binary_search(listed.begin(), listed.end(), entry->first)) {
      ++entry;
      continue;
    }
    ++picture.missed_inventories;
    if (picture.missed_inventories >= kInventoriesToMiss && at - picture.seen_at >= kTimeToMiss) {
      changes.push_back({Kind::device_removed, entry->first, 0, picture.device.name, {}});
      entry = devices_.erase(entry);
      continue;
    }
    if (std::exchange(picture.device.connected, false)) {
      changes.push_back({Kind::device_offline, entry->first, 0, {}, {}});
      changes.push_back({Kind::updated, entry->first, 0, {}, {}});
    }
    ++entry;
  }
}

std::vector<HomeChange> Home::apply_states(const StatesSeen& seen) {
  std::vector<HomeChange> changes;
  for (const auto& state : seen.states) {
    std::visit(
        [&](const auto& told) {
          const auto entry = devices_.find(told.device);
          if (entry == devices_.end()) return;
          DevicePicture& picture = entry->second;
          picture.state_at = seen.at;
          const auto* known = std::get_if<std::decay_t<decltype(told)>>(&picture.state);
          if (known != nullptr && *known == told) return;
          picture.state = told;
          changes.push_back({Kind::updated, told.device, 0, {}, {}});
        },
        state);
  }
  return changes;
}

std::vector<HomeChange> Home::apply_usage(const UsageSeen& seen) {
  const auto entry = devices_.find(seen.device);
  if (entry == devices_.end()) return {};
  DevicePicture& picture = entry->second;
  const bool same = picture.as_of == seen.as_of && picture.readings == seen.readings;
  if (same && picture.periods == seen.periods) return {};
  picture.as_of = seen.as_of;
  picture.periods = seen.periods;
  picture.readings = seen.readings;
  return {{Kind::updated, seen.device, 0, {}, {}}};
}

std::optional<Channel> battery_channel(const Device& device) {
  const auto labelled_battery = [](const Circuit& circuit) {
    std::string label = circuit.sub_type;
    for (char& c : label) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return label.find("battery") != std::string::npos;
  };
  std::vector<const Circuit*> both_ways;
  for (const Circuit& circuit : device.circuits) {
    if (circuit.direction == EnergyDirection::bidirectional) both_ways.push_back(&circuit);
  }
  if (both_ways.size() > 1) {
    const auto others = [&](const Circuit* circuit) { return !labelled_battery(*circuit); };
    both_ways.erase(std::remove_if(both_ways.begin(), both_ways.end(), others), both_ways.end());
  }
  if (both_ways.size() != 1) return std::nullopt;
  return both_ways.front()->channel;
}

EnergyDirection group_direction(const Device& device) {
  return device.circuits.empty() ? EnergyDirection::consumption : device.circuits.front().direction;
}

bool is_available(const DevicePicture& picture, UtcSeconds now, std::chrono::seconds stale_after) {
  if (!picture.device.connected) return false;
  std::optional<UtcSeconds> newest = picture.as_of;
  if (has_settings(picture.device.model) || picture.device.model == DeviceModel::unknown) {
    newest = std::max(newest, picture.state_at);
  }
  return now - newest.value_or(picture.seen_at) <= stale_after;
}

std::vector<Circuit> shown_circuits(const DevicePicture& picture, bool unused_too) {
  std::map<Channel, Circuit> circuits;
  for (const Circuit& circuit : picture.device.circuits) circuits.emplace(circuit.channel, circuit);
  for (const auto& [channel, reading] : picture.readings) {
    if (channel > kLastChannel) continue;
    Circuit found;
    found.channel = channel;
    circuits.try_emplace(channel, found);
  }
  std::vector<Circuit> shown;
  for (const auto& [channel, circuit] : circuits) {
    if (is_mains(picture.device.model, channel)) continue;
    const Reading* reading = picture.reading(channel);
    const bool reports =
        reading != nullptr && reading->positive_wh.value_or(0) + reading->negative_wh.value_or(0) >= kReportsFromWh;
    if (unused_too || !circuit.name.empty() || reports) shown.push_back(circuit);
  }
  return shown;
}

}  // namespace emporia::model
