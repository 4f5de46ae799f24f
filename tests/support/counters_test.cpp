#include "support/counters.hpp"

#include <doctest/doctest.h>

using namespace emporia::support;

TEST_CASE("what is a counter, wherever it stands, and what is none") {
  const std::string state =
      R"({"as_of":"2026-11-23T08:15:00Z","capacity_kwh":13.4,"energy_kwh":1.5,"energy_today_kwh":1,"energy_cycle_kwh":2,)"
      R"("power_w":5,"mains":{"import_kwh":2,"export_kwh":null},"circuits":{"4":{"energy_kwh":0.25}},)"
      R"("exact_kwh":{"mains.import_kwh":1.75}})";
  CHECK(counters_of(state) == Counters{{"circuits.4.energy_kwh", 0.25}, {"energy_kwh", 1.5}, {"mains.import_kwh", 2}});
  CHECK(counters_of(state, true).at("mains.import_kwh") == 1.75);
  CHECK_THROWS(counters_of("[1]"));
  CHECK_THROWS(counters_of("{"));
}

TEST_CASE("a counter that falls is told, with where and how far; others and other devices' are left in peace") {
  RisingCounters law;
  law.hear("emporia/bridge/state", "online");
  law.hear("emporia/A/state", R"({"energy_kwh":2,"energy_today_kwh":2})");
  law.hear("emporia/B/state", R"({"energy_kwh":1})");
  law.hear("emporia/A/state", R"({"energy_kwh":2,"energy_today_kwh":0})");
  law.hear("emporia/A/state", "");
  law.hear("emporia/A/state", R"({"energy_kwh":null})");
  CHECK(law.falls().empty());
  CHECK(law.counters() == 2);
  law.hear("emporia/A/state", R"({"energy_kwh":1.5})");
  REQUIRE(law.falls().size() == 1);
  CHECK(law.falls().front() == "emporia/A/state energy_kwh fell from 2.000000 to 1.500000");
}
