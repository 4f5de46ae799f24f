// Hours on their way into Home Assistant's long-term statistics, over simulated weeks: late and revised data, outages
// of either side, restarts of both.
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <map>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

using model::Channel;
using model::Scale;
using model::UtcSeconds;

constexpr auto kMinute = model::bucket_length(Scale::minutes);

unsigned mixed(unsigned salt, UtcSeconds minute) {
  auto value = static_cast<unsigned>(minute.time_since_epoch().count() / 60) * 2654435761U + salt * 40503U;
  value ^= value >> 15;
  return value * 2246822519U >> 8;
}

/// What is used in a minute: legs that flow both ways, a circuit that consumes.
double truth_wh(Channel channel, UtcSeconds minute) {
  const double value = mixed(channel, minute) % 60'000'000 / 1e6;
  return channel == 4 ? value : value - 15;
}

/// The service says something else at first, and of some minutes nothing.
double told_wh(Channel channel, UtcSeconds start, Scale scale, UtcSeconds now) {
  if (scale == Scale::minutes) {
    const auto age = now - start;
    const unsigned fate = mixed(channel + 90, start) % 1'000;
    if (age > 7 * 24h || (fate < 10 && age < 2h)) return model::kMissing;
    if (fate % 5 == 1 && age < 3h) return truth_wh(channel, start) * 1.1;
    if (fate % 50 == 2 && age < 20h) return -truth_wh(channel, start);
    return truth_wh(channel, start);
  }
  double sum = 0;
  for (auto at = start; at < start + model::bucket_length(scale); at += kMinute) sum += truth_wh(channel, at);
  return sum;
}

settings::Settings with_statistics() {
  settings::Settings settings = World::some_settings();
  settings.statistics.enabled = true;
  settings.statistics.url = "http://192.0.2.7:8123";
  settings.statistics.token = settings::Secret("right token");
  return settings;
}

void revising_panel(World& world) {
  world.service.devices = {panel()};
  world.service.energy_wh[kPanel] = {{1, 0.0}, {2, 0.0}, {4, 0.0}};
  world.service.bucket_wh = told_wh;
}

struct Way {
  const char* id;
  bool negative;
  std::vector<Channel> channels;
  std::vector<Channel> less;
};
const std::vector<Way> kWays{{"emporia:a0001_mains_import", false, {1, 2}, {}},
                             {"emporia:a0001_mains_export", true, {1, 2}, {}},
                             {"emporia:a0001_balance_energy", false, {1, 2}, {4}},
                             {"emporia:a0001_4_energy", false, {4}, {}}};

double hour_wh(const Way& way, UtcSeconds hour) {
  double sum = 0;
  for (auto at = hour; at < hour + 1h; at += kMinute) {
    double value = 0;
    for (const Channel channel : way.channels) value += truth_wh(channel, at);
    for (const Channel channel : way.less) value -= truth_wh(channel, at);
    if ((value < 0) == way.negative) sum += std::fabs(value);
  }
  return sum;
}

/// Each hour from `from` on is the truth, the sums rise by the hours, and no hour is missing up to `until`.
void check_hours(const FakeRecorder& home, UtcSeconds from, UtcSeconds until) {
  for (const Way& way : kWays) {
    CAPTURE(way.id);
    const auto& rows = home.rows(way.id);
    REQUIRE(rows.size() > 1);
    double worst = 0;
    double jump = 0;
    for (auto row = std::next(rows.begin()); row != rows.end(); ++row) {
      jump = std::max(jump, std::fabs(*row->second.sum - *std::prev(row)->second.sum - *row->second.state));
    }
    for (auto hour = from; hour < until; hour += 1h) {
      const auto row = rows.find(hour);
      REQUIRE(row != rows.end());
      worst = std::max(worst, std::fabs(*row->second.state * 1000 - hour_wh(way, hour)));
    }
    CHECK(worst < 0.01);
    CHECK(jump < 1e-6);
  }
}

