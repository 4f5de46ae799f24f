// Today's and this cycle's energy through the whole bridge: a lamp of 42 W, 0.7 Wh a minute, in New York.
#include "app/periods.hpp"

#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"
#include "json/value.hpp"
#include "runtime/time_text.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

constexpr double kKwhAMinute = 0.0007;

/// What a state says of a period: since when, and how much.
struct Told {
  std::string as_of;
  std::string since;
  double kwh = 0;
};

std::string text_in(const json::Value& state, const char* key) {
  const json::Value* value = state.find(key);
  REQUIRE(value != nullptr);
  return value->as_string() == nullptr ? "" : *value->as_string();
}

double number_in(const json::Value& state, const char* key) {
  const json::Value* value = state.find(key);
  REQUIRE(value != nullptr);
  return value->as_double() == nullptr ? -1 : *value->as_double();
}

/// What was published of a period since the last look; what says nothing of it has no since.
std::vector<Told> told_of(const std::string& transcript, const std::string& period) {
  std::vector<Told> told;
  std::istringstream lines(transcript);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("/state {");
    if (at == std::string::npos) continue;
    const auto state = json::parse(line.substr(at + 7), {100'000, 8});
    REQUIRE(state.ok());
    told.push_back({text_in(state.value(), "as_of"), text_in(state.value(), (period + "_since").c_str()),
                    number_in(state.value(), ("energy_" + period + "_kwh").c_str())});
  }
  return told;
}

/// "since last-value; ..." of every period, in order.
std::string last_values(const std::vector<Told>& told) {
  std::string values;
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (told[i].since.empty()) continue;
    if (i + 1 < told.size() && told[i + 1].since == told[i].since) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%s %.4f", told[i].since.c_str(), told[i].kwh);
    values += values.empty() ? text : std::string("; ") + text;
  }
  return values;
}

long minutes_between(const std::string& from, const std::string& until) {
  return std::chrono::duration_cast<std::chrono::minutes>(*runtime::parse_iso8601(until) -
                                                          *runtime::parse_iso8601(from))
      .count();
}

/// While a period lasts, what is told of it is its minutes up to the newest one; when it is over, all of its minutes.
void check_minutes(const std::vector<Told>& told) {
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (told[i].since.empty()) continue;
    CAPTURE(told[i].as_of);
    CAPTURE(told[i].since);
    std::string until = told[i].as_of;
    if (i + 1 < told.size() && told[i + 1].since > told[i].since) until = std::min(until, told[i + 1].since);
    CHECK(std::abs(told[i].kwh - static_cast<double>(minutes_between(told[i].since, until)) * kKwhAMinute) < 1e-6);
  }
}

/// A lamp whose cycle begins on the 15th, from nine o'clock in UTC some days after 2026-11-23 on.
void lamp_from(World& world, int days) {
  only_lamp(world);
  world.service.devices[0].billing_cycle_start_day = 15;
  world.pass(days * 24h);
  world.start();
}

