#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "simulator/home_table.hpp"
#include "simulator/patterns.hpp"

namespace simulator {
namespace {

constexpr Word kModels[] = {{"Unknown", 0},
                            {"Vue2", kVue2},
                            {"UtilityConnect", kUtilityConnect},
                            {"Outlet", kOutlet},
                            {"EVCharger", kEvCharger},
                            {"Battery", kBattery},
                            {"Vue1", kVue1},
                            {"Vue3", kVue3}};
constexpr Word kTypes[] = {{"Unknown", 0},
                           {"Vue_200A_Main", kMain200A},
                           {"Vue_50A_Expansion", kExpansion50A},
                           {"Main", kMain},
                           {"Battery", kBatteryCircuit}};
constexpr Word kDirections[] = {
    {"Unknown", 0}, {"Consumption", kConsumption}, {"Generation", kGeneration}, {"Bidirectional", kBidirectional}};
constexpr Word kModes[] = {{"load_following", 0},
                           {"charge_with_excess_solar", 1},
                           {"charge_to_state_of_charge", 2},
                           {"discharge_to_state_of_charge", 3},
                           {"idle", 4}};
constexpr std::string_view kSpecialPatterns[] = {"main", "absent", "device", "net"};

std::vector<CustomerSpec> read_customers(Table& owner, const std::string& path) {
  std::vector<CustomerSpec> customers;
  for (const toml::table* entry : owner.tables("customers")) {
    Table table(*entry, path);
    CustomerSpec& customer = customers.emplace_back();
    table.read("first_name", customer.first_name);
    table.read("last_name", customer.last_name);
    table.read("email", customer.email);
    table.finish();
  }
  return customers;
}

void check_legs(Table& table, const toml::table& entry, const std::string& legs) {
  const bool known = std::all_of(legs.begin(), legs.end(), [](char leg) { return leg >= 'A' && leg <= 'C'; });
  const bool once = std::set<char>(legs.begin(), legs.end()).size() == legs.size();
  if (!known || !once) table.fail(entry, "legs is A, B or C, or several as in \"AB\"");
}

CircuitSpec read_circuit(const toml::table& entry, const DeviceSpec& device, bool two_way, const std::string& path) {
  Table table(entry, path);
  CircuitSpec circuit;
  if (!table.read("channel", circuit.channel, 0, 4294967295.0)) table.fail(entry, "a circuit needs its channel");
  const bool main = is_monitor(device.model) && circuit.channel >= 1 && circuit.channel <= 3;
  circuit.pattern = main ? "main" : "unused";
  table.read("pattern", circuit.pattern);
  const Pattern* const pattern = find_pattern(circuit.pattern);
  const bool special = std::find(std::begin(kSpecialPatterns), std::end(kSpecialPatterns), circuit.pattern) !=
                       std::end(kSpecialPatterns);
  if (pattern == nullptr && !special) {
    std::string names = "main, absent, device, net";
    for (const Pattern& row : patterns()) names += ", " + std::string(row.name);
    table.fail(entry, "no pattern '" + circuit.pattern + "'; there are " + names);
  }
  const bool generates = pattern != nullptr && pattern->generates;
  circuit.type = main                       ? kMain200A
                 : is_monitor(device.model) ? kExpansion50A
                 : device.model == kBattery ? kBatteryCircuit
                                            : kMain;
  circuit.direction = (main && two_way) || circuit.pattern == "net" ? kBidirectional
                      : generates                                   ? kGeneration
                                                                    : kConsumption;
  // Channels 1 to 3 measure A to C; the sockets behind alternate.
  circuit.legs = main ? std::string(1, static_cast<char>('A' + circuit.channel - 1))
                      : std::string(1, circuit.channel % 2 == 0 ? 'A' : 'B');
  table.read("type", circuit.type, kTypes);
  table.read("direction", circuit.direction, kDirections);
  table.read("sub_type", circuit.sub_type);
  table.read("name", circuit.name);
  table.read("power_w", circuit.power_w, 0, 1e6);
  table.read("device", circuit.device);
  if (table.read("legs", circuit.legs)) check_legs(table, entry, circuit.legs);
  if (circuit.pattern == "main" && circuit.legs.size() != 1) table.fail(entry, "a main measures one leg");
  if (circuit.pattern == "device" && circuit.device.empty()) table.fail(entry, "pattern device needs device = \"ID\"");
  table.finish();
  return circuit;
}

void read_dispatch(Table& device, DeviceSpec& spec, const std::string& path) {
  Dispatch& dispatch = spec.dispatch;
  dispatch.load_following_kw = dispatch.excess_solar_kw = dispatch.charge_kw = dispatch.discharge_kw =
      spec.inverter_max_power_kw;
  dispatch.discharge_to_pct = spec.reserve_soc_pct;
  const toml::node* const node = device.take("dispatch");
  if (node == nullptr) return;
  if (!node->is_table()) device.fail(*node, "dispatch is a table");
  Table table(*node->as_table(), path);
  int mode = 0;
  table.read("mode", mode, kModes);
  dispatch.mode = static_cast<Dispatch::Mode>(std::min(mode, 4));
  double power = spec.inverter_max_power_kw;
  if (table.read("power_kw", power, 0.001, spec.inverter_max_power_kw)) {
    dispatch.load_following_kw = dispatch.excess_solar_kw = dispatch.charge_kw = dispatch.discharge_kw = power;
  }
  double target = 0;
  if (table.read("soc_pct", target, spec.reserve_soc_pct, 100)) {
    dispatch.charge_to_pct = dispatch.discharge_to_pct = target;
  }
  table.finish();
}

void read_own(Table& table, DeviceSpec& device, const std::string& path) {
  switch (device.model) {
    case kOutlet:
      table.read("on", device.on);
      table.read("power_w", device.power_w, 0, 1e6);
      if (table.read("load", device.load) && find_pattern(device.load) == nullptr) {
        table.fail(*table.take("load"), "no pattern '" + device.load + "' for an outlet");
      }
      break;
    case kEvCharger:
      table.read("on", device.on);
      table.read("car_connected", device.car_connected);
      table.read("commute", device.commute);
      table.read("max_charge_rate_a", device.max_charge_rate_a, 6, 48);
      device.charge_rate_a = device.max_charge_rate_a;
      table.read("charge_rate_a", device.charge_rate_a, 6, device.max_charge_rate_a);
      table.read("car_capacity_kwh", device.car_capacity_kwh, 1, 1000);
      table.read("car_soc_pct", device.car_soc_pct, 0, 100);
      break;
    case kBattery:
      table.read("capacity_kwh", device.capacity_kwh, 0.1, 10000);
      table.read("inverter_max_power_kw", device.inverter_max_power_kw, 0.1, 10000);
      table.read("soc_pct", device.soc_pct, 1, 100);
      table.read("reserve_soc_pct", device.reserve_soc_pct, 1, 100);
      read_dispatch(table, device, path);
      break;
    case kUtilityConnect:
      table.read("zigbee_mac", device.zigbee_mac);
      break;
    default:
      break;
  }
}

// What a device without a list of circuits has.
void add_default_circuits(DeviceSpec& device) {
  if (!device.circuits.empty() || is_monitor(device.model)) return;
  CircuitSpec circuit;
  circuit.channel = 1;
  circuit.type = kMain;
  circuit.direction = kConsumption;
  circuit.pattern = "device";
  circuit.device = device.id;
  if (device.model == kUtilityConnect) {
    circuit.pattern = device.monitor.empty() ? "rest" : "net";
    circuit.direction = kBidirectional;
  }
  if (device.model == kOutlet || device.model == kEvCharger || device.model == kUtilityConnect) {
    device.circuits.push_back(circuit);
  }
  if (device.model != kBattery) return;
  // The service's real list is not public; these three are made up.
  circuit.type = kBatteryCircuit;
  circuit.direction = kBidirectional;
  circuit.sub_type = circuit.name = "Battery";
  device.circuits.push_back(circuit);
  if (!device.monitor.empty()) {
    circuit.channel = 2;
    circuit.pattern = "net";
    circuit.sub_type = circuit.name = "Grid";
    device.circuits.push_back(circuit);
  }
  circuit.channel = 3;
  circuit.pattern = "always_on";
  circuit.power_w = 350;
  circuit.direction = kConsumption;
  circuit.sub_type = circuit.name = "Backup";
  device.circuits.push_back(circuit);
}

DeviceSpec read_device(const toml::table& entry, const std::vector<CustomerSpec>& customers, const std::string& path) {
  Table table(entry, path);
  DeviceSpec device;
  if (!table.read("id", device.id) || device.id.empty()) table.fail(entry, "a device needs its id");
  if (!table.read("model", device.model, kModels)) table.fail(entry, "a device needs its model");
  table.read("name", device.name);
  table.read("firmware", device.firmware);
  table.read("timezone", device.timezone);
  table.read("solar", device.solar);
  table.read("latitude", device.latitude, -90, 90);
  table.read("longitude", device.longitude, -180, 180);
  table.read("connected", device.connected);
  table.read("billing_day", device.billing_day, 0, 28);
  table.read("lag_minutes", device.lag_minutes, 0, 100000);
  table.read("monitor", device.monitor);
  device.legs = device.model == kOutlet ? "A" : "AB";
  if (table.read("legs", device.legs)) check_legs(table, entry, device.legs);
  table.read("rest_w", device.rest_w, 0, 1e6);
  bool two_way = device.solar;
  table.read("two_way_mains", two_way);
  std::string onboarded;
  if (table.read("onboarded", onboarded)) {
    const auto time = parse_time(onboarded);
    if (!time || *time <= 0) table.fail(entry, "onboarded is a time such as \"2026-03-08T07:00:00Z\"");
    device.onboarded = floor_to(*time, kMinute);
  }
  device.customers = entry.contains("customers") ? read_customers(table, path) : customers;
  read_own(table, device, path);
  for (const toml::table* circuit : table.tables("circuits")) {
    device.circuits.push_back(read_circuit(*circuit, device, two_way, path));
  }
  add_default_circuits(device);
  table.finish();
  const bool generates = std::any_of(device.circuits.begin(), device.circuits.end(), [](const CircuitSpec& circuit) {
    const Pattern* const pattern = find_pattern(circuit.pattern);
    return pattern != nullptr && pattern->generates;
  });
  if (generates && !two_way) table.fail(entry, "a home with generation needs solar = true (or two_way_mains = true)");
  return device;
}

void check_references(const Home& home, const std::vector<const toml::table*>& entries, const std::string& path) {
  for (std::size_t i = 0; i < home.devices.size(); ++i) {
    const DeviceSpec& device = home.devices[i];
    const Table table(*entries[i], path);
    const auto model_of = [&](const std::string& id) {
      for (const DeviceSpec& other : home.devices) {
        if (other.id == id) return other.model;
      }
      return -1;
    };
    for (std::size_t j = 0; j < i; ++j) {
      if (home.devices[j].id == device.id) table.fail(*entries[i], "two devices have the id '" + device.id + "'");
    }
    if (!device.monitor.empty() && !is_monitor(model_of(device.monitor))) {
      table.fail(*entries[i], "monitor = '" + device.monitor + "' is not a Vue of this file");
    }
    for (const CircuitSpec& circuit : device.circuits) {
      const int model = model_of(circuit.device);
      if (circuit.pattern == "device" && model != kOutlet && model != kEvCharger && model != kBattery) {
        table.fail(*entries[i], "device = '" + circuit.device + "' is not an outlet, charger or battery of this file");
      }
    }
  }
}

Home read_home(const toml::table& root, const std::string& path) {
  Table table(root, path);
  Home home;
  if (const toml::node* const node = table.take("account")) {
    if (!node->is_table()) table.fail(*node, "account is a table");
    Table account(*node->as_table(), path);
    account.read("email", home.email);
    account.read("password", home.password);
    account.finish();
  }
  if (const toml::node* const node = table.take("behaviour")) {
    if (!node->is_table()) table.fail(*node, "behaviour is a table");
    for (const auto& [key, value] : *node->as_table()) {
      const auto text = value.value<std::string>();
      if (!text) table.fail(value, std::string(key.str()) + " is a text");
      if (const std::string error = home.behaviour.set(key.str(), *text); !error.empty()) table.fail(value, error);
    }
  }
  const std::vector<CustomerSpec> customers = read_customers(table, path);
  const std::vector<const toml::table*> entries = table.tables("devices");
  for (const toml::table* entry : entries) home.devices.push_back(read_device(*entry, customers, path));
  table.finish();
  check_references(home, entries, path);
  return home;
}

}  // namespace

Home parse_home(const std::string& text, const std::string& path) {
  try {
    return read_home(toml::parse(text, path), path);
  } catch (const toml::parse_error& error) {
    std::ostringstream message;
    message << path << ':' << error.source().begin.line << ':' << error.source().begin.column << ": "
            << error.description();
    throw HomeError(message.str());
  }
}

Home load_home(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw HomeError(path + ":1:1: cannot be read; homes/typical.toml beside the sources is an example");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_home(text.str(), path);
}

}  // namespace simulator
