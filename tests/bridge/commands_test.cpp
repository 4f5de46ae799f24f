#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

const model::DeviceId kBattery{"S0001"};

/// A battery that follows the load with up to 4.5 kW.
void only_battery(World& world) {
  model::Device device;
  device.id = kBattery;
  device.model = model::DeviceModel::battery;
  device.name = "Battery";
  device.connected = true;
  world.service.devices = {device};
  model::BatteryState state;
  state.device = kBattery;
  state.capacity_kwh = 10;
  state.inverter_max_power_kw = 5;
  state.soc_pct = 50;
  state.reserve_soc_pct = 20;
  state.dispatch = model::Dispatch{model::DispatchMode::load_following, 4.5, std::nullopt, std::nullopt, std::nullopt};
  world.service.states = {state};
}

bool shows(World& world, const std::string& part) {
  return world.retained["emporia/S0001/state"].find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a lamp is switched: accepted, called, confirmed, and only then shown") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(30s);
  world.transcript();
  world.receive("emporia/B0001/set/on", "OFF");
  world.run_for(1s);
  check_golden("bridge_command", world.transcript({"Update", "B0001/result", "B0001/state"}));
}

TEST_CASE("what is set for another mode is shown, kept over a restart, and used when the mode is chosen") {
  World world;
  only_battery(world);
  world.start();
  world.run_for(30s);
  world.receive("emporia/S0001/set/charge_power_kw", "3.3");
  world.receive("emporia/S0001/set/target_soc_pct", "80");
  world.run_for(1s);
  const std::string both =
      R"("dispatch":{"power_kw":4.5,"charge_power_kw":3.3,"discharge_power_kw":null,"target_soc_pct":80.0})";
  CHECK_MESSAGE(shows(world, both), world.retained["emporia/S0001/state"]);
  CHECK(world.transcript({"UpdateBatteries"}).empty());
  world.stop();
  world.start();
  world.run_for(30s);
  CHECK(shows(world, both));
  world.receive("emporia/S0001/set/dispatch_mode", "charge_to_state_of_charge");
  world.run_for(1s);
  const auto& battery = std::get<model::BatteryState>(world.service.states.front());
  CHECK(battery.dispatch ==
        model::Dispatch{model::DispatchMode::charge_to_state_of_charge, std::nullopt, 3.3, std::nullopt, 80.0});
  CHECK(shows(world, R"("dispatch_mode":"charge_to_state_of_charge")"));
}

TEST_CASE("the polls' budget is spent: a command still goes, from its own share, before and after a restart") {
  settings::Settings settings = World::some_settings();
  settings.budget = {12, 5};
  World world(settings);
  only_lamp(world);
  world.start();
  world.receive("emporia/B0001/set/on", "OFF");
  CHECK(world.transcript({"B0001/result"}).empty());
  world.run_for(1s);
  CHECK(world.transcript({"B0001/result"}).find("no device is known so far") != std::string::npos);
  for (int i = 0; i < 3; ++i) {
    world.receive("emporia/bridge/request/refresh", "");
    world.run_for(10s);
  }
  CHECK(world.calls.size() == 7);
  world.receive("emporia/B0001/set/on", "OFF");
  world.run_for(1s);
  CHECK(world.transcript({"B0001/result"}).find("confirmed") != std::string::npos);
  world.stop();
  world.start();
  world.run_for(5s);
  CHECK(world.calls.size() == 10);
  world.transcript();
  world.receive("emporia/B0001/set/on", "ON");
  world.run_for(1s);
  CHECK(world.transcript({"B0001/result"}).find("confirmed") != std::string::npos);
  CHECK(world.calls.size() == 11);
}

TEST_CASE("a command beyond the depth of any setting is told which settings there are") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(30s);
  world.transcript();
  world.receive("emporia/B0001/set/on/now", "OFF");
  world.run_for(1s);
  CHECK(world.transcript({"B0001/result"}).find(R"(no setting \"on/now\": this Smart Outlet has on)") !=
        std::string::npos);
}

TEST_CASE("the service is away: a command ends by its deadline, and does not go out later") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(30s);
  world.service.failure = {partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
  world.transcript();
  world.receive("emporia/B0001/set/on", "OFF");
  world.run_for(2min);
  const std::string results = world.transcript({"B0001/result"});
  CHECK(results.find(R"("status":"timeout")") != std::string::npos);
  world.service.failure.reset();
  world.run_for(30min);
  CHECK(world.transcript({"call Update"}).empty());
  CHECK(std::get<model::OutletState>(world.service.states.front()).on);
}
