// What Home Assistant was seen to make of a counter's states: the model of it must make the same.
#include "bridge/statistics.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace emporia;
using namespace emporia::tests;

TEST_CASE("Home Assistant's statistics of a total_increasing sensor") {
  using State = std::optional<double>;
  struct Case {
    const char* what;
    std::vector<State> states;
    double sum;
    unsigned resets;
  };
  const std::vector<Case> cases{
      {"a counter that grows", {0.0, 0.5}, 0.5, 0},
      {"the first number is the zero point", {1234.5}, 0, 0},
      {"also after unknown", {State(), 1234.5}, 0, 0},
      {"a zero first: all of what follows counts", {0.0, 1234.5}, 1234.5, 0},
      {"a glitch to zero counts everything again", {500.0, 0.0, 500.5}, 500.5, 1},
      {"unavailable in between is passed over", {10.0, State(), 12.0}, 2, 0},
      {"a fall of a tenth or less is taken off", {100.0, 95.0, 96.0}, -4, 0},
      {"a negative number is passed over", {5.0, -1.0, 6.0}, 1, 0},
  };
  const model::UtcSeconds start{std::chrono::hours{490'000}};
  for (const Case& c : cases) {
    Statistics statistics;
    auto at = start;
    for (const State& state : c.states) statistics.record(state, at += std::chrono::minutes{1});
    CHECK_MESSAGE(statistics.sum() == doctest::Approx(c.sum), c.what);
    CHECK_MESSAGE(statistics.resets() == c.resets, c.what);
  }
}

TEST_CASE("a backlog lands in the five minutes and the hour in which it comes") {
  Statistics statistics;
  const model::UtcSeconds hour{std::chrono::hours{490'000}};
  using namespace std::chrono_literals;
  statistics.record(1.0, hour + 2min);
  statistics.record(std::nullopt, hour + 3min);
  statistics.record(31.0, hour + 3h + 7min);
  statistics.record(31.5, hour + 3h + 59min);
  using Rows = std::map<model::UtcSeconds, double>;
  CHECK(statistics.five_minutes() == Rows{{hour, 0.0}, {hour + 3h + 5min, 30.0}, {hour + 3h + 55min, 0.5}});
  CHECK(statistics.hours() == Rows{{hour, 0.0}, {hour + 3h, 30.5}});
}
