// Groups when the ledger's file is lost: their counters go on from what stands at the broker, as those of devices do.
#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"
#include "json/value.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

constexpr double kFlatWh = 8 + 0.5 * 0.7;
const model::DeviceId kFlat{"group:flat"};
const char* const kFlatState = "emporia/group--flat/state";

/// The oven and half of the lamp, 8.35 Wh a minute.
settings::Settings with_flat() {
  settings::Settings settings = World::some_settings();
  settings.groups = {{"flat", "Flat", {{"A0001", "4", 1, false}, {"B0001", "1", 0.5, false}}, "consumption"}};
  return settings;
}

void panel_and_lamp(World& world) {
  world.service.devices = {panel(), lamp()};
  world.service.states = {model::OutletState{kLamp, true}};
  world.service.energy_wh[kPanel] = {{1, 10.0}, {2, 5.0}, {4, 8.0}};
  world.service.energy_wh[kLamp] = {{1, 0.7}};
}

double energy_kwh(const std::string& state) {
  const auto told = json::parse(state, {100'000, 8});
  REQUIRE_MESSAGE(told.ok(), state);
  const json::Value* value = told.value().find("energy_kwh");
  REQUIRE(value != nullptr);
  REQUIRE_MESSAGE(value->as_double() != nullptr, state);
  return *value->as_double();
}

/// Every value of the group's counter that was published since the last look, in order.
std::vector<double> published_kwh(World& world) {
  std::vector<double> published;
  std::istringstream lines(world.transcript({"emporia/group--flat/state {"}));
  for (std::string line; std::getline(lines, line);) published.push_back(energy_kwh(line.substr(line.find('{'))));
  return published;
}

/// All minutes from `first` to the newest one, once.
void check_exact(World& world, model::UtcSeconds first) {
  const ledger::Counter& counter = world.counters(kFlat).at(ledger::kGroupChannel);
  CHECK(counter.booked_until == world.counters(kPanel).at(4).booked_until);
  const auto minutes = static_cast<double>((counter.booked_until - first) / 1min);
  CHECK(std::abs(counter.positive_wh() - minutes * kFlatWh) < 0.001);
}

}  // namespace

TEST_CASE("a lost ledger: a group goes on from the broker, and what was used meanwhile is counted once") {
  World world(with_flat());
  panel_and_lamp(world);
  world.start();
  world.run_for(2h);
  world.stop();
  const model::UtcSeconds first = world.counters(kFlat).at(ledger::kGroupChannel).booked_from;
  double before_kwh = energy_kwh(world.retained[kFlatState]);
  CHECK(before_kwh > 1);
  world.lose_ledger();
  world.pass(3h);
  world.transcript();
  world.start();
  world.run_for(4h);
  const auto published = published_kwh(world);
  REQUIRE_FALSE(published.empty());
  for (const double kwh : published) {
    CHECK(kwh >= before_kwh);
    before_kwh = kwh;
  }
  check_exact(world, first);
}

TEST_CASE("a group that nothing stands of at the broker begins at zero at once, though its devices go on") {
  World world;
  panel_and_lamp(world);
  world.start();
  world.run_for(1h);
  world.stop();
  world.lose_ledger();
  world.configure(with_flat());
  world.transcript();
  world.start();
  world.run_for(1min);
  const auto published = published_kwh(world);
  REQUIRE_FALSE(published.empty());
  CHECK(published.front() == 0);
  CHECK(world.counters(kPanel).at(4).positive_wh() > 60 * 8);
  world.run_for(30min);
  check_exact(world, world.counters(kFlat).at(ledger::kGroupChannel).booked_from);
}

TEST_CASE("a broker that replays nothing holds neither a group nor its devices for ever") {
  World world(with_flat());
  panel_and_lamp(world);
  world.replays_after.reset();
  world.start();
  world.run_for(1min);
  const auto published = published_kwh(world);
  REQUIRE_FALSE(published.empty());
  CHECK(published.front() == 0);
  world.run_for(30min);
  CHECK(world.counters(kFlat).count(ledger::kGroupChannel) == 1);
}

TEST_CASE("a new group while the ledger knows its devices: an old state of that name at the broker is believed") {
  World world;
  panel_and_lamp(world);
  world.start();
  world.run_for(1h);
  world.stop();
  world.configure(with_flat());
  world.retained[kFlatState] =
      R"({"as_of":"2026-11-23T08:00:00Z","connected":true,"exact_kwh":{},"name":"Flat","direction":"consumption",)"
      R"("power_w":1.0,"energy_kwh":7.0,"import_kwh":7.0,"export_kwh":1.0})";
  world.start();
  world.run_for(30min);
  const ledger::Counter& counter = world.counters(kFlat).at(ledger::kGroupChannel);
  // From what the devices had booked when the group was named.
  CHECK(counter.positive_wh() > 7000);
  CHECK(counter.positive_wh() < 7000 + 45 * kFlatWh);
  CHECK(counter.negative_wh() == 1000);
}
