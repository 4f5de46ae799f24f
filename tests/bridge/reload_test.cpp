// The configuration is read again while the bridge runs.
#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

/// The lamp and the panel, known and booked.
void start_with_both(World& world) {
  only_lamp(world);
  world.service.devices.push_back(panel());
  world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}, {5, 0.0}};
  world.start();
  world.run_for(5min);
  world.transcript();
}

}  // namespace

TEST_CASE("a device that is excluded goes at once; included again it goes on counting") {
  World world;
  start_with_both(world);
  settings::Settings settings = World::some_settings();
  settings.devices.exclude = {"outlet"};
  CHECK(world.reload(settings).live == std::vector<std::string>{"[devices] exclude"});
  world.run_for(20s);
  CHECK(world.retained.count("emporia/B0001/state") == 0);
  CHECK(world.retained.count("emporia/B0001/availability") == 0);
  CHECK(world.retained.count("homeassistant/device/emporia_B0001/config") == 0);
  CHECK(world.retained.count("emporia/A0001/state") == 1);
  world.transcript();
  world.run_for(10min);
  // Nobody asks about it any more.
  CHECK(count(world.transcript(), "B0001") == 0);

  const double before = world.counters(kLamp).at(1).positive_wh();
  world.reload(World::some_settings());
  world.run_for(5min);
  CHECK(world.retained.count("emporia/B0001/state") == 1);
  CHECK(world.retained.count("homeassistant/device/emporia_B0001/config") == 1);
  CHECK(world.counters(kLamp).at(1).positive_wh() > before);
}

TEST_CASE("a device that is excluded while it waits for the broker keeps no other from being asked about") {
  World world;
  only_lamp(world);
  world.broker_goes();
  world.start();
  world.run_for(5min);
  world.service.devices.push_back(panel());
  world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}, {5, 0.0}};
  settings::Settings settings = World::some_settings();
  settings.devices.exclude = {"outlet"};
  world.reload(settings);
  world.run_for(5min);
  world.broker_returns(false);
  world.run_for(30min);
  CHECK(world.counters(kLamp).empty());
  CHECK(world.counters(kPanel).size() > 1);
}

TEST_CASE("intervals, budget and names apply from then on") {
  World world;
  start_with_both(world);
  settings::Settings settings = World::some_settings();
  settings.polling.usage_interval_s = 60;
  settings.devices.names = {{"B0001", "Reading lamp"}};
  world.reload(settings);
  world.transcript();
  world.run_for(10min);
  const std::size_t usage = count(world.transcript({"GetUsageData"}), "\n");
  CHECK(usage >= 10);
  CHECK(usage <= 12);  // one of them reads again what may be revised
  CHECK(world.retained["homeassistant/device/emporia_B0001/config"].find("\"Reading lamp\"") != std::string::npos);

  settings.budget.calls_per_hour = 20;
  settings.budget.command_reserve = 15;
  settings.polling.usage_interval_s = 0;
  world.reload(settings);
  world.calls.clear();
  world.run_for(1h);
  CHECK(world.calls.size() <= 5);
  CHECK(world.retained["emporia/bridge/health"].find("\"budget\":20,") != std::string::npos);
}

TEST_CASE("a device is stale as soon as the new limit says so") {
  World world;
  start_with_both(world);
  world.service.failure =
      partner::PartnerError{partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
  world.run_for(1h);
  CHECK(world.retained["emporia/A0001/availability"] == "online");
  settings::Settings settings = World::some_settings();
  settings.polling.stale_after_minutes = 60;
  world.reload(settings);
  world.run_for(1s);
  CHECK(world.retained["emporia/A0001/availability"] == "offline");
}

TEST_CASE("a refused sign-in is tried again at once, and bridge/info tells the settings in force") {
  World world;
  start_with_both(world);
  world.service.password_right = false;
  world.run_for(2h);  // the token is old by then
  CHECK(world.retained["emporia/bridge/health"].find("\"auth_refused\"") != std::string::npos);
  world.service.password_right = true;
  settings::Settings settings = World::some_settings();
  settings.partner.password = settings::Secret("staple");
  settings.log.level = runtime::LogLevel::warning;
  world.reload(settings);
  world.run_for(5s);
  CHECK(world.retained["emporia/bridge/health"].find("\"partner\":{\"state\":\"ok\"") != std::string::npos);
  CHECK(world.retained["emporia/bridge/info"].find("level = \\\"warning\\\"") != std::string::npos);
  CHECK(world.retained["emporia/bridge/info"].find("staple") == std::string::npos);
  CHECK(world.retained["emporia/bridge/info"].find("\"started\":\"2026-11-23T09:00:00Z\"") != std::string::npos);
}

TEST_CASE("what applies at the start alone stays as it is") {
  World world;
  start_with_both(world);
  settings::Settings settings = World::some_settings();
  settings.mqtt.base_topic = "elsewhere";
  settings.homeassistant.prefix = "ha";
  const settings::Differences differences = world.reload(settings);
  CHECK(differences.live.empty());
  CHECK(differences.at_start == std::vector<std::string>{"[mqtt] base_topic", "[homeassistant] prefix"});
  world.run_for(5min);
  for (const auto& entry : world.retained) {
    CHECK_MESSAGE((entry.first.compare(0, 8, "emporia/") == 0 || entry.first.compare(0, 14, "homeassistant/") == 0),
                  entry.first);
  }
}
