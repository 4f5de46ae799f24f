#include <doctest/doctest.h>

#include "partner/translate.hpp"
#include "rooms/partner/wire_text.hpp"

using namespace emporia;
using namespace emporia::partner;

namespace {

struct Read {
  std::vector<model::Device> devices;
  Noted odd;
};

Read read(const std::string& text) {
  Oddities oddities;
  auto inventory = from_wire(message<wire::DeviceInventoryResponse>(text), oddities);
  return {std::move(inventory.devices), noted(oddities)};
}

model::Device only(const Read& read) {
  REQUIRE(read.devices.size() == 1);
  return read.devices.front();
}

}  // namespace

TEST_CASE("a device is taken as the service tells it") {
  const Read told = read(R"(devices {
    manufacturer_device_id: "A2107A04B4B8F009A6CEC4" model: Vue2 firmware: "Vue2-434" solar: true
    latitude: 40.1 longitude: -105.2 device_name: "Well \"pump\" / barn " timezone: "America/Denver"
    device_connected: true billing_cycle_start_day: 15
    customers { first_name: "A" last_name: "B" email: "a@example.com" } customers { email: "b@example.com" }
    circuit_infos { channel_number: 5 type: Vue_50A_Expansion energy_direction: Generation sub_type: "Solar/Generation" name: "Roof" }
    circuit_infos { channel_number: 1 type: Vue_200A_Main energy_direction: Bidirectional }
  })");
  model::Device device;
  device.id = model::DeviceId("A2107A04B4B8F009A6CEC4");
  device.model = model::DeviceModel::vue2;
  device.firmware = "Vue2-434";
  device.solar = true;
  device.name = "Well \"pump\" / barn ";
  device.timezone = "America/Denver";
  device.connected = true;
  device.billing_cycle_start_day = 15;
  device.customer_emails = {"a@example.com", "b@example.com"};
  device.circuits = {
      {1, model::CircuitType::main_200a, model::EnergyDirection::bidirectional, "", ""},
      {5, model::CircuitType::expansion_50a, model::EnergyDirection::generation, "Solar/Generation", "Roof"}};
  CHECK(only(told) == device);
  CHECK(told.odd.empty());
}

TEST_CASE("a device with nothing but its id is a device") {
  const Read told = read(R"(devices { manufacturer_device_id: "x" model: Outlet })");
  model::Device device;
  device.id = model::DeviceId("x");
  device.model = model::DeviceModel::outlet;
  CHECK(only(told) == device);
  CHECK(read("").devices.empty());
}

TEST_CASE("every model has its number; any other is unknown, and only that") {
  const struct {
    int number;
    model::DeviceModel model;
  } cases[] = {
      {1, model::DeviceModel::vue2},       {2, model::DeviceModel::utility_connect},  {3, model::DeviceModel::outlet},
      {4, model::DeviceModel::ev_charger}, {5, model::DeviceModel::battery},          {6, model::DeviceModel::vue1},
      {7, model::DeviceModel::vue3},       {0, model::DeviceModel::unknown},          {8, model::DeviceModel::unknown},
      {-1, model::DeviceModel::unknown},   {2147483647, model::DeviceModel::unknown},
  };
  for (const auto& row : cases) {
    wire::DeviceInventoryResponse reply;
    auto* device = reply.add_devices();
    device->set_manufacturer_device_id("id");
    device->set_device_name("kept");
    device->set_model(static_cast<wire::DeviceInventoryResponse_Device_DeviceModel>(row.number));
    Oddities oddities;
    const auto inventory = from_wire(reply, oddities);
    REQUIRE(inventory.devices.size() == 1);
    CHECK_MESSAGE(inventory.devices[0].model == row.model, "model number ", row.number);
    CHECK(inventory.devices[0].name == "kept");
    CHECK(oddities.count(Oddity::unknown_model) == (row.model == model::DeviceModel::unknown ? 1 : 0));
  }
}

