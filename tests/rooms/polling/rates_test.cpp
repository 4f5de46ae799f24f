#include "polling/rates.hpp"

#include <doctest/doctest.h>
#include <random>
#include <string>

using namespace emporia::polling;
using namespace std::chrono_literals;

namespace {

using Rounds = std::array<unsigned, kPollKinds>;

/// Seconds by kind in the order inventory, usage, outlets, chargers, batteries, meters; - where nothing is asked.
std::string text_of(const Intervals& intervals) {
  std::string text;
  for (const auto& interval : intervals) {
    text += (text.empty() ? "" : " ") + (interval ? std::to_string(interval->count()) : "-");
  }
  return text;
}

double calls_per_hour(const Intervals& intervals, const Rounds& rounds) {
  double sum = 0;
  for (std::size_t i = 0; i < kPollKinds; ++i) {
    if (intervals[i]) sum += 3600.0 / static_cast<double>(intervals[i]->count()) * rounds[i];
  }
  return sum;
}

}  // namespace

TEST_CASE("the calls of an hour are shared by weight") {
  const struct {
    const char* what;
    unsigned budget;
    Rounds rounds;
    Intervals configured;
    const char* intervals;
  } cases[] = {
      // 2 to 4: 26 and 52 calls an hour.
      {"a single monitor", 78, {1, 1, 0, 0, 0, 0}, {}, "139 70 - - - -"},
      // A sixth of a call goes to the meter's address; 77.8 to 2 : 4 : 2 : 2 : 2.
      {"a typical home", 78, {1, 1, 1, 1, 1, 1}, {}, "278 139 278 278 278 21600"},
      {"an account without devices", 78, {1, 0, 0, 0, 0, 0}, {}, "60 - - - - -"},
      // 2 : 4 : 2, 19.5, 39 and 19.5 calls an hour.
      {"outlets only", 78, {1, 1, 1, 0, 0, 0}, {}, "185 93 185 - - -"},
      // Usage not more often than once a minute, however large the budget; the rest goes to the others, down to their
      // floors.
      {"a large budget", 1000, {1, 1, 1, 1, 1, 0}, {}, "60 60 30 30 30 -"},
      // 60 calls of usage; the other 40 are halved.
      {"usage at its floor leaves the rest", 140, {1, 1, 1, 0, 0, 0}, {}, "90 60 90 - - -"},
      {"a person's wish comes off first",
       78,
       {1, 1, 1, 0, 0, 0},
       {std::nullopt, 120s, std::nullopt},
       "150 120 150 - - -"},
      {"all by wish", 78, {1, 1, 0, 0, 0, 0}, {1800s, 300s}, "1800 300 - - - -"},
      {"a wish above the budget leaves the others the least",
       78,
       {1, 1, 1, 0, 0, 0},
       {std::nullopt, 30s},
       "3600 30 3600 - - -"},
      {"a tiny budget: each once an hour at least", 1, {1, 1, 1, 1, 1, 1}, {}, "3600 3600 3600 3600 3600 21600"},
      {"no budget", 0, {1, 1, 0, 0, 0, 0}, {}, "3600 3600 - - - -"},
      // Three calls a round of usage: 52 calls are 17.3 rounds.
      {"a fleet of monitors", 78, {1, 3, 0, 0, 0, 0}, {}, "139 208 - - - -"},
      // 100 calls a round: forced to once an hour, beyond the budget. Nothing else may stand at its floor then.
      {"a fleet beyond the budget", 78, {1, 100, 0, 0, 0, 0}, {}, "3600 3600 - - - -"},
  };
  for (const auto& row : cases) {
    CHECK_MESSAGE(text_of(share_calls({row.budget, row.rounds, row.configured})) == row.intervals, row.what);
  }
}

TEST_CASE("the sum never exceeds the budget while any automatic kind could still be slower") {
  std::mt19937 dice(11);
  const auto roll = [&dice](unsigned sides) { return static_cast<unsigned>(dice() % sides); };
  for (int i = 0; i < 20'000; ++i) {
    Demand demand;
    demand.calls_per_hour = roll(300);
    for (std::size_t kind = 0; kind < kPollKinds; ++kind)
      demand.calls_per_round[kind] = roll(3) == 0 ? roll(40) : roll(2);
    for (std::size_t kind = 0; kind < kPollKinds; ++kind) {
      if (roll(6) == 0) demand.configured[kind] = std::chrono::seconds{30 + roll(4000)};
    }
    const Intervals intervals = share_calls(demand);
    bool could_be_slower = false;
    for (std::size_t kind = 0; kind < kPollKinds; ++kind) {
      CHECK(intervals[kind].has_value() == (demand.calls_per_round[kind] > 0));
      if (!intervals[kind]) continue;
      if (demand.configured[kind]) {
        CHECK(*intervals[kind] == *demand.configured[kind]);
      } else if (static_cast<PollKind>(kind) != PollKind::utility_connects) {
        CHECK(*intervals[kind] <= 3600s);
        CHECK(*intervals[kind] >= (kind < 2 ? 60s : 30s));
        could_be_slower = could_be_slower || *intervals[kind] < 3600s;
      }
    }
    if (could_be_slower) {
      CHECK_MESSAGE(calls_per_hour(intervals, demand.calls_per_round) <= demand.calls_per_hour + 1e-9, "case ", i, ": ",
                    text_of(intervals), " of ", demand.calls_per_hour);
    }
  }
}

TEST_CASE("kinds have the words of bridge/health") {
  const char* const words[] = {"inventory", "usage", "outlets", "ev_chargers", "batteries", "utility_connects"};
  for (std::size_t i = 0; i < kPollKinds; ++i) CHECK(std::string(word(static_cast<PollKind>(i))) == words[i]);
}