constexpr std::chrono::sys_days kDay{std::chrono::year{2026} / 11 / 23};

}  // namespace

TEST_CASE("the hour before is brought once in each hour, as soon as it is known") {
  for (const char* version : {"2025.6.3", "2026.4.1"}) {
    CAPTURE(version);
    FakeRecorder home(version);
    World world(with_statistics());
    world.use_recorder(home);
    only_panel(world);
    world.start();
    world.run_for(5h);
    // From 9:00 on; the first booked quarter begins at 8:15.
    CHECK(world.recorder->connections == 5);
    CHECK(home.rows("emporia:a0001_mains_import").rbegin()->first == kDay + 12h);
    CHECK(home.names() == std::map<std::string, std::string>{{"emporia:a0001_4_energy", "Panel Oven energy"},
                                                             {"emporia:a0001_balance_energy", "Panel Balance energy"},
                                                             {"emporia:a0001_mains_export", "Panel Mains export"},
                                                             {"emporia:a0001_mains_import", "Panel Mains import"}});
    CHECK(*home.rows("emporia:a0001_mains_import").at(kDay + 10h).state == doctest::Approx(0.9));
    const std::string health = world.retained["emporia/bridge/health"];
    CAPTURE(health);
    CHECK(health.find(R"("statistics":{"state":"ok","home_assistant":")" + std::string(version)) != std::string::npos);
    world.stop();
  }
}

TEST_CASE("a month of late and revised data, outages and restarts of both sides: every hour is the truth") {
  FakeRecorder home("2026.4.1");
  World world(with_statistics());
  world.payloads_checked = false;
  world.use_recorder(home);
  revising_panel(world);
  world.start();
  for (int day = 0; day < 30; ++day) {
    world.run_for(9h);
    if (day % 5 == 1) world.recorder->restart();
    if (day % 6 == 2) home.written_after = 40;
    if (day == 8) world.recorder->up = false;
    if (day == 9) world.recorder->up = true;
    if (day % 7 == 3) {
      world.stop();
      world.pass(3h);
      world.start();
    }
    if (day == 17) world.service.failure = partner::PartnerError{partner::PartnerError::Kind::try_later, "away", false};
    if (day == 18) world.service.failure.reset();
    world.run_for(10h);
    home.written_after = 2;
    if (day % 9 == 4) world.recorder->restart();
    // Restored from a backup of two days ago.
    if (day == 22) home.lose(std::chrono::floor<std::chrono::hours>(world.true_time()) - 48h, UtcSeconds::max());
    world.run_for(5h);
  }
  world.run_for(40h);
  const auto until = std::chrono::floor<std::chrono::hours>(world.true_time()) - 26h;
  check_hours(home, kDay + 9h, until);
  CHECK(world.recorder->connections < 31 * 24 + 200);
  world.stop();
}

TEST_CASE("Home Assistant is away: it is told once, the hours wait, and come when it is back") {
  FakeRecorder home("2025.6.3");
  World world(with_statistics());
  world.use_recorder(home);
  only_panel(world);
  world.recorder->up = false;
  world.start();
  world.transcript();
  world.run_for(24h);
  std::string events = world.transcript({"statistics_"});
  CHECK(std::count(events.begin(), events.end(), '\n') == 1);
  CHECK(events.find(
            R"("event_type":"statistics_failed","error":"Home Assistant cannot be reached: Connection refused")") !=
        std::string::npos);
  const std::string health = world.retained["emporia/bridge/health"];
  CAPTURE(health);
  CHECK(health.find(R"("state":"failing","home_assistant":null,"undelivered_hours":24,)"
                    R"("undelivered_from":"2026-11-23T08:00:00Z")") != std::string::npos);
  // Seldom, after a while.
  CHECK(world.recorder->connections < 120);
  world.stop();
  world.recorder->up = true;
  world.start();
  world.run_for(1h);
  CHECK(home.rows("emporia:a0001_4_energy").size() >= 24);
  CHECK(world.retained["emporia/bridge/health"].find(R"("state":"ok")") != std::string::npos);
  world.stop();
}

TEST_CASE("a wrong token is told with what to do, and tried seldom") {
  FakeRecorder home("2026.4.1");
  World world(with_statistics());
  world.use_recorder(home);
  only_panel(world);
  world.recorder->token = "another";
  world.start();
  world.run_for(10h);
  CHECK(world.recorder->connections <= 10);
  const std::string health = world.retained["emporia/bridge/health"];
  CHECK(health.find(
            "Home Assistant refuses the token (Invalid access token or password): make a long-lived access token") !=
        std::string::npos);
  CHECK(health.find("right token") == std::string::npos);
  world.stop();
}

TEST_CASE("a rename reaches the statistic, whose rows go on") {
  FakeRecorder home("2026.4.1");
  World world(with_statistics());
  world.use_recorder(home);
  only_panel(world);
  world.start();
  world.run_for(2h);
  world.service.devices[0].name = "Cellar";
  world.service.devices[0].circuits[2].name = "Stove";
  world.run_for(2h);
  CHECK(home.names().at("emporia:a0001_4_energy") == "Cellar Stove energy");
  CHECK(home.names().at("emporia:a0001_mains_import") == "Cellar Mains import");
  CHECK(home.rows("emporia:a0001_4_energy").size() == 4);
  world.stop();
}

TEST_CASE("a device that is removed has its last hours brought, and keeps its history") {
  FakeRecorder home("2026.4.1");
  World world(with_statistics());
  world.use_recorder(home);
  only_panel(world);
  world.service.devices.push_back(lamp());
  world.service.states = {model::OutletState{kLamp, true}};
  world.service.energy_wh[kLamp] = {{1, 0.7}};
  world.start();
  world.run_for(3h + 20min);
  const auto before = home.rows("emporia:b0001_energy").size();
  REQUIRE(before == 3);
  world.recorder->up = false;
  world.run_for(1h);
  world.service.devices.pop_back();
  world.run_for(3h);
  REQUIRE(world.retained.count("homeassistant/device/emporia_B0001/config") == 0);
  world.recorder->up = true;
  world.run_for(2h);
  CHECK(home.rows("emporia:b0001_energy").size() > before);
  CHECK(home.names().at("emporia:b0001_energy") == "Lamp energy");
  world.stop();
}

TEST_CASE("the mean power of each hour, when asked for") {
  FakeRecorder home("2026.4.1");
  settings::Settings settings = with_statistics();
  settings.statistics.mean_power = true;
  World world(settings);
  world.use_recorder(home);
  revising_panel(world);
  world.start();
  world.run_for(50h);
  const auto& rows = home.rows("emporia:a0001_4_power");
  const UtcSeconds hour = kDay + 20h;
  double sum = 0;
  double least = 1e9;
  double most = -1e9;
  for (auto at = hour; at < hour + 1h; at += kMinute) {
    const double power_w = truth_wh(4, at) * 60;
    sum += power_w;
    least = std::min(least, power_w);
    most = std::max(most, power_w);
  }
  REQUIRE(rows.count(hour) == 1);
  CHECK(*rows.at(hour).mean == doctest::Approx(sum / 60));
  CHECK(*rows.at(hour).min == doctest::Approx(least));
  CHECK(*rows.at(hour).max == doctest::Approx(most));
  CHECK_FALSE(rows.at(hour).sum);
  CHECK(home.rows("emporia:a0001_mains_power").count(hour) == 1);
  world.stop();
}

TEST_CASE("off unless asked for") {
  FakeRecorder home("2026.4.1");
  World world;
  only_panel(world);
  world.start();
  world.run_for(3h);
  CHECK(home.commands == 0);
  CHECK(world.retained["emporia/bridge/health"].find("statistics") == std::string::npos);
  world.stop();
}