TEST_CASE("circuit types and directions have their numbers; any other is unknown") {
  const model::CircuitType types[] = {model::CircuitType::unknown,       model::CircuitType::main_200a,
                                      model::CircuitType::expansion_50a, model::CircuitType::main,
                                      model::CircuitType::battery,       model::CircuitType::unknown};
  const model::EnergyDirection directions[] = {
      model::EnergyDirection::unknown,       model::EnergyDirection::consumption, model::EnergyDirection::generation,
      model::EnergyDirection::bidirectional, model::EnergyDirection::unknown,     model::EnergyDirection::unknown};
  for (int number = 0; number < 6; ++number) {
    const auto text = std::to_string(number);
    const Read told =
        read("devices { manufacturer_device_id: \"id\" model: Vue2 circuit_infos { channel_number: 4 type: " + text +
             " energy_direction: " + text + " } }");
    REQUIRE(only(told).circuits.size() == 1);
    CHECK(only(told).circuits[0].type == types[number]);
    CHECK(only(told).circuits[0].direction == directions[number]);
  }
}

TEST_CASE("a device without a usable id and a second one with the same lose only themselves") {
  const Read told = read(R"(
    devices { manufacturer_device_id: "" model: Vue2 }
    devices { manufacturer_device_id: "a" model: Vue2 device_name: "first" }
    devices { manufacturer_device_id: "a" model: Vue3 device_name: "second" }
    devices { manufacturer_device_id: "A" model: Vue3 device_name: "another id" }
    devices { manufacturer_device_id: ")" +
                         std::string(1001, 'x') + "\" model: Vue2 }");
  REQUIRE(told.devices.size() == 2);
  CHECK(told.devices[0].name == "first");
  CHECK(told.devices[1].name == "another id");
  CHECK(told.odd == Noted{{Oddity::device_without_id, 2}, {Oddity::device_twice, 1}});
}

TEST_CASE("impossible and repeated channels lose only themselves; the rest is put in order") {
  const Read told = read(R"(devices { manufacturer_device_id: "a" model: Vue2
    circuit_infos { channel_number: 19 name: "last" } circuit_infos { channel_number: 0 name: "none" }
    circuit_infos { channel_number: 4 name: "first of two" } circuit_infos { channel_number: 4 name: "second of two" }
    circuit_infos { channel_number: 999 name: "merged" } circuit_infos { channel_number: 1000 }
    circuit_infos { channel_number: 4294967295 } })");
  std::string seen;
  for (const auto& circuit : only(told).circuits) seen += std::to_string(circuit.channel) + " " + circuit.name + "; ";
  CHECK(seen == "4 first of two; 19 last; 999 merged; ");
  CHECK(told.odd == Noted{{Oddity::bad_circuit, 4}});
}

TEST_CASE("names of absurd length are cut between characters") {
  const auto name_of = [](const std::string& text) {
    wire::DeviceInventoryResponse reply;
    auto* device = reply.add_devices();
    device->set_manufacturer_device_id("id");
    device->set_model(wire::DeviceInventoryResponse_Device::Vue2);
    device->set_device_name(text);
    auto* circuit = device->add_circuit_infos();
    circuit->set_channel_number(4);
    circuit->set_name(text);
    circuit->set_sub_type(text);
    Oddities oddities;
    const model::Device read = from_wire(reply, oddities).devices.at(0);
    CHECK(read.circuits.at(0).name == read.name);
    CHECK(read.circuits.at(0).sub_type == read.name);
    return read.name;
  };
  CHECK(name_of(std::string(1000, 'x')) == std::string(1000, 'x'));
  CHECK(name_of(std::string(10'000, 'x')) == std::string(1000, 'x'));
  std::string euros;
  for (int i = 0; i < 3000; ++i) euros += "\xE2\x82\xAC";
  CHECK(name_of(euros) == euros.substr(0, 999));  // 333 whole characters
  std::string smiles = "a";
  for (int i = 0; i < 3000; ++i) smiles += "\xF0\x9F\x98\x80";
  CHECK(name_of(smiles) == smiles.substr(0, 997));
}

TEST_CASE("a billing day that is none is not told") {
  for (const auto& [told, kept] : {std::pair{0, 0U}, {1, 1U}, {28, 28U}, {29, 0U}, {2000000000, 0U}}) {
    const Read read_back = read(
        "devices { manufacturer_device_id: \"a\" model: Vue2 billing_cycle_start_day: " + std::to_string(told) + " }");
    CHECK(only(read_back).billing_cycle_start_day == kept);
  }
}

TEST_CASE("places that are not known or no places at all do no harm") {
  const Read told = read(R"(devices { manufacturer_device_id: "a" model: Vue2 latitude: nan longitude: inf })");
  CHECK(only(told).id.text() == "a");
}