json::Value state_now(World& world) {
  const auto state = json::parse(world.retained["emporia/B0001/state"], {100'000, 8});
  REQUIRE(state.ok());
  return state.value();
}

}  // namespace

TEST_CASE(
    "the day on which clocks are set forward has 23 hours, and its last minutes are told before the next begins") {
  World world;
  lamp_from(world, 110);  // Saturday, 2027-03-13
  world.run_for(67h + 45min);
  const std::string transcript = world.transcript({"B0001/state"});
  const auto days = told_of(transcript, "today");
  // 1245 minutes from the first booking to midnight, 23 hours, a day, and what follows it.
  const std::string days_kwh =
      "2027-03-13T08:15:00Z 0.8715; 2027-03-14T05:00:00Z 0.9660; 2027-03-15T04:00:00Z 1.0080; 2027-03-16T04:00:00Z";
  CHECK(last_values(days).substr(0, days_kwh.size()) == days_kwh);
  check_minutes(days);
  const auto cycles = told_of(transcript, "cycle");
  const std::string cycles_kwh = "2027-03-13T08:15:00Z 1.8375; 2027-03-15T04:00:00Z";
  CHECK(last_values(cycles).substr(0, cycles_kwh.size()) == cycles_kwh);
  check_minutes(cycles);
}

TEST_CASE("the day on which clocks are set back has 25 hours") {
  // Read every 17 minutes, so that no booking ends at midnight.
  settings::Settings settings = World::some_settings();
  settings.polling.usage_interval_s = 17 * 60;
  World world(settings);
  lamp_from(world, 348);  // Saturday, 2027-11-06
  world.run_for(73h);
  const std::string transcript = world.transcript({"B0001/state"});
  const auto days = told_of(transcript, "today");
  const std::string days_kwh =
      "2027-11-06T08:15:00Z 0.8295; 2027-11-07T04:00:00Z 1.0500; 2027-11-08T05:00:00Z 1.0080; 2027-11-09T05:00:00Z";
  CHECK(last_values(days).substr(0, days_kwh.size()) == days_kwh);
  check_minutes(days);
  check_minutes(told_of(transcript, "cycle"));
}

TEST_CASE("with the broker away over midnight both days are told when it is back") {
  World world;
  lamp_from(world, 0);
  world.run_for(19h);
  world.broker_goes();
  world.run_for(3h);
  world.transcript();
  world.broker_returns(false);
  world.run_for(10min);
  const auto days = told_of(world.transcript({"B0001/state"}), "today");
  check_minutes(days);
  const std::string days_kwh = "2026-11-23T08:15:00Z 0.8715; 2026-11-24T05:00:00Z";
  CHECK(last_values(days).substr(0, days_kwh.size()) == days_kwh);
}

TEST_CASE("a restart goes on with the day and the cycle") {
  World world;
  lamp_from(world, 0);
  world.run_for(21h);
  world.stop();
  world.pass(2h);
  world.start();
  world.run_for(30min);
  const json::Value state = state_now(world);
  CHECK(text_in(state, "today_since") == "2026-11-24T05:00:00Z");
  CHECK(text_in(state, "cycle_since") == "2026-11-23T08:15:00Z");
  const long minutes = minutes_between(text_in(state, "today_since"), text_in(state, "as_of"));
  CHECK(minutes > 150);
  CHECK(std::abs(number_in(state, "energy_today_kwh") - static_cast<double>(minutes) * kKwhAMinute) < 1e-6);
}

TEST_CASE("a day that ended two hours ago without news is no today; when news come it is told rightly") {
  World world;
  lamp_from(world, 0);
  world.run_for(15h);
  world.service.failure = partner::PartnerError{partner::PartnerError::Kind::try_later, "away", false};
  world.run_for(6h + 58min);  // 06:58, midnight was at five
  CHECK(text_in(state_now(world), "today_since") == "2026-11-23T08:15:00Z");
  CHECK(number_in(state_now(world), "energy_today_kwh") > 0.6);
  world.run_for(4min);
  CHECK(text_in(state_now(world), "today_since").empty());
  CHECK(state_now(world).find("energy_today_kwh")->is_null());
  // The cycle goes on: what is known of it is not outdated.
  CHECK(text_in(state_now(world), "cycle_since") == "2026-11-23T08:15:00Z");
  CHECK(number_in(state_now(world), "energy_kwh") > 0.6);
  world.service.failure.reset();
  world.run_for(2h);
  const json::Value state = state_now(world);
  CHECK(text_in(state, "today_since") == "2026-11-24T05:00:00Z");
  const long minutes = minutes_between("2026-11-24T05:00:00Z", text_in(state, "as_of"));
  CHECK(minutes > 180);
  CHECK(std::abs(number_in(state, "energy_today_kwh") - static_cast<double>(minutes) * kKwhAMinute) < 1e-6);
}

TEST_CASE("how long a day without news is still today follows the settings in force") {
  World world;
  lamp_from(world, 0);
  world.run_for(15h);
  world.service.failure = partner::PartnerError{partner::PartnerError::Kind::try_later, "away", false};
  world.run_for(6h);  // 06:00, midnight was at five
  CHECK_FALSE(text_in(state_now(world), "today_since").empty());
  settings::Settings settings = World::some_settings();
  settings.polling.stale_after_minutes = 35;
  world.reload(settings);
  world.run_for(2min);
  CHECK(text_in(state_now(world), "today_since").empty());
}

TEST_CASE("a time zone or a billing day that is set later holds at once, for what was booked before as well") {
  World world;
  only_lamp(world);
  world.service.devices[0].timezone = "UTC";
  world.start();
  world.run_for(4 * 24h);
  CHECK(text_in(state_now(world), "today_since") == "2026-11-27T00:00:00Z");
  world.service.devices[0].timezone = "America/St_Johns";
  world.run_for(10min);
  json::Value state = state_now(world);
  CHECK(text_in(state, "today_since") == "2026-11-27T03:30:00Z");
  const auto check_energy = [&](const char* since, const char* key) {
    const long minutes = minutes_between(text_in(state, since), text_in(state, "as_of"));
    CHECK(std::abs(number_in(state, key) - static_cast<double>(minutes) * kKwhAMinute) < 1e-6);
  };
  check_energy("today_since", "energy_today_kwh");
  world.service.devices[0].billing_cycle_start_day = 25;
  world.run_for(10min);
  state = state_now(world);
  CHECK(text_in(state, "cycle_since") == "2026-11-25T03:30:00Z");
  check_energy("cycle_since", "energy_cycle_kwh");
}

TEST_CASE("who is left on UTC, or in a zone nobody knows, is told once") {
  ledger::Store store(":memory:");
  const settings::Polling polling;
  app::Periods periods(store, polling);
  model::Device here = lamp();
  model::Device on_utc = panel();
  on_utc.timezone = "UTC";
  CHECK(periods.meet({here}).empty());
  CHECK(
      periods.meet({here, on_utc}) ==
      std::vector<std::string>{"Panel is left on the time zone UTC: today's and this cycle's energy begin at midnight "
                               "UTC; set the time zone in the Emporia app"});
  CHECK(periods.meet({here, on_utc}).empty());
  std::vector<model::Device> many;
  for (int i = 1; i <= 8; ++i) {
    model::Device device = panel();
    device.id = model::DeviceId("U" + std::to_string(i));
    device.name = i == 1 ? "" : "Vue " + std::to_string(i);
    device.timezone = i < 8 ? "" : "Mars/Olympus";
    many.push_back(device);
  }
  CHECK(
      periods.meet(many) ==
      std::vector<std::string>{
          "U1, Vue 2, Vue 3, Vue 4, Vue 5 and 2 more are left on the time zone UTC: today's and this cycle's energy "
          "begin at midnight UTC; set the time zone in the Emporia app",
          "Vue 8 is in the time zone \"Mars/Olympus\", which is not known here: today's and this cycle's energy begin "
          "at midnight UTC; set another one in the Emporia app, or install a newer tzdata and start again"});
}
