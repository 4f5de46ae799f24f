#include <algorithm>
#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

using Kind = partner::PartnerError::Kind;

/// The most calls in any hour.
std::size_t busiest_hour(const std::vector<runtime::SteadyTime>& calls) {
  std::size_t most = 0;
  for (auto first = calls.begin(); first != calls.end(); ++first) {
    const auto end = std::find_if(first, calls.end(), [&](auto call) { return call - *first >= 1h; });
    most = std::max(most, static_cast<std::size_t>(end - first));
  }
  return most;
}

double energy_kwh(World& world, const std::string& topic) {
  const std::string& state = world.retained[topic];
  const auto at = state.find("\"energy_kwh\":");
  REQUIRE(at != std::string::npos);
  return std::stod(state.substr(at + 13));
}

}  // namespace

TEST_CASE("a day at home keeps within the budget and books every minute") {
  World world;
  only_lamp(world);
  world.service.devices.push_back(panel());
  world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}};
  world.start();
  world.run_for(24h);
  CHECK(busiest_hour(world.calls) <= 80);  // 95 less the 15 that are kept for commands
  CHECK(busiest_hour(world.calls) >= 60);  // and the rest is used
  // From 08:15 to the horizon of the last poll, at most a poll's interval before 08:30 of the next day.
  const double day_kwh = 24.25 * 60 * 0.0007;
  CHECK(energy_kwh(world, "emporia/B0001/state") <= day_kwh);
  CHECK(energy_kwh(world, "emporia/B0001/state") >= day_kwh - 5 * 0.0007);
}

TEST_CASE("a restart forgets neither counters nor calls") {
  World world;
  only_lamp(world);
  world.start();
  for (int i = 0; i < 40; ++i) {
    world.run_for(3min);
    world.stop();
    world.start();
  }
  world.run_for(1min);
  CHECK(busiest_hour(world.calls) <= 95);
  CHECK(energy_kwh(world, "emporia/B0001/state") >= 1.5 * 60 * 0.0007);
}

TEST_CASE("the service is away for three hours: said once, not hammered, and nothing is lost") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(10min);
  world.transcript();
  world.service.failure = {Kind::try_later, "the service cannot be reached", false};
  const auto calls_before = world.calls.size();
  world.run_for(3h);
  CHECK(world.calls.size() - calls_before <= 3 * 16);
  CHECK(world.retained["emporia/bridge/health"].find(R"("state":"unreachable")") != std::string::npos);
  // Two hours after the newest thing known of it, what is shown must not pass for the truth any more.
  CHECK(world.retained["emporia/B0001/availability"] == "offline");
  world.service.failure.reset();
  world.run_for(30min);
  const std::string events = world.transcript({"bridge/event"});
  CHECK(events.find("service_unreachable") == events.rfind("service_unreachable"));
  CHECK(events.find("service_restored") != std::string::npos);
  CHECK(world.retained["emporia/B0001/availability"] == "online");
  // 09:00 to 12:40 has passed; booked from 08:15 to about 12:10.
  CHECK(energy_kwh(world, "emporia/B0001/state") >= 3.85 * 60 * 0.0007);
}

TEST_CASE("a password that is refused at the start ends the program with its own code, after telling") {
  World world;
  only_lamp(world);
  world.service.password_right = false;
  world.start();
  world.run_for(10s);
  REQUIRE(world.exit_code());
  CHECK(*world.exit_code() == app::ExitCode::sign_in_refused);
  CHECK(world.retained["emporia/bridge/health"].find(R"("state":"auth_refused")") != std::string::npos);
  CHECK(world.retained["emporia/bridge/state"] == "offline");
  CHECK(world.calls.size() == 1);
}

TEST_CASE("a password that is refused later is told, tried seldom, and recovers") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(10min);
  world.service.password_right = false;
  world.run_for(2h);
  CHECK_FALSE(world.exit_code());
  CHECK(world.retained["emporia/bridge/health"].find(R"("state":"auth_refused")") != std::string::npos);
  const auto calls = world.calls.size();
  world.run_for(24h);
  CHECK(world.calls.size() - calls <= 8);
  world.service.password_right = true;
  world.run_for(8h);
  CHECK(world.retained["emporia/bridge/health"].find(R"("state":"ok")") != std::string::npos);
}

TEST_CASE("the quota is used up by somebody else: the bridge waits and says so") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(10min);
  world.service.failure = {Kind::try_later, "the service's hourly quota is used up", true};
  const auto calls = world.calls.size();
  world.run_for(1h);
  CHECK(world.calls.size() - calls <= 6);
  CHECK(world.retained["emporia/bridge/health"].find(R"("state":"throttled")") != std::string::npos);
}

TEST_CASE("polls that wait at the edge of the budget every few minutes: said once") {
  settings::Settings settings = World::some_settings();
  settings.budget.calls_per_hour = 30;
  settings.polling.usage_interval_s = 60;
  World world(settings);
  only_lamp(world);
  world.start();
  world.run_for(30h);
  const std::string events = world.transcript({"budget_reached"});
  CHECK(std::count(events.begin(), events.end(), '\n') == 1);
}

TEST_CASE("asked to stop, the bridge says that it is offline") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(10s);
  world.transcript();
  world.stop();
  CHECK(world.retained["emporia/bridge/state"] == "offline");
  CHECK(world.transcript({"broker:", "bridge/state"}) ==
        "09:00:10 emporia/bridge/state offline\n"
        "09:00:10 broker: disconnected\n");
}
