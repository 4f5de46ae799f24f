// The ledger's file is lost or set aside: counters go on from what stands at the broker.
#include <cmath>
#include <doctest/doctest.h>
#include <sstream>

#include "bridge/sample_home.hpp"
#include "runtime/time_text.hpp"
#include "support/counters.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

using model::UtcSeconds;

constexpr double kOvenWh = 8;
constexpr double kLampWh = 0.7;

/// The panel and the lamp, each with the same energy in every minute, in whatever scale it is told.
void steady(World& world) {
  only_panel(world);
  world.service.devices.push_back(lamp());
  world.service.states = {model::OutletState{kLamp, true}};
  world.service.energy_wh[kLamp] = {{1, kLampWh}};
  const auto loads = world.service.energy_wh;
  world.service.bucket_wh = [loads](model::Channel channel, UtcSeconds start, model::Scale scale, UtcSeconds now) {
    // The service has forgotten minutes that are older than a week.
    if (scale == model::Scale::minutes && now - start > 7 * 24h) return model::kMissing;
    const auto& load = channel == 1 && loads.count(kPanel) == 0 ? loads.at(kLamp) : loads.at(kPanel);
    return load.at(channel) * static_cast<double>(model::bucket_length(scale) / 1min);
  };
}

/// As steady(), with the lamp alone.
void steady_lamp(World& world) {
  only_lamp(world);
  world.service.bucket_wh = [](model::Channel, UtcSeconds start, model::Scale scale, UtcSeconds now) {
    if (scale == model::Scale::minutes && now - start > 7 * 24h) return model::kMissing;
    return kLampWh * static_cast<double>(model::bucket_length(scale) / 1min);
  };
}

/// All values of a key, in order.
std::vector<double> values_of(const std::string& state, const std::string& key) {
  std::vector<double> values;
  const std::string name = "\"" + key + "\":";
  for (auto at = state.find(name); at != std::string::npos; at = state.find(name, at + 1)) {
    values.push_back(std::stod(state.substr(at + name.size())));
  }
  return values;
}

double energy_kwh(const std::string& state) {
  const auto values = values_of(state, "energy_kwh");
  REQUIRE_MESSAGE(values.size() == 1, state);
  return values.front();
}

/// Every state of the lamp that was published, in order, since the last look.
std::vector<std::string> published(World& world) {
  std::vector<std::string> states;
  std::istringstream lines(world.transcript({"emporia/B0001/state {"}));
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find('{');
    states.push_back(line.substr(begin, line.rfind('}') + 1 - begin));
  }
  return states;
}

void check_never_falls(const std::vector<std::string>& states, double from_kwh) {
  REQUIRE_FALSE(states.empty());
  CHECK(energy_kwh(states.front()) >= from_kwh);
  support::RisingCounters law;
  for (const std::string& state : states) law.hear("emporia/B0001/state", state);
  for (const std::string& fall : law.falls()) CHECK_MESSAGE(false, fall);
  CHECK(law.counters() == 1);
}

/// The lamp has burnt in every minute from 08:15 on the first day, wherever the counting had been interrupted.
void check_lamp_is_exact(World& world) {
  const ledger::Counter& counter = world.counters(kLamp).at(1);
  const UtcSeconds first = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 8h + 15min;
  const auto minutes = static_cast<double>((counter.booked_until - first) / 1min);
  CHECK(std::fabs(counter.positive_wh() - minutes * kLampWh) < 0.001);
  CHECK(std::fabs(energy_kwh(world.retained["emporia/B0001/state"]) - minutes * kLampWh / 1000) < 1e-6);
  CHECK(world.now().system - counter.booked_until < 40min);
}

std::string lamp_state(const std::string& as_of, const std::string& energy_kwh) {
  return R"({"as_of":")" + as_of + R"(","connected":true,"exact_kwh":{},"on":true,"power_w":42.0,"energy_kwh":)" +
         energy_kwh + "}";
}

/// A start without a ledger, with this at the broker for the lamp.
void start_with(World& world, const std::string& state) {
  steady_lamp(world);
  world.retained["emporia/B0001/state"] = state;
  world.start();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a lost ledger: what was shown goes on, and what was used meanwhile is counted once") {
  for (const std::chrono::minutes away : {0min, 7min, 320min, 2 * 1440min, 6 * 1440min}) {
    CAPTURE(away.count());
    World world;
    steady_lamp(world);
    world.start();
    world.run_for(2h);
    world.stop();
    const double before_kwh = energy_kwh(world.retained["emporia/B0001/state"]);
    world.lose_ledger();
    world.pass(away);
    world.transcript();
    world.start();
    world.run_for(4h);
    check_never_falls(published(world), before_kwh);
    check_lamp_is_exact(world);
  }
}

