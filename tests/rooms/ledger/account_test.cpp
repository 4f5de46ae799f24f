#include "ledger/account.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <sstream>

#include "rooms/ledger/usages.hpp"

using namespace emporia;
using namespace emporia::ledger;
using model::Scale;

namespace {

/// A device in the ledger without a file.
struct Book {
  Account account;
  std::map<model::UtcSeconds, Hour> hours;
  Change add(const Booking& booking) {
    return book_usage(account, booking, [this](model::UtcSeconds start) -> Hour& { return hours[start]; });
  }
  const Counter& counter(model::Channel channel) const { return account.counters.at(channel); }
};

/// "+6 -2 ^6 ^2 0..3": exact positive and negative, shown positive and negative, booked minutes.
std::string text_of(const Counter& counter) {
  std::ostringstream text;
  text << "+" << counter.positive_wh() << " -" << counter.negative_wh() << " ^" << to_wh(counter.shown_positive) << " ^"
       << to_wh(counter.shown_negative) << " " << (counter.booked_from - minute(0)).count() / 60 << ".."
       << (counter.booked_until - minute(0)).count() / 60;
  return text.str();
}

/// "0=1 2=-3 revised 4=1": minute and value of what was booked of channel 1, then of what was revised.
std::string text_of(const Change& change) {
  std::ostringstream text;
  for (const BookedSpan* span : {&change.booked, &change.revised}) {
    const auto found = span->channels.find(1);
    if (found == span->channels.end()) continue;
    if (span->revised) text << (text.tellp() > 0 ? " " : "") << "revised";
    for (const auto& bucket : found->second) {
      text << (text.tellp() > 0 ? " " : "") << (bucket.start - minute(0)).count() / 60 << "=" << bucket.energy_wh;
    }
  }
  return text.tellp() > 0 ? text.str() : "nothing";
}

struct Step {
  Scale scale;
  int first;
  std::vector<double> values;
  const char* booked;
  const char* counter;
};
struct Case {
  const char* what;
  std::vector<Step> steps;
};

void check(const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    Book book;
    for (const Step& step : row.steps) {
      const Change change = book.add(buckets("a", step.scale, step.first, {{1, step.values}}));
      CHECK_MESSAGE(text_of(change) == step.booked, row.what);
      CHECK_MESSAGE(text_of(book.counter(1)) == step.counter, row.what);
    }
  }
}

constexpr Scale kMin = Scale::minutes;
constexpr Scale kQuarter = Scale::fifteen_minutes;
constexpr Scale kHourly = Scale::hours;

}  // namespace

