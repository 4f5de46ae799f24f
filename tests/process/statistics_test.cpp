// The real program, and Home Assistant's long-term statistics as its API shows them: every hour is what the simulated
// house has used in it, whatever happened to either side.
#include <cmath>
#include <doctest/doctest.h>
#include <signal.h>

#include "json/value.hpp"
#include "process/installation.hpp"
#include "support/home_assistant.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using support::eventually;
using support::HomeAssistant;
using support::StatisticRows;

namespace {

using Time = std::chrono::sys_seconds;

const std::string kHouse = "F2310A04B4240AC4A1B2C3";
const std::string kLamp = "B2136B0204240AC4E1F2A3";

/// The energy of a minute of one channel, as the simulator knows it.
std::map<Time, double> minutes_of(Installation& home, const std::string& device, int channel, Time from, Time until) {
  const std::string answer = home.service.command("usage " + device + " " + std::to_string(channel) + " " +
                                                  std::to_string(from.time_since_epoch().count()) + " " +
                                                  std::to_string((until - 60s).time_since_epoch().count()) + " 0");
  REQUIRE_MESSAGE(answer.rfind("ok ", 0) == 0, answer);
  const auto parsed = json::parse(answer.substr(3), {64 * 1024 * 1024, 8});
  REQUIRE(parsed.ok());
  const json::Array& starts = *parsed.value().find("starts")->as_array();
  const json::Array& values = *parsed.value().find("wh")->as_array();
  std::map<Time, double> minutes;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const double* real = values[i].as_double();
    const double value = real != nullptr ? *real : static_cast<double>(*values[i].as_integer());
    minutes[Time{std::chrono::seconds{*starts[i].as_integer()}}] = value;
  }
  return minutes;
}

/// A statistic, and of which channels' sum it is the positive or the negative part.
struct Way {
  std::string id;
  std::string device;
  std::vector<int> channels;
  bool negative = false;
};
const std::vector<Way> kWays{{"emporia:f2310a04b4240ac4a1b2c3_mains_import", kHouse, {1, 2}},
                             {"emporia:f2310a04b4240ac4a1b2c3_mains_export", kHouse, {1, 2}, true},
                             {"emporia:f2310a04b4240ac4a1b2c3_4_energy", kHouse, {4}, true},
                             {"emporia:f2310a04b4240ac4a1b2c3_5_energy", kHouse, {5}},
                             {"emporia:f2310a04b4240ac4a1b2c3_9_energy", kHouse, {9}},
                             {"emporia:b2136b0204240ac4e1f2a3_energy", kLamp, {1}}};

/// The difference to the simulator of the hour that differs most, Wh.
double worst_hour_wh(Installation& home, const HomeAssistant& assistant, const Way& way, Time from, Time until) {
  std::map<Time, double> sums;
  for (const int channel : way.channels) {
    for (const auto& [start, wh] : minutes_of(home, way.device, channel, from, until)) sums[start] += wh;
  }
  std::map<Time, double> hours;
  for (const auto& [start, wh] : sums) {
    hours[std::chrono::floor<std::chrono::hours>(start)] += (wh < 0) == way.negative ? std::fabs(wh) : 0;
  }
  const StatisticRows rows = assistant.rows(way.id);
  double worst = 0;
  for (const auto& [start, wh] : hours) {
    const auto row = rows.find(start);
    if (row == rows.end()) return 1e9;
    worst = std::max(worst, std::fabs(*row->second.state * 1000 - wh));
  }
  return worst;
}

/// How often the sum does not rise by the hour's energy.
int jumps(const StatisticRows& rows) {
  int count = 0;
  for (auto row = rows.begin(); row != rows.end() && std::next(row) != rows.end(); ++row) {
    const auto& next = std::next(row)->second;
    if (std::fabs(*next.sum - *row->second.sum - *next.state) > 1e-6) ++count;
  }
  return count;
}

/// A bridge that is connected. Started as often as a service manager would: where time goes fast, that of a start is
/// over in milliseconds.
std::unique_ptr<support::ChildProcess> started(Installation& home) {
  constexpr int kAttempts = 20;
  std::unique_ptr<support::ChildProcess> bridge;
  for (int i = 0; i < kAttempts; ++i) {
    bridge = home.start();
    if (bridge->wait_for_line("connected")) return bridge;
  }
  FAIL("the bridge does not start: ", bridge->standard_error());
  return bridge;
}