TEST_CASE("a lost ledger and three weeks away: minutes that are forgotten are made up by quarter hours, none twice") {
  World world;
  steady_lamp(world);
  world.start();
  world.run_for(2h);
  world.stop();
  world.lose_ledger();
  world.pass(21 * 24h);
  world.start();
  world.run_for(30h);
  const ledger::Counter& counter = world.counters(kLamp).at(1);
  const UtcSeconds first = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 8h + 15min;
  const double all_wh = static_cast<double>((counter.booked_until - first) / 1min) * kLampWh;
  // The quarter hour in which the old counter ended is known as a whole only, and a part of it is counted already.
  CHECK(counter.positive_wh() <= all_wh + 0.001);
  CHECK(counter.positive_wh() > all_wh - 15 * kLampWh);
}

TEST_CASE("every counter of a monitor goes on, with mains, legs and balance") {
  World world;
  steady(world);
  world.start();
  world.run_for(3h);
  world.stop();
  const UtcSeconds first = world.counters(kPanel).at(4).booked_from;
  const std::string shown = world.retained["emporia/A0001/state"];
  world.lose_ledger();
  world.transcript();
  world.start();
  world.run_for(5h);
  // The first that is said again is what was said last, but for the power, which is not known yet.
  std::istringstream lines(world.transcript({"emporia/A0001/state {"}));
  std::string said;
  REQUIRE(std::getline(lines, said));
  for (const char* key : {"import_kwh", "export_kwh", "energy_kwh"}) {
    CAPTURE(key);
    CHECK(values_of(said, key) == values_of(shown, key));
    CHECK(values_of(said, key).size() >= 2);
  }
  const ledger::Counters& counters = world.counters(kPanel);
  const auto minutes = static_cast<double>((counters.at(4).booked_until - first) / 1min);
  const std::map<model::Channel, double> loads_wh{
      {1, 10}, {2, 5}, {4, kOvenWh}, {model::kMergedMains, 15}, {model::kBalance, 7}};
  for (const auto& [channel, load_wh] : loads_wh)
    CHECK(counters.at(channel).net_wh() == doctest::Approx(minutes * load_wh));
}

TEST_CASE("the next start finds them in the ledger and asks the broker nothing") {
  World world;
  steady_lamp(world);
  world.start();
  world.run_for(2h);
  world.stop();
  world.lose_ledger();
  world.start();
  world.run_for(10min);
  CHECK(contains(world.transcript({"subscribe"}), "subscribe emporia/B0001/state"));
  world.stop();
  // What anybody writes there since is of no consequence.
  world.retained["emporia/B0001/state"] = lamp_state("2026-11-23T10:00:00Z", "900.0");
  world.start();
  world.run_for(10min);
  CHECK_FALSE(contains(world.transcript({"subscribe"}), "subscribe emporia/B0001/state"));
  check_lamp_is_exact(world);
}

TEST_CASE("nothing at the broker: the first picture is there at once, with counters at zero") {
  World world;
  steady_lamp(world);
  world.start();
  // Two answers of the service, 200 ms each, and three of the broker.
  world.run_for(1s);
  CHECK(energy_kwh(published(world).front()) == 0);
  CHECK(world.counters(kLamp).at(1).positive_wh() == doctest::Approx(15 * kLampWh));
}

TEST_CASE("a slow broker: the device waits for what stands there, the rest goes on") {
  World world;
  steady(world);
  start_with(world, "");
  world.stop();
  world.retained["emporia/B0001/state"] = lamp_state("2026-11-23T08:29:00Z", "12.5");
  world.lose_ledger();
  world.replays_after = 4s;
  world.transcript();
  world.start();
  world.run_for(7s);
  // Asked for at once, alone and then with the state: nothing is said before.
  CHECK(published(world).empty());
  world.run_for(1min);
  check_never_falls(published(world), 12.5);
  CHECK(world.counters(kLamp).at(1).positive_wh() == doctest::Approx(12500 + kLampWh));
}

TEST_CASE("a broker that replays nothing: after a limit the counters begin at zero") {
  World world;
  world.replays_after.reset();
  start_with(world, lamp_state("2026-11-23T08:29:00Z", "12.5"));
  world.run_for(9s);
  CHECK(published(world).empty());
  world.run_for(5s);
  CHECK(energy_kwh(published(world).front()) == 0);
  CHECK(world.counters(kLamp).at(1).positive_wh() == doctest::Approx(15 * kLampWh));
}

TEST_CASE("an answer that comes after the limit is not taken for the one to a later question") {
  World world;
  world.replays_after = 7s;
  start_with(world, lamp_state("2026-11-23T08:29:00Z", "12.5"));
  world.run_for(9s);
  // The own topic has come back, for the question at the start, and the state has been asked for after 5 s only.
  CHECK(published(world).empty());
  CHECK(world.counters(kLamp).empty());
}

