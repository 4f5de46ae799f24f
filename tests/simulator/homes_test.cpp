#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "simulator/caller.hpp"

using namespace simulator_stories;

TEST_CASE("every home that ships loads and answers") {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(home_file("x").substr(0, home_file("x").rfind('/')))) {
    names.insert(entry.path().stem());
  }
  CHECK(names == std::set<std::string>{"commercial", "flat", "odd", "typical"});
  for (const std::string& name : names) {
    CAPTURE(name);
    const auto options = still(name, "2026-02-10T12:00:00Z");
    const simulator::Simulator simulator(options);
    Caller caller(simulator, options.home.email, options.home.password);
    const auto devices = caller.devices();
    REQUIRE(devices.ok());
    CHECK(devices.reply.devices_size() == static_cast<int>(options.home.devices.size()));
    for (const auto& device : devices.reply.devices()) {
      CAPTURE(device.manufacturer_device_id());
      const auto usage = caller.usage(device.manufacturer_device_id(), at("2026-02-09T00:00:00Z"),
                                      at("2026-02-09T23:59:59Z"), api::Hours);
      REQUIRE(usage.ok());
      REQUIRE(usage.reply.device_usages_size() == 1);
      CHECK(usage.reply.device_usages(0).bucket_epoch_seconds_size() == 24);
      std::set<unsigned> known;
      for (const auto& circuit : device.circuit_infos()) known.insert(circuit.channel_number());
      for (const auto& channel : usage.reply.device_usages(0).channel_usages()) {
        CHECK(known.count(channel.channel()) == 1);
        CHECK(channel.usages_size() == 24);
      }
    }
  }
}

TEST_CASE("the typical home is what the demo needs") {
  const simulator::Simulator simulator(still("typical", "2026-02-10T12:00:00Z"));
  Caller caller(simulator);
  std::map<int, int> models;
  const auto devices = caller.devices();
  for (const auto& device : devices.reply.devices()) ++models[device.model()];
  CHECK(models == std::map<int, int>{{2, 1}, {3, 2}, {4, 1}, {5, 1}, {7, 1}});
  const auto inventory = caller.devices({"robin@example.com"});
  CHECK(inventory.reply.devices_size() == 6);
  CHECK(caller.devices({"nobody@example.com"}).reply.devices_size() == 0);
  const auto& vue = inventory.reply.devices(0);
  CHECK(vue.circuit_infos_size() == 19);
  CHECK(vue.circuit_infos(0).energy_direction() == api::DeviceInventoryResponse::Device::CircuitInfo::Bidirectional);
  CHECK(vue.circuit_infos(3).energy_direction() == api::DeviceInventoryResponse::Device::CircuitInfo::Generation);
  CHECK(vue.billing_cycle_start_day() == 15);
  CHECK(vue.customers(0).email() == "robin@example.com");
}

TEST_CASE("what older servers and shy partners leave out of the inventory") {
  simulator::Simulator simulator(still("typical", "2026-02-10T12:00:00Z"));
  Caller caller(simulator);
  for (const char* command : {"behaviour billing_day zero", "behaviour customers hidden",
                              "behaviour channel_names empty", "behaviour order reversed"}) {
    REQUIRE(simulator.command(command) == "ok");
  }
  const auto inventory = caller.devices();
  REQUIRE(inventory.reply.devices_size() == 6);
  const auto& vue = inventory.reply.devices(5);
  CHECK(vue.manufacturer_device_id() == "F2310A04B4240AC4A1B2C3");
  CHECK(vue.billing_cycle_start_day() == 0);
  CHECK(vue.customers_size() == 0);
  // By its descriptor: the accessor is deprecated with the field.
  const auto* const names = vue.GetDescriptor()->FindFieldByName("channel_names");
  CHECK(vue.GetReflection()->FieldSize(vue, names) == 0);
  REQUIRE(simulator.command("behaviour channel_names present") == "ok");
  const auto again = caller.devices();
  CHECK(vue.GetReflection()->FieldSize(again.reply.devices(5), names) == 19);
}

