#include "simulator/control_words.hpp"

namespace simulator {
namespace {

std::string connect(World& world, Words& words) {
  Device& device = device_of(world, words);
  const bool on = words.flag();
  if (on && !device.spec.connected) device.back_online(world.house.now());
  if (!on) {
    device.go_offline(world.house.now());
    // Until told otherwise, also when an outage had an end.
    device.offline_until = 0;
  }
  return {};
}

std::string outage(World& world, Words& words) {
  Device& device = device_of(world, words);
  const auto minutes = words.number<Seconds>("minutes", 1, 1'000'000);
  device.go_offline(world.house.now());
  device.offline_until = world.house.now() + minutes * kMinute;
  return {};
}

std::string lag(World& world, Words& words) {
  Device& device = device_of(world, words);
  device.lag_minutes = words.number<Seconds>("minutes", 0, 1'000'000);
  return {};
}

std::string missing(World& world, Words& words) {
  Device& device = device_of(world, words);
  const auto channel = circuit_of(device, words).channel;
  const Seconds from = words.time("the start");
  const Seconds to = words.time("the end");
  device.missing.push_back({channel, {floor_to(from, kMinute) / kMinute, floor_to(to, kMinute) / kMinute}});
  return {};
}

std::string rename_device(World& world, Words& words) {
  Device& device = device_of(world, words);
  device.spec.name = words.rest();
  return {};
}

std::string rename_circuit(World& world, Words& words) {
  Device& device = device_of(world, words);
  CircuitSpec& circuit = circuit_of(device, words);
  circuit.name = words.rest();
  return {};
}

std::string add_circuit(World& world, Words& words) {
  Device& device = device_of(world, words);
  CircuitSpec circuit;
  circuit.channel = words.number<std::uint32_t>("a channel", 0, 4294967295U);
  for (const CircuitSpec& other : device.spec.circuits) {
    if (other.channel == circuit.channel) throw Refused{"channel is there already; remove-circuit first"};
  }
  circuit.pattern = words.next("a load pattern");
  const Pattern* const pattern = find_pattern(circuit.pattern);
  if (pattern == nullptr) throw Refused{"no pattern '" + circuit.pattern + "'"};
  circuit.name = words.rest();
  circuit.type = is_monitor(device.spec.model) ? kExpansion50A : kMain;
  circuit.direction = pattern->generates ? kGeneration : kConsumption;
  circuit.legs = "A";
  device.spec.circuits.push_back(circuit);
  return {};
}

std::string remove_circuit(World& world, Words& words) {
  Device& device = device_of(world, words);
  const auto channel = circuit_of(device, words).channel;
  std::erase_if(device.spec.circuits, [&](const CircuitSpec& circuit) { return circuit.channel == channel; });
  return {};
}

std::string remove_device(World& world, Words& words) {
  device_of(world, words).removed = true;
  return {};
}

std::string restore_device(World& world, Words& words) {
  device_of(world, words).removed = false;
  return {};
}

std::string plug(World& world, Words& words) {
  Device& device = device_of(world, words);
  if (device.charger == nullptr) throw Refused{"'" + device.spec.id + "' is not a charger"};
  device.charger->car_connected = words.flag();
  device.charger->commute = false;
  if (!words.empty()) device.charger->car_soc_pct = words.number<double>("the car's charge in percent", 0, 100);
  return {};
}

std::string soc(World& world, Words& words) {
  Device& device = device_of(world, words);
  if (device.battery == nullptr) throw Refused{"'" + device.spec.id + "' is not a battery"};
  device.battery->soc_pct = words.number<double>("percent", 1, 100);
  return {};
}

}  // namespace

Device& device_of(World& world, Words& words) {
  const std::string id = words.next("a device id");
  Device* const device = world.house.find_any(id);
  if (device == nullptr) throw Refused{"no device '" + id + "'"};
  return *device;
}

CircuitSpec& circuit_of(Device& device, Words& words) {
  const auto channel = words.number<std::uint32_t>("a channel", 0, 4294967295U);
  for (CircuitSpec& circuit : device.spec.circuits) {
    if (circuit.channel == channel) return circuit;
  }
  throw Refused{"no channel " + std::to_string(channel) + " on '" + device.spec.id + "'"};
}

const std::vector<Command>& device_commands() {
  static const std::vector<Command> table = {
      {"connect", "ID on|off", "the device's link", connect},
      {"outage", "ID MINUTES", "offline for a while; up to 15 minutes come back exact, more as a mean", outage},
      {"lag", "ID MINUTES", "how late its data come", lag},
      {"nan", "ID CHANNEL FROM TO", "no values in that time", missing},
      {"rename-device", "ID NAME", "all after one blank is the name", rename_device},
      {"rename-circuit", "ID CHANNEL NAME", "the same", rename_circuit},
      {"add-circuit", "ID CHANNEL PATTERN NAME", "a new clamp", add_circuit},
      {"remove-circuit", "ID CHANNEL", "", remove_circuit},
      {"remove-device", "ID", "the partner no longer has it", remove_device},
      {"restore-device", "ID", "the partner has it again", restore_device},
      {"plug", "ID on|off [PERCENT]", "the car, and how full it is", plug},
      {"soc", "ID PERCENT", "the battery's charge", soc},
  };
  return table;
}

}  // namespace simulator