TEST_CASE("the link breaks before the answer: it is asked for again") {
  World world;
  world.replays_after.reset();
  start_with(world, lamp_state("2026-11-23T08:29:00Z", "12.5"));
  world.run_for(3s);
  world.broker_goes();
  world.run_for(1min);
  world.replays_after = 1ms;
  world.broker_returns(false);
  world.run_for(5min);
  check_never_falls(published(world), 12.5);
  const UtcSeconds counted = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 8h + 29min;
  const ledger::Counter& counter = world.counters(kLamp).at(1);
  const auto minutes = static_cast<double>((counter.booked_until - counted) / 1min);
  CHECK(minutes >= 1);
  CHECK(counter.positive_wh() == doctest::Approx(12500 + minutes * kLampWh));
}

TEST_CASE("no broker for a day after the loss: settings are read, nothing is booked, and then all of it is") {
  World world;
  steady_lamp(world);
  world.start();
  world.run_for(2h);
  world.stop();
  const double before_kwh = energy_kwh(world.retained["emporia/B0001/state"]);
  world.lose_ledger();
  world.transcript();
  world.broker_goes();
  world.start();
  world.run_for(24h);
  const std::string calls = world.transcript({"call"});
  CHECK(contains(calls, "ListOutlets B0001"));
  CHECK_FALSE(contains(calls, "GetUsageData"));
  CHECK(world.counters(kLamp).empty());
  world.broker_returns(false);
  world.run_for(4h);
  check_never_falls(published(world), before_kwh);
  check_lamp_is_exact(world);
}

TEST_CASE("what cannot be believed is not taken over") {
  for (const std::string& state : {
           std::string("online"),
           std::string("{}"),
           std::string(R"({"as_of":null,"connected":true,"exact_kwh":{},"on":true,"power_w":null,"energy_kwh":0.0})"),
           lamp_state("2026-11-23T08:29:00Z", "-5"),
           lamp_state("2026-11-23T08:29:00Z", "NaN"),
           lamp_state("2026-11-23T08:29:00Z", "1e300"),
           lamp_state("2026-11-23T08:29:00Z", "null"),
           lamp_state("2026-11-25T09:00:00Z", "12.5"),
           lamp_state("9999-11-23T08:29:00Z", "12.5"),
       }) {
    CAPTURE(state);
    World world;
    start_with(world, state);
    world.run_for(10s);
    CHECK(energy_kwh(published(world).front()) == 0);
    CHECK(world.counters(kLamp).at(1).positive_wh() == doctest::Approx(15 * kLampWh));
  }
}

TEST_CASE("what stands there for years is right in its sum, and the year that can still be read is added") {
  World world;
  start_with(world, lamp_state("2021-01-01T00:00:00Z", "12.5"));
  world.run_for(24h);
  check_never_falls(published(world), 12.5);
  const double day_wh = 1440 * kLampWh;
  CHECK(world.counters(kLamp).at(1).positive_wh() > 12500 + 400 * day_wh);
  CHECK(world.counters(kLamp).at(1).positive_wh() <= 12500 + 401 * day_wh);
}

TEST_CASE("a fleet is asked for a few at a time, and a device that comes later is asked for as well") {
  World world;
  const auto id = [](int i) { return model::DeviceId("B" + std::to_string(1000 + i)); };
  const auto add = [&](int i) {
    model::Device device = lamp();
    device.id = id(i);
    world.service.devices.push_back(device);
    world.service.energy_wh[device.id] = {{1, kLampWh}};
    world.retained["emporia/" + device.id.text() + "/state"] = lamp_state("2026-11-23T08:30:00Z", std::to_string(i));
  };
  for (int i = 1; i <= 120; ++i) add(i);
  world.start();
  world.run_for(2s);
  for (int i = 1; i <= 120; ++i) CHECK(world.counters(id(i)).at(1).positive == std::int64_t{i} * 1'000'000'000);
  const std::string asked = world.transcript({"subscribe emporia/bridge/info"});
  CHECK(std::count(asked.begin(), asked.end(), '\n') == 5);  // at the start, alone, and with 50, 50 and 20 devices
  add(121);
  world.run_for(10min);
  CHECK(world.counters(id(121)).at(1).positive >= 121'000'000'000);
  CHECK(contains(world.retained["emporia/B1121/state"], R"("energy_kwh":121.)"));
}

TEST_CASE("counters that cannot be stored wait for room on the disk, and health says so") {
  World world;
  world.disk_full = true;
  start_with(world, lamp_state("2026-11-23T08:29:00Z", "12.5"));
  world.run_for(2min);
  CHECK(published(world).empty());
  CHECK(contains(world.retained["emporia/bridge/health"], R"("ledger":{"ok":false,"error":"the disk is full")"));
  world.disk_full = false;
  world.run_for(2min);
  check_never_falls(published(world), 12.5);
  CHECK(world.counters(kLamp).at(1).positive_wh() >= 12500 + kLampWh);
  CHECK(contains(world.retained["emporia/bridge/health"], R"("ledger":{"ok":true)"));
}
