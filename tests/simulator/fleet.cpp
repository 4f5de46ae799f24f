#include <cstdio>

#include "simulator/home.hpp"

namespace simulator {
namespace {

struct Place {
  const char* timezone;
  double latitude, longitude;
};
constexpr Place kPlaces[] = {{"America/New_York", 40.7, -74.0},
                             {"America/Chicago", 41.8, -87.6},
                             {"America/Denver", 39.7, -105.0},
                             {"America/Los_Angeles", 34.0, -118.2},
                             {"Europe/Budapest", 47.5, 19.0}};

struct Load {
  const char* pattern;
  const char* sub_type;
  const char* name;
  const char* legs;
};
constexpr Load kLoads[] = {{"heat_pump", "Heat Pump", "Heat pump", "AB"},
                           {"water_heater", "Water Heater", "Water heater", "AB"},
                           {"fridge", "Fridge/Freezer", "Fridge", "A"},
                           {"kitchen", "Kitchen", "Kitchen", "B"},
                           {"dryer", "Clothes Dryer", "Dryer", "AB"},
                           {"washer", "Clothes Washer", "Washer", "A"},
                           {"lights", "Lights", "Lights", "B"},
                           {"electronics", "Computer/Network", "Office", "A"},
                           {"pump", "Pump", "Well pump", "AB"},
                           {"oven", "Cooktop/Range/Oven/Stove", "Oven", "AB"},
                           {"dishwasher", "Dishwasher", "Dishwasher", "B"},
                           {"always_on", "Other", "Network closet", "A"},
                           {"air_conditioner", "Air Conditioner", "Air conditioner", "AB"}};

CircuitSpec main_of(std::uint32_t channel, bool solar) {
  CircuitSpec main;
  main.channel = channel;
  main.type = kMain200A;
  main.direction = solar ? kBidirectional : kConsumption;
  main.name = std::string("Mains_") + static_cast<char>('A' + channel - 1);
  main.legs = std::string(1, static_cast<char>('A' + channel - 1));
  main.pattern = "main";
  return main;
}

DeviceSpec monitor(std::size_t index) {
  DeviceSpec device;
  char id[40];
  std::snprintf(id, sizeof id, "%s04B4%012zX", index % 3 == 0 ? "F2310A" : "A2140A", 0x240AC4000000 + index);
  device.id = id;
  device.model = index % 3 == 0 ? kVue3 : kVue2;
  device.firmware = device.model == kVue3 ? "Vue3-812" : "Vue2-434";
  device.name = "Home " + std::to_string(index + 1);
  const Place& place = kPlaces[index % std::size(kPlaces)];
  device.timezone = place.timezone;
  device.latitude = place.latitude;
  device.longitude = place.longitude;
  device.solar = index % 4 == 0;
  device.billing_day = static_cast<std::uint32_t>(1 + index % 28);
  device.rest_w = 120;
  device.customers = {{"Customer", std::to_string(index + 1), "customer" + std::to_string(index + 1) + "@example.com"}};
  for (std::uint32_t channel = 1; channel <= 3; ++channel) device.circuits.push_back(main_of(channel, device.solar));
  for (std::uint32_t channel = 4; channel <= 19; ++channel) {
    CircuitSpec circuit;
    circuit.channel = channel;
    circuit.type = kExpansion50A;
    circuit.direction = kConsumption;
    if (device.solar && channel == 4) {
      circuit.pattern = "solar";
      circuit.direction = kGeneration;
      circuit.sub_type = "Solar/Generation";
      circuit.name = "Solar";
      circuit.legs = "AB";
    } else if (const std::size_t n = channel - 4; n < std::size(kLoads)) {
      circuit.pattern = kLoads[n].pattern;
      circuit.sub_type = kLoads[n].sub_type;
      circuit.name = kLoads[n].name;
      circuit.legs = kLoads[n].legs;
    }
    device.circuits.push_back(circuit);
  }
  return device;
}

}  // namespace

Home make_fleet(std::size_t count) {
  Home home;
  home.devices.reserve(count);
  for (std::size_t i = 0; i < count; ++i) home.devices.push_back(monitor(i));
  return home;
}

}  // namespace simulator