TEST_CASE("the odd home keeps every byte of its names and every number") {
  const auto options = still("odd", "2026-02-10T12:00:00Z");
  const simulator::Simulator simulator(options);
  Caller caller(simulator, options.home.email, options.home.password);
  const auto inventory = caller.devices();
  REQUIRE(inventory.reply.devices_size() == 7);
  const auto& vue = inventory.reply.devices(0);
  CHECK(vue.manufacturer_device_id() == "A2107A04B4b8f009a6cec4");
  CHECK(vue.device_name().empty());
  CHECK(vue.latitude() == 0);
  CHECK(vue.timezone() == "UTC");
  CHECK(vue.circuit_infos(3).name() == "Well ");
  CHECK(vue.circuit_infos(4).name() == "Well ");
  CHECK(vue.circuit_infos(7).name() == "Küche ☕ 厨房 🔌");
  CHECK(vue.circuit_infos(11).type() == 9);
  CHECK(vue.circuit_infos(12).energy_direction() == 7);
  CHECK(inventory.reply.devices(2).model() == 8);
  CHECK_FALSE(inventory.reply.devices(3).device_connected());
  const auto batteries = caller.batteries();
  REQUIRE(batteries.reply.batteries_size() == 1);
  CHECK_FALSE(batteries.reply.batteries(0).has_soc_percentage());
  CHECK(batteries.reply.batteries(0).settings().has_idle());
  CHECK(caller.utility_connects().reply.utility_connects(0).zigbee_mac().empty());
}

TEST_CASE("a home with a mistake says where and what is allowed") {
  struct Case {
    const char *toml, *message;
  };
  const Case cases[] = {
      {"[[devices]]\nid = \"A\"\n", "home.toml:1:1: a device needs its model"},
      {"[[devices]]\nmodel = \"Vue2\"\n", "home.toml:1:1: a device needs its id"},
      {"[[devices]]\nid = \"A\"\nmodel = \"Vue9\"\n",
       "home.toml:3:9: model is a number or one of Unknown, Vue2, UtilityConnect, Outlet, EVCharger, Battery, Vue1, "
       "Vue3"},
      {"[[devices]]\nid = 7\nmodel = \"Vue2\"\n", "home.toml:2:6: id is a text"},
      {"[[devices]]\nid = \"A\"\nmodel = \"EVCharger\"\nmax_charge_rate_a = 100\n",
       "home.toml:4:21: max_charge_rate_a is a whole number from 6 to 48"},
      {"[[devices]]\nid = \"A\"\nmodel = \"Outlet\"\non = \"yes\"\n", "home.toml:4:6: on is true or false"},
      {"[behaviour]\nlag = \"sometimes\"\n", "home.toml:2:7: 'sometimes' is not a value of lag; allowed: on, off"},
      {"[account]\nemail = \"a@example.com\"\nsecret = \"b\"\n",
       "home.toml:3:10: unknown key 'secret'; there are email, password"},
      {"[[devices]]\nid = \"A\"\nmodel = \"Outlet\"\nmonitor = \"B\"\n",
       "home.toml:1:1: monitor = 'B' is not a Vue of this file"},
      {"[[devices]]\nid = \"A\"\nmodel = \"Outlet\"\n[[devices]]\nid = \"A\"\nmodel = \"Outlet\"\n",
       "home.toml:4:1: two devices have the id 'A'"},
      {"[[devices]]\nid = \"A\"\nmodel = \"Vue2\"\ncircuits = [{ channel = 4, pattern = \"solar\" }]\n",
       "home.toml:1:1: a home with generation needs solar = true (or two_way_mains = true)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.toml);
    std::string message = "loaded";
    try {
      (void)simulator::parse_home(c.toml, "home.toml");
    } catch (const simulator::HomeError& error) {
      message = error.what();
    }
    CHECK(message == c.message);
  }
  // Not TOML at all: the parser's own words, with the place.
  CHECK_THROWS_WITH_AS((void)simulator::parse_home("[[devices]]\nid = \n", "home.toml"),
                       doctest::Contains("home.toml:2:"), simulator::HomeError);
  CHECK_THROWS_WITH_AS((void)simulator::load_home("/nowhere/home.toml"), doctest::Contains("/nowhere/home.toml:1:1: "),
                       simulator::HomeError);
}

TEST_CASE("a fleet has as many monitors as asked for, with ids that differ") {
  const auto fleet = simulator::make_fleet(1000);
  std::set<std::string> ids;
  for (const auto& device : fleet.devices) {
    ids.insert(device.id);
    CHECK(device.id.size() == 22);
  }
  CHECK(ids.size() == 1000);
}
