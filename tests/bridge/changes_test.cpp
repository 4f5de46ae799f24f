#include <algorithm>
#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

/// Past the first start, with nothing left to say.
void settle(World& world) {
  world.start();
  world.run_for(60s);
  world.transcript();
}

std::string state_of(World& world, const model::DeviceId& device) {
  return world.retained["emporia/" + device.text() + "/state"];
}

}  // namespace

TEST_CASE("legs, mains and balance are computed bucket by bucket; an unused socket is not shown") {
  World world;
  only_panel(world);
  settle(world);
  // 15 minutes: legs 150 and 75 Wh, oven 120 Wh, so 105 Wh that no circuit measures.
  CHECK(state_of(world, kPanel) ==
        R"({"as_of":"2026-11-23T08:30:00Z","connected":true,"exact_kwh":{},)"
        R"("today_since":"2026-11-23T08:15:00Z","cycle_since":"2026-11-23T08:15:00Z",)"
        R"("mains":{"power_w":900.0,"import_kwh":0.225,"export_kwh":0.0,)"
        R"("import_today_kwh":0.225,"import_cycle_kwh":0.225,"export_today_kwh":0.0,"export_cycle_kwh":0.0},)"
        R"("legs":{"1":{"power_w":600.0,"import_kwh":0.15,"export_kwh":0.0,)"
        R"("import_today_kwh":0.15,"import_cycle_kwh":0.15,"export_today_kwh":0.0,"export_cycle_kwh":0.0},)"
        R"("2":{"power_w":300.0,"import_kwh":0.075,"export_kwh":0.0,)"
        R"("import_today_kwh":0.075,"import_cycle_kwh":0.075,"export_today_kwh":0.0,"export_cycle_kwh":0.0}},)"
        R"("balance":{"power_w":420.0,"energy_kwh":0.105,"energy_today_kwh":0.105,"energy_cycle_kwh":0.105},)"
        R"("circuits":{"4":{"name":"Oven","direction":"consumption","power_w":480.0,"energy_kwh":0.12,)"
        R"("energy_today_kwh":0.12,"energy_cycle_kwh":0.12}}})");
}

TEST_CASE("a circuit is renamed, one begins to report, one is taken out") {
  World world;
  only_panel(world);
  settle(world);
  const std::vector<std::string> words{"/config", "bridge/event", "broker:"};

  world.service.devices[0].circuits[2].name = "Range";
  world.run_for(5min);
  CHECK(world.transcript({"bridge/event"})
            .find(R"("event_type":"circuit_renamed","device":"A0001","name":"Panel",)"
                  R"("channel":4,"old_name":"Oven","new_name":"Range")") != std::string::npos);
  CHECK(world.retained["homeassistant/device/emporia_A0001/config"].find("Range power") != std::string::npos);

  world.service.energy_wh[kPanel][5] = 2.0;
  world.run_for(10min);
  CHECK(state_of(world, kPanel).find(R"("5":{"name":"Circuit 2")") != std::string::npos);
  CHECK(world.retained["homeassistant/device/emporia_A0001/config"].find("emporia_A0001_5_power") != std::string::npos);
  world.transcript();

  auto& circuits = world.service.devices[0].circuits;
  circuits.erase(circuits.begin() + 2);
  world.service.energy_wh[kPanel].erase(4);
  world.run_for(100min);  // an hour, and the half that the service's data are old
  const std::string removal = world.transcript({"emporia_A0001/config"});
  CHECK(removal.find("sensor_4_energy(tombstone)") != std::string::npos);
  CHECK(world.retained["homeassistant/device/emporia_A0001/config"].find("emporia_A0001_4_power") == std::string::npos);
}

TEST_CASE("a device that is gone is withdrawn after three inventories and half an hour, and leaves nothing behind") {
  World world;
  only_lamp(world);
  world.service.devices.push_back(panel());
  settle(world);
  world.service.devices.pop_back();
  world.run_for(10min);
  CHECK(world.retained.count("emporia/A0001/state") == 1);
  CHECK(world.retained["emporia/A0001/availability"] == "offline");
  world.run_for(40min);
  for (const auto& kept : world.retained) CHECK_MESSAGE(kept.first.find("A0001") == std::string::npos, kept.first);
  CHECK(world.transcript({"bridge/event"}).find(R"("event_type":"device_removed","device":"A0001")") !=
        std::string::npos);
  CHECK(world.retained["emporia/B0001/availability"] == "online");
}