/// A house whose time goes fast, and its Home Assistant.
struct Story {
  Story(int rate, Time start) : clock(rate, start), home(Installation::with_clock(clock)) {
    home.set_clock(clock);
    // What a real network needs must not look like forever to a clock that is so fast.
    home.configure("mqtt", "keep_alive_s = 900");
    home.configure("partner", "timeout_s = 120");
    home.configure("partner", "usage_timeout_s = 180");
    // The hours come as exactly with fewer calls.
    home.configure("polling", "usage_interval_s = 600");
    home.configure("polling", "inventory_interval_s = 900");
    home.configure("polling", "state_interval_s = 1800");
    home.configure("statistics", "enabled = true");
    home.configure("statistics", "url = \"" + assistant.url() + "\"");
    home.configure("statistics", "token_file = \"token\"");
    home.folder.write("token", std::string(HomeAssistant::kToken) + "\n");
    support::run({"chmod", "600", home.folder.file("token")});
    start_bridge();
  }

  void start_bridge() { bridge = started(home); }

  void pass(std::chrono::minutes time) {
    const Time until = clock.true_time() + time;
    CHECK(eventually([&] { return clock.true_time() >= until; }, clock.real(time) + support::kPatience));
    REQUIRE_MESSAGE(bridge->running(), bridge->standard_error());
  }
  bool delivered_up_to(Time until) {
    return eventually(
        [&] {
          for (const Way& way : kWays) {
            const StatisticRows rows = assistant.rows(way.id);
            if (rows.empty() || rows.rbegin()->first < until - 1h) return false;
          }
          return true;
        },
        clock.real(4h) + support::kPatience);
  }
  std::string health() { return home.broker.retained("emporia/bridge/health")["emporia/bridge/health"]; }

  support::FakeClock clock;
  Installation home;
  HomeAssistant assistant;
  std::unique_ptr<support::ChildProcess> bridge;
};

/// The evening before clocks are changed in New York: the second Sunday of March, next year.
Time before_clocks_change() {
  using namespace std::chrono;
  const auto today = floor<days>(system_clock::now());
  const auto year = year_month_day(today).year() + years{1};
  return sys_days{year / March / Sunday[2]} - 4h;
}

}  // namespace

TEST_CASE("a day on which clocks are changed, among outages and restarts of both sides: every hour is the truth") {
  Story story(480, before_clocks_change());
  const Time begin = std::chrono::floor<std::chrono::hours>(story.clock.true_time());
  HomeAssistant& assistant = story.assistant;
  story.pass(3h);
  REQUIRE(story.delivered_up_to(begin + 2h));
  // Home Assistant is away, and comes back as a newer one.
  assistant.kill();
  story.pass(2h);
  CHECK(story.health().find("\"state\":\"failing\"") != std::string::npos);
  assistant.start("2026.11.0");
  story.pass(1h);
  // The bridge dies.
  story.bridge->signal(SIGKILL);
  story.bridge->wait_for_exit();
  story.start_bridge();
  // The house is not connected for a while; its data come late, over what was delivered without them.
  REQUIRE(story.home.service.command("outage " + kHouse + " 40") == "ok");
  story.pass(2h);
  // What Home Assistant has queued is lost with it.
  assistant.hold(true);
  story.pass(90min);
  assistant.kill();
  assistant.start();
  story.pass(2h);
  REQUIRE(story.home.service.command("fail * UNAVAILABLE 40") == "ok");
  story.pass(3h);
  // It was restored from a backup.
  assistant.lose(story.clock.true_time() - 6h, story.clock.true_time());
  story.pass(3h);
  const Time end = std::chrono::floor<std::chrono::hours>(story.clock.true_time()) - 2h;
  REQUIRE(story.delivered_up_to(end));
  for (const Way& way : kWays) {
    CAPTURE(way.id);
    // Of the first hour only a part was counted.
    CHECK(worst_hour_wh(story.home, assistant, way, begin + 1h, end) < 1);
    CHECK(jumps(assistant.rows(way.id)) == 0);
  }
  CHECK(assistant.names().at("emporia:f2310a04b4240ac4a1b2c3_5_energy") == "House Heat pump energy");
  auto verify = story.home.run({"statistics", "verify"});
  CHECK(verify->wait_for_exit() == 0);
  CHECK_MESSAGE(verify->standard_output().find("emporia:f2310a04b4240ac4a1b2c3_mains_import  ") != std::string::npos,
                verify->standard_error());
  CHECK(assistant.count("refused") == 0);
  for (const auto& said : {story.bridge->standard_error(), story.health()}) {
    CHECK(said.find(HomeAssistant::kToken) == std::string::npos);
  }
}