TEST_CASE("what one booking of minutes after the other adds to a channel") {
  const double infinite = std::numeric_limits<double>::infinity();
  check({
      {"consumption", {{kMin, 0, {1, 2, 3}, "0=1 1=2 2=3", "+6 -0 ^6 ^0 0..3"}}},
      {"zero is a value", {{kMin, 0, {0, 0}, "0=0 1=0", "+0 -0 ^0 ^0 0..2"}}},
      {"minus zero adds nothing on either side", {{kMin, 0, {-0.0}, "0=-0", "+0 -0 ^0 ^0 0..1"}}},
      {"generation", {{kMin, 0, {-1, -2}, "0=-1 1=-2", "+0 -3 ^0 ^3 0..2"}}},
      {"both ways", {{kMin, 0, {5, -3, 1, -9}, "0=5 1=-3 2=1 3=-9", "+6 -12 ^6 ^12 0..4"}}},
      {"the same again",
       {{kMin, 0, {1, 2}, "0=1 1=2", "+3 -0 ^3 ^0 0..2"}, {kMin, 0, {1, 2}, "nothing", "+3 -0 ^3 ^0 0..2"}}},
      {"overlap", {{kMin, 0, {1, 2}, "0=1 1=2", "+3 -0 ^3 ^0 0..2"}, {kMin, 1, {2, 4}, "2=4", "+7 -0 ^7 ^0 0..3"}}},
      {"revised upwards",
       {{kMin, 0, {1, 2}, "0=1 1=2", "+3 -0 ^3 ^0 0..2"}, {kMin, 0, {7, 2}, "revised 0=7", "+9 -0 ^9 ^0 0..2"}}},
      {"revised downwards: held until consumption passes it",
       {{kMin, 0, {4, 4}, "0=4 1=4", "+8 -0 ^8 ^0 0..2"},
        {kMin, 0, {1, 4}, "revised 0=1", "+5 -0 ^8 ^0 0..2"},
        {kMin, 2, {2}, "2=2", "+7 -0 ^8 ^0 0..3"},
        {kMin, 3, {2}, "3=2", "+9 -0 ^9 ^0 0..4"}}},
      {"revised to the other sign",
       {{kMin, 0, {4}, "0=4", "+4 -0 ^4 ^0 0..1"},
        {kMin, 0, {-3}, "revised 0=-3", "+0 -3 ^4 ^3 0..1"},
        {kMin, 0, {4}, "revised 0=4", "+4 -0 ^4 ^3 0..1"}}},
      {"a value that goes missing again keeps its place",
       {{kMin, 0, {1, 2}, "0=1 1=2", "+3 -0 ^3 ^0 0..2"}, {kMin, 0, {kNone, 2}, "nothing", "+3 -0 ^3 ^0 0..2"}}},
      {"before the first booking of the device",
       {{kMin, 5, {1}, "5=1", "+1 -0 ^1 ^0 5..6"}, {kMin, 0, {9, 9}, "nothing", "+1 -0 ^1 ^0 5..6"}}},
      {"a gap, filled later",
       {{kMin, 0, {1}, "0=1", "+1 -0 ^1 ^0 0..1"},
        {kMin, 10, {2}, "10=2", "+3 -0 ^3 ^0 0..11"},
        {kMin, 4, {8}, "4=8", "+11 -0 ^11 ^0 0..11"}}},
      {"missing values are skipped", {{kMin, 0, {kNone, 1, kNone, 2, kNone}, "1=1 3=2", "+3 -0 ^3 ^0 1..4"}}},
      {"a value that was missing comes later",
       {{kMin, 0, {1, kNone, 2}, "0=1 2=2", "+3 -0 ^3 ^0 0..3"}, {kMin, 0, {1, 4, 2}, "1=4", "+7 -0 ^7 ^0 0..3"}}},
      {"infinite is missing", {{kMin, 0, {infinite, 1}, "1=1", "+1 -0 ^1 ^0 1..2"}}},
      {"what no home can draw is missing", {{kMin, 0, {2e8, 1, -2e8}, "1=1", "+1 -0 ^1 ^0 1..2"}}},
  });
}

TEST_CASE("what is told in another scale is counted once") {
  const std::vector<double> hour(60, 1.0);
  const std::vector<double> half(30, 1.0);
  check({
      {"quarters of their own", {{kQuarter, 0, {15, 30}, "0=15 15=30", "+45 -0 ^45 ^0 0..30"}}},
      {"a quarter revised",
       {{kQuarter, 0, {15}, "0=15", "+15 -0 ^15 ^0 0..15"},
        {kQuarter, 0, {12}, "revised 0=12", "+12 -0 ^15 ^0 0..15"},
        {kQuarter, 0, {12}, "nothing", "+12 -0 ^15 ^0 0..15"}}},
      {"an energy that its minutes do not divide", {{kQuarter, 0, {0.000001}, "0=1e-06", "+1e-06 -0 ^1e-06 ^0 0..15"}}},
      {"minutes within a booked quarter add nothing",
       {{kQuarter, 0, {15}, "0=15", "+15 -0 ^15 ^0 0..15"}, {kMin, 3, {9, 9}, "nothing", "+15 -0 ^15 ^0 0..15"}}},
      {"a quarter whose minutes are all booked adds nothing",
       {{kMin, 0, half,
         "0=1 1=1 2=1 3=1 4=1 5=1 6=1 7=1 8=1 9=1 10=1 11=1 12=1 13=1 14=1 15=1 16=1 17=1 18=1 19=1 "
         "20=1 21=1 22=1 23=1 24=1 25=1 26=1 27=1 28=1 29=1",
         "+30 -0 ^30 ^0 0..30"},
        {kQuarter, 0, {99}, "nothing", "+30 -0 ^30 ^0 0..30"}}},
      {"at the edge of an outage a quarter adds what its minutes leave over",
       {{kMin, 0, {4, 4}, "0=4 1=4", "+8 -0 ^8 ^0 0..2"},
        {kQuarter, 0, {20, 5}, "0=20 15=5", "+25 -0 ^25 ^0 0..30"},
        {kQuarter, 0, {21, 5}, "revised 0=21", "+26 -0 ^26 ^0 0..30"}}},
      {"minutes that are more than the quarter they are in leave nothing over",
       {{kMin, 0, {4, 4}, "0=4 1=4", "+8 -0 ^8 ^0 0..2"}, {kQuarter, 0, {7}, "0=7", "+8 -0 ^8 ^0 0..15"}}},
      {"where energy flows both ways a rest may flow either way",
       {{kMin, 0, {4, -1}, "0=4 1=-1", "+4 -1 ^4 ^1 0..2"}, {kQuarter, 0, {1}, "0=1", "+4 -3 ^4 ^3 0..15"}}},
      {"an hour over a quarter and minutes",
       {{kQuarter, 0, {10}, "0=10", "+10 -0 ^10 ^0 0..15"},
        {kMin, 20, {3}, "20=3", "+13 -0 ^13 ^0 0..21"},
        {kHourly, 0, {50}, "0=50", "+50 -0 ^50 ^0 0..60"},
        {kQuarter, 15, {40}, "nothing", "+50 -0 ^50 ^0 0..60"},
        {kHourly, 0, {60}, "revised 0=60", "+60 -0 ^60 ^0 0..60"}}},
      {"a bucket that begins before the first booking would count what was before",
       {{kMin, 5, {1}, "5=1", "+1 -0 ^1 ^0 5..6"}, {kQuarter, 0, {99, 2}, "15=2", "+3 -0 ^3 ^0 5..30"}}},
      {"days are not booked",
       {{kMin, 0, {1}, "0=1", "+1 -0 ^1 ^0 0..1"}, {Scale::days, 0, {99}, "nothing", "+1 -0 ^1 ^0 0..1"}}},
  });
}