TEST_CASE("a device that went while the bridge was away is withdrawn, one that is now excluded at once") {
  World world;
  only_lamp(world);
  world.service.devices.push_back(panel());
  settle(world);
  world.stop();
  world.service.devices.pop_back();
  world.start();
  world.run_for(1s);
  world.receive("homeassistant/device/emporia_A0001/config",
                world.retained["homeassistant/device/emporia_A0001/config"], true);
  world.run_for(20min);
  CHECK(world.retained.count("homeassistant/device/emporia_A0001/config") == 1);
  world.run_for(40min);
  for (const auto& kept : world.retained) CHECK_MESSAGE(kept.first.find("A0001") == std::string::npos, kept.first);
}

TEST_CASE("what is excluded or no longer announced goes though the broker tells of it after the first inventory") {
  World first;
  only_lamp(first);
  first.service.devices.push_back(panel());
  settle(first);
  const std::string config = "homeassistant/device/emporia_A0001/config";

  settings::Settings excluding = World::some_settings();
  excluding.devices.exclude = {"vue2"};
  settings::Settings silent = World::some_settings();
  silent.homeassistant.enabled = false;
  for (const settings::Settings& settings : {excluding, silent}) {
    World second(settings);
    second.service = first.service;
    second.retained = first.retained;
    second.start();
    second.run_for(2s);
    CHECK(second.transcript({"call GetDevices"}) != "");
    second.receive(config, first.retained[config], true);
    second.run_for(5s);
    CHECK(second.retained.count(config) == 0);
  }
}

TEST_CASE("Home Assistant's birth brings everything again, once") {
  World world;
  only_lamp(world);
  settle(world);
  world.receive("homeassistant/status", "online");
  world.run_for(10s);
  const std::string said = world.transcript();
  const auto count = [&](const std::string& topic) {
    std::size_t times = 0;
    for (auto at = said.find(topic + ' '); at != std::string::npos; at = said.find(topic + ' ', at + 1)) ++times;
    return times;
  };
  CHECK(count("homeassistant/device/emporia_B0001/config") == 1);
  CHECK(count("homeassistant/device/emporia_bridge/config") == 1);
  CHECK(count("emporia/B0001/state") == 1);
  CHECK(count("emporia/B0001/availability") == 1);
  CHECK(count("emporia/bridge/state") == 1);
}

TEST_CASE("a broker that lost everything has everything again, the bridge's online last") {
  World world;
  only_lamp(world);
  settle(world);
  const auto before = world.retained;
  world.broker_goes();
  world.run_for(3min);
  world.broker_returns(true);
  world.transcript();
  world.run_for(2min);
  for (const auto& kept : before) CHECK_MESSAGE(world.retained.count(kept.first) == 1, kept.first);
  const std::string said = world.transcript({"emporia/", "homeassistant/"});
  const auto online = said.find("emporia/bridge/state online");
  REQUIRE(online != std::string::npos);
  for (const auto& kept : before) CHECK_MESSAGE(said.find(kept.first + ' ') <= online, kept.first);
}

TEST_CASE("with announcing switched off, an excluded device leaves no topic of an earlier run behind") {
  settings::Settings settings = World::some_settings();
  settings.homeassistant.enabled = false;
  settings.devices.exclude = {"A0001"};
  World world(settings);
  only_lamp(world);
  world.service.devices.push_back(panel());
  world.retained["emporia/A0001/state"] = "{}";
  world.retained["emporia/A0001/availability"] = "online";
  world.start();
  world.run_for(1s);
  world.receive("emporia/A0001/availability", "online", true);
  world.run_for(10s);
  CHECK(world.retained.count("emporia/A0001/state") == 0);
  CHECK(world.retained.count("emporia/A0001/availability") == 0);
  CHECK(world.retained["emporia/B0001/availability"] == "online");
}
