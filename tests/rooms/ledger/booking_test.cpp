#include "ledger/booking.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <sstream>

#include "rooms/ledger/usages.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

/// "+6 -2 ^5 0..3": positive, negative, highest net, booked minutes.
std::string text_of(const Counter& counter) {
  std::ostringstream text;
  text << "+" << counter.positive_wh << " -" << counter.negative_wh << " ^" << counter.highest_net_wh << " "
       << (counter.booked_from - minute(0)).count() / 60 << ".." << (counter.booked_until - minute(0)).count() / 60;
  return text.str();
}

/// "0=1 2=-3": minute and value of what was newly booked of channel 1.
std::string text_of(const BookedSpan& span) {
  std::ostringstream text;
  const auto found = span.channels.find(1);
  if (found == span.channels.end()) return "nothing";
  for (const auto& bucket : found->second) {
    text << (text.tellp() > 0 ? " " : "") << (bucket.start - minute(0)).count() / 60 << "=" << bucket.energy_wh;
  }
  return text.str();
}

}  // namespace

TEST_CASE("what one booking after the other adds to a channel") {
  struct Step {
    int first;
    std::vector<double> values;
    const char* booked;
    const char* counter;
  };
  const struct {
    const char* what;
    std::vector<Step> steps;
  } cases[] = {
      {"consumption", {{0, {1, 2, 3}, "0=1 1=2 2=3", "+6 -0 ^6 0..3"}}},
      {"zero is a value", {{0, {0, 0}, "0=0 1=0", "+0 -0 ^0 0..2"}}},
      {"minus zero adds nothing on either side", {{0, {-0.0}, "0=-0", "+0 -0 ^0 0..1"}}},
      {"generation", {{0, {-1, -2}, "0=-1 1=-2", "+0 -3 ^0 0..2"}}},
      {"both ways: the highest sum stays", {{0, {5, -3, 1, -9}, "0=5 1=-3 2=1 3=-9", "+6 -12 ^5 0..4"}}},
      {"the same again", {{0, {1, 2}, "0=1 1=2", "+3 -0 ^3 0..2"}, {0, {1, 2}, "nothing", "+3 -0 ^3 0..2"}}},
      {"another value for what is booked",
       {{0, {1, 2}, "0=1 1=2", "+3 -0 ^3 0..2"}, {0, {7, 8}, "nothing", "+3 -0 ^3 0..2"}}},
      {"overlap", {{0, {1, 2}, "0=1 1=2", "+3 -0 ^3 0..2"}, {1, {2, 4}, "2=4", "+7 -0 ^7 0..3"}}},
      {"earlier than all", {{5, {1}, "5=1", "+1 -0 ^1 5..6"}, {0, {9, 9}, "nothing", "+1 -0 ^1 5..6"}}},
      {"a gap stays a gap", {{0, {1}, "0=1", "+1 -0 ^1 0..1"}, {10, {2}, "10=2", "+3 -0 ^3 0..11"}}},
      {"missing values are skipped", {{0, {kNone, 1, kNone, 2, kNone}, "1=1 3=2", "+3 -0 ^3 1..4"}}},
      {"a value that was missing comes later",
       {{0, {1, kNone}, "0=1", "+1 -0 ^1 0..1"}, {0, {1, 4}, "1=4", "+5 -0 ^5 0..2"}}},
      {"infinite is missing", {{0, {std::numeric_limits<double>::infinity(), 1}, "1=1", "+1 -0 ^1 1..2"}}},
  };
  for (const auto& row : cases) {
    Counters counters;
    for (const Step& step : row.steps) {
      const BookedSpan span = add_to(counters, minutes("a", step.first, {{1, step.values}}));
      CHECK_MESSAGE(text_of(span) == step.booked, row.what);
      CHECK_MESSAGE(text_of(counters.at(1)) == step.counter, row.what);
    }
  }
}

TEST_CASE("all values missing: no counter, because nothing is known") {
  Counters counters;
  CHECK(add_to(counters, minutes("a", 0, {{1, {kNone, kNone}}})).channels.empty());
  CHECK(counters.empty());
}

TEST_CASE("each channel stands on its own") {
  Counters counters;
  add_to(counters, minutes("a", 0, {{1, {1, 1}}, {4, {2, kNone}}}));
  const BookedSpan span = add_to(counters, minutes("a", 1, {{1, {1, 1}}, {4, {5, 5}}, {7, {kNone, 3}}}));
  CHECK(text_of(counters.at(1)) == "+3 -0 ^3 0..3");
  CHECK(text_of(counters.at(4)) == "+12 -0 ^12 0..3");
  CHECK(text_of(counters.at(7)) == "+3 -0 ^3 2..3");
  CHECK(span.channels.at(4).size() == 2);
  CHECK(span.device.text() == "a");
}

TEST_CASE("in whatever portions a day comes, the sum is the same") {
  std::vector<double> day;
  for (int i = 0; i < 1440; ++i) day.push_back((i % 7 - 2) * 0.25);
  Counters whole;
  add_to(whole, minutes("a", 0, {{1, day}}));
  for (const int step : {1, 7, 60, 1000}) {
    Counters pieces;
    for (int first = 0; first < 1440; first += step) {
      const int from = std::max(0, first - 10);  // with an overlap
      const auto end = day.begin() + std::min(1440, first + step);
      add_to(pieces, minutes("a", from, {{1, std::vector<double>(day.begin() + from, end)}}));
    }
    CHECK(pieces == whole);
  }
}