TEST_CASE("all values missing: no counter, because nothing is known") {
  Book book;
  CHECK(book.add(minutes("a", 0, {{1, {kNone, kNone}}})).hours.empty());
  CHECK(book.account.counters.empty());
}

TEST_CASE("buckets beyond the settled horizon are left alone") {
  Book book;
  Booking booking = minutes("a", 0, {{1, {1, 2, 3}}});
  booking.settled_until = minute(2);
  book.add(booking);
  CHECK(text_of(book.counter(1)) == "+3 -0 ^3 ^0 0..2");
}

TEST_CASE("each channel stands on its own") {
  Book book;
  book.add(minutes("a", 0, {{1, {1, 1}}, {4, {2, kNone}}}));
  const Change change = book.add(minutes("a", 1, {{1, {1, 1}}, {4, {5, 5}}, {7, {kNone, 3}}}));
  CHECK(text_of(book.counter(1)) == "+3 -0 ^3 ^0 0..3");
  CHECK(text_of(book.counter(4)) == "+12 -0 ^12 ^0 0..3");
  CHECK(text_of(book.counter(7)) == "+3 -0 ^3 ^0 2..3");
  CHECK(change.booked.channels.at(4).size() == 2);
  CHECK(change.booked.device.text() == "a");
}

TEST_CASE("a channel that comes later than its neighbours has its values from where the device began") {
  Book book;
  book.add(minutes("a", 0, {{1, {1, 1}}, {4, {kNone, 2}}}));
  book.add(minutes("a", 0, {{1, {1, 1}}, {4, {2, 2}}}));
  CHECK(text_of(book.counter(4)) == "+4 -0 ^4 ^0 0..2");
}

TEST_CASE("in whatever portions a day comes, the sum is the same") {
  std::vector<double> day;
  for (int i = 0; i < 1440; ++i) day.push_back((i % 7 - 2) * 0.1234567);
  Book whole;
  whole.add(minutes("a", 0, {{1, day}}));
  for (const int step : {1, 7, 60, 1000}) {
    Book pieces;
    for (int first = 0; first < 1440; first += step) {
      const int from = std::max(0, first - 10);  // with an overlap
      const auto end = day.begin() + std::min(1440, first + step);
      pieces.add(minutes("a", from, {{1, std::vector<double>(day.begin() + from, end)}}));
    }
    CHECK(pieces.counter(1).positive == whole.counter(1).positive);
    CHECK(pieces.counter(1).negative == whole.counter(1).negative);
    CHECK(pieces.hours == whole.hours);
  }
}
