#include "ledger/derived.hpp"

#include <doctest/doctest.h>
#include <sstream>

#include "ledger/account.hpp"
#include "rooms/ledger/usages.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

struct Step {
  int first;
  std::map<model::Channel, std::vector<double>> channels;
  /// "+7 -0 2 | +3 -1 2": exact sums and booked minutes of merged mains, then of the balance; "none" for no counter.
  const char* after;
};

std::string text_of(const Account& account, const std::map<model::UtcSeconds, Hour>& hours) {
  std::ostringstream text;
  for (const model::Channel channel : {model::kMergedMains, model::kBalance}) {
    text << (channel == model::kBalance ? " | " : "");
    const auto counter = account.counters.find(channel);
    if (counter == account.counters.end()) {
      text << "none";
      continue;
    }
    unsigned minutes = 0;
    for (const auto& [start, hour] : hours) {
      if (const auto found = hour.channels.find(channel); found != hour.channels.end())
        minutes += count_of(found->second.booked);
    }
    text << "+" << counter->second.positive_wh() << " -" << counter->second.negative_wh() << " " << minutes;
  }
  return text.str();
}

}  // namespace

TEST_CASE("merged mains and balance follow what is booked of their channels") {
  constexpr int kDay = 24 * 60;
  const struct {
    const char* what;
    std::vector<Step> steps;
  } cases[] = {
      {"two legs and a circuit", {{0, {{1, {5, 6}}, {2, {2, 3}}, {4, {1, 2}}}, "+16 -0 2 | +13 -0 2"}}},
      {"each minute has its sign", {{0, {{1, {5, -6}}, {2, {2, -1}}, {4, {9, -9}}}, "+7 -7 2 | +2 -2 2"}}},
      {"a leg that is not fitted is not waited for",
       {{0, {{1, {5}}, {2, {kNone}}, {3, {kNone}}}, "+5 -0 1 | +5 -0 1"}}},
      {"a leg that comes later completes the minute",
       {{0, {{1, {5, 6}}, {2, {2, kNone}}}, "+7 -0 1 | +7 -0 1"}, {1, {{2, {3}}}, "+16 -0 2 | +16 -0 2"}}},
      {"a leg left out of a reply altogether",
       {{0, {{1, {5}}, {2, {2}}}, "+7 -0 1 | +7 -0 1"},
        {1, {{1, {5}}}, "+7 -0 1 | +7 -0 1"},
        {1, {{2, {3}}}, "+15 -0 2 | +15 -0 2"}}},
      {"a missing circuit keeps the balance waiting, not the mains",
       {{0, {{1, {5, 6}}, {4, {1, kNone}}}, "+11 -0 2 | +4 -0 1"}, {1, {{4, {2}}}, "+11 -0 2 | +8 -0 2"}}},
      {"a revised leg and a revised circuit",
       {{0, {{1, {5}}, {2, {2}}, {4, {1}}}, "+7 -0 1 | +6 -0 1"},
        {0, {{1, {4}}}, "+6 -0 1 | +5 -0 1"},
        {0, {{4, {9}}}, "+6 -0 1 | +0 -3 1"}}},
      {"a leg that was unknown when the minute was booked",
       {{0, {{1, {5}}}, "+5 -0 1 | +5 -0 1"}, {0, {{2, {2}}}, "+7 -0 1 | +7 -0 1"}}},
      {"a clamp taken off is waited for a day",
       {{0, {{1, {5}}, {2, {2}}}, "+7 -0 1 | +7 -0 1"},
        {kDay, {{1, {5}}}, "+7 -0 1 | +7 -0 1"},
        {kDay + 60, {{1, {5}}}, "+12 -0 2 | +12 -0 2"}}},
      {"circuits without mains make neither", {{0, {{4, {5}}}, "none | none"}}},
      {"merged circuits are left out of the balance", {{0, {{1, {5}}, {25, {3}}}, "+5 -0 1 | +5 -0 1"}}},
      {"what claims to be computed is not believed",
       {{0, {{1, {5}}, {model::kMergedMains, {99}}}, "+5 -0 1 | +5 -0 1"}}},
  };
  for (const auto& row : cases) {
    Account account;
    std::map<model::UtcSeconds, Hour> hours;
    for (const Step& step : row.steps) {
      book_usage(account, monitor(step.first, step.channels),
                 [&](model::UtcSeconds start) -> Hour& { return hours[start]; });
      CHECK_MESSAGE(text_of(account, hours) == step.after, row.what);
    }
  }
}

TEST_CASE("a leg in minutes and one in quarters still make one sum") {
  Account account;
  std::map<model::UtcSeconds, Hour> hours;
  const HourAt hour_at = [&](model::UtcSeconds start) -> Hour& { return hours[start]; };
  book_usage(account, monitor(0, {{1, std::vector<double>(15, 2.0)}}), hour_at);
  Booking quarter = buckets("a", model::Scale::fifteen_minutes, 0, {{2, {15}}, {4, {30}}});
  quarter.model = model::DeviceModel::vue2;
  book_usage(account, quarter, hour_at);
  CHECK(text_of(account, hours) == "+45 -0 15 | +15 -0 15");
}

TEST_CASE("other devices have nothing computed") {
  Account account;
  std::map<model::UtcSeconds, Hour> hours;
  book_usage(account, minutes("a", 0, {{1, {5}}}), [&](model::UtcSeconds start) -> Hour& { return hours[start]; });
  CHECK(account.counters.size() == 1);
}
