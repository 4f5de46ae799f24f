// What a statistic is called, and when two hours are the same.
#include "statistics/series.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace emporia;
using namespace emporia::statistics;

TEST_CASE("an id follows from the entity's and is one that Home Assistant takes") {
  CHECK(statistic_id("emporia_A0001_mains_import") == "emporia:a0001_mains_import");
  CHECK(statistic_id("emporia_B0001_energy") == "emporia:b0001_energy");
  CHECK(statistic_id("emporia_A0001_4_energy") == "emporia:a0001_4_energy");
  // What cannot be in an id, and so could make two the same, leaves a trace.
  std::set<std::string> ids;
  for (const char* text :
       {"emporia_a-2db_energy", "emporia_a_2db_energy", "emporia_a--2db_energy", "emporia_group-3aup_energy",
        "emporia__a", "emporia_a_", "emporia_\xC3\xA4", "emporia_", "", "other_a"}) {
    CAPTURE(text);
    const std::string id = statistic_id(text);
    CHECK(ids.insert(id).second);
    REQUIRE(id.rfind("emporia:", 0) == 0);
    const std::string slug = id.substr(8);
    CHECK_FALSE(slug.empty());
    CHECK(slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos);
    CHECK(slug.find("__") == std::string::npos);
    CHECK(slug.front() != '_');
    CHECK(slug.back() != '_');
  }
  CHECK(statistic_id(std::string(1000, 'a')).size() <= 255);
  CHECK(statistic_id(std::string(1000, 'a')) != statistic_id(std::string(1001, 'a')));
}

TEST_CASE("the first hour that is missing or tells something else") {
  const model::UtcSeconds start = std::chrono::sys_days{std::chrono::year{2026} / 3 / 8};
  const auto hour = [start](int number) { return start + std::chrono::hours{number}; };
  Value known;
  known.energy = 1'234'567'890;
  Hours hours;
  HeldHours held;
  for (int i = 0; i < 4; ++i) {
    hours[hour(i)] = known;
    // The sum is not looked at.
    held[hour(i)] = {1.23456789, 1000.0 * i, {}};
  }
  CHECK_FALSE(first_difference(Kind::energy, hours, held));
  held.erase(hour(3));
  CHECK(first_difference(Kind::energy, hours, held) == hour(3));
  held[hour(1)].state_kwh += 2e-6;
  CHECK(first_difference(Kind::energy, hours, held) == hour(1));
  CHECK_FALSE(first_difference(Kind::energy, {}, held));
  hours = {{hour(0), {0, {100, 50, 200}}}};
  held = {{hour(0), {0, 0, {100, 50, 200}}}};
  CHECK_FALSE(first_difference(Kind::power, hours, held));
  held[hour(0)].power.max_w = 201;
  CHECK(first_difference(Kind::power, hours, held) == hour(0));
}