TEST_CASE("the past is filled in, compared and removed again") {
  Story story(180, before_clocks_change());
  const Time begin = std::chrono::floor<std::chrono::hours>(story.clock.true_time());
  HomeAssistant& assistant = story.assistant;
  REQUIRE(story.delivered_up_to(begin + 2h));
  const std::string from = "--from=10d";
  auto dry = story.home.run({"statistics", "backfill", from, "--dry-run"});
  CHECK(dry->wait_for_exit() == 0);
  CHECK(dry->standard_output().find("Nothing was read. It takes 8 calls, of 80 an hour") != std::string::npos);
  auto backfill = story.home.run({"statistics", "backfill", from});
  REQUIRE_MESSAGE(backfill->wait_for_exit() == 0, backfill->standard_error());
  CHECK(backfill->standard_output().find(" of 6 devices are in the ledger. A running bridge writes them") !=
        std::string::npos);
  // What is there is not asked for again.
  auto again = story.home.run({"statistics", "backfill", from, "--dry-run"});
  CHECK(again->wait_for_exit() == 0);
  CHECK(again->standard_output().find("Nothing was read. It takes 0 calls") != std::string::npos);
  const auto filled = [&] {
    for (const Way& way : kWays) {
      if (assistant.rows(way.id).size() < 9 * 24) return false;
    }
    return true;
  };
  REQUIRE(eventually(filled, story.clock.real(3h) + support::kPatience));
  const Time end = std::chrono::floor<std::chrono::hours>(story.clock.true_time()) - 2h;
  REQUIRE(story.delivered_up_to(end));
  for (const Way& way : kWays) {
    CAPTURE(way.id);
    CHECK(jumps(assistant.rows(way.id)) == 0);
    // An hour that flows both ways has one number in the past.
    const bool both = way.channels.size() == 2;
    CHECK(worst_hour_wh(story.home, assistant, way, both ? begin + 1h : begin - 9 * 24h, end) < 1);
  }
  auto verify = story.home.run({"statistics", "verify"});
  CHECK(verify->wait_for_exit() == 0);
  assistant.lose(begin - 5 * 24h, begin - 5 * 24h + 2h);
  verify = story.home.run({"statistics", "verify"});
  CHECK(verify->wait_for_exit() == 3);
  CHECK(verify->standard_output().find("2 missing") != std::string::npos);

  auto refused = story.home.run({"statistics", "remove", "--yes"});
  CHECK(refused->wait_for_exit() == 65);
  story.bridge->signal(SIGTERM);
  CHECK(story.bridge->wait_for_exit() == 0);
  auto nobody_to_ask = story.home.run({"statistics", "remove"});
  CHECK(nobody_to_ask->wait_for_exit() == 2);
  CHECK_FALSE(assistant.names().empty());
  // At this pace Home Assistant's answer may come too late; the command can be given again.
  CHECK(eventually([&] { return story.home.run({"statistics", "remove", "--yes"})->wait_for_exit() == 0; }));
  CHECK(assistant.names().empty());
  CHECK(assistant.rows(kWays[0].id).empty());
  // And a bridge that is started again brings all of it anew.
  story.start_bridge();
  REQUIRE(eventually(filled, story.clock.real(3h) + support::kPatience));
  CHECK(jumps(assistant.rows(kWays[0].id)) == 0);
}

TEST_CASE("the doctor tries the way to Home Assistant") {
  Installation home;
  HomeAssistant assistant;
  home.configure("statistics", "enabled = true");
  home.configure("statistics", "url = \"" + assistant.url() + "\"");
  home.set_environment("EMPORIA_HOMEASSISTANT_TOKEN", HomeAssistant::kToken);
  home.write_configuration();
  auto doctor = home.run({"doctor"});
  CHECK(doctor->wait_for_exit() == 0);
  CHECK(doctor->standard_output().find("Home Assistant 2026.4.1 lets us in as an administrator") != std::string::npos);
  assistant.kill();
  doctor = home.run({"doctor"});
  CHECK(doctor->wait_for_exit() == 69);
  CHECK(doctor->standard_output().find("cannot be reached") != std::string::npos);
}

TEST_CASE("with a token that is none, or of somebody who is no administrator, it is said what to do") {
  for (const bool no_admin : {false, true}) {
    CAPTURE(no_admin);
    // Soon an hour is known.
    support::FakeClock clock(60, before_clocks_change() + 20min);
    Installation home(Installation::with_clock(clock));
    home.set_clock(clock);
    support::HomeAssistantOptions options;
    options.no_admin = no_admin;
    HomeAssistant assistant(options);
    home.configure("statistics", "enabled = true");
    home.configure("statistics", "url = \"" + assistant.url() + "\"");
    home.set_environment("EMPORIA_HOMEASSISTANT_TOKEN", no_admin ? HomeAssistant::kToken : "wrong-token-77");
    home.write_configuration();
    auto doctor = home.run({"doctor"});
    CHECK(doctor->wait_for_exit() == 78);
    CHECK(doctor->standard_output().find("failed   statistics") != std::string::npos);
    auto bridge = started(home);
    CHECK(bridge->wait_for_line(no_admin ? "the token must be of an administrator" : "Home Assistant refuses the token",
                                90s));
    CHECK(eventually([&] {
      const auto health = home.broker.retained("emporia/bridge/health")["emporia/bridge/health"];
      return health.find("\"state\":\"failing\"") != std::string::npos;
    }));
    CHECK(bridge->standard_error().find("wrong-token-77") == std::string::npos);
  }
}
