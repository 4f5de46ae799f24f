// Sums across devices: a minute counts when every member has a value in it, however and whenever the values come.
#include <doctest/doctest.h>
#include <sstream>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using model::Scale;

namespace {

const model::DeviceId kSum{"group:sum"};
constexpr int kDay = 24 * 60;

GroupMember member(const char* device, model::Channel channel, double factor = 1) {
  return {model::DeviceId(device), channel, factor};
}

/// a:1 + c:1 - half of b:4.
Group sum() {
  return {kSum, {member("a", 1), member("c", 1), member("b", 4, -0.5)}};
}

/// "+7.5 -0 0..2": exact sums and the first and the last minute; "none" before the first one.
std::string text_of(const Store& store, const model::DeviceId& group = kSum) {
  const Counters& counters = store.counters(group);
  if (counters.empty()) return "none";
  const Counter& counter = counters.at(kGroupChannel);
  std::ostringstream text;
  text << "+" << counter.positive_wh() << " -" << counter.negative_wh() << " "
       << (counter.booked_from - minute(0)).count() / 60 << ".." << (counter.booked_until - minute(0)).count() / 60;
  return text.str();
}

struct Step {
  Booking booking;
  const char* after;
};
struct Case {
  const char* what;
  std::vector<Step> steps;
};

void check(const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    Store store(":memory:");
    REQUIRE(store.set_groups({sum()}).ok());
    int number = 0;
    for (const Step& step : row.steps) {
      CAPTURE(row.what);
      CAPTURE(++number);
      REQUIRE(store.book({step.booking}).ok());
      CHECK(text_of(store) == step.after);
    }
  }
}

/// All members in one booking each.
std::vector<Booking> all(int first, std::vector<double> a, std::vector<double> b, std::vector<double> c) {
  return {minutes("a", first, {{1, std::move(a)}}), minutes("b", first, {{4, std::move(b)}}),
          minutes("c", first, {{1, std::move(c)}})};
}

}  // namespace

TEST_CASE("a minute counts when every member has a value in it") {
  check({
      {"members come one after the other",
       {{minutes("a", 0, {{1, {5, 6}}}), "none"},
        {minutes("b", 0, {{4, {2, 2}}}), "none"},
        {minutes("c", 0, {{1, {1, 2}}}), "+12 -0 0..2"}}},
      {"a member that comes late makes its minutes count late",
       {{minutes("a", 0, {{1, {5, 6, 7}}}), "none"},
        {minutes("b", 0, {{4, {2, kNone, 2}}}), "none"},
        {minutes("c", 0, {{1, {1, 1, 1}}}), "+12 -0 0..3"},
        {minutes("b", 1, {{4, {4}}}), "+17 -0 0..3"}}},
      {"each minute has its sign",
       {{minutes("a", 0, {{1, {5, -6}}}), "none"},
        {minutes("b", 0, {{4, {20, 0}}}), "none"},
        {minutes("c", 0, {{1, {1, 1}}}), "+0 -9 0..2"}}},
      {"a revision changes the minute, up, down and through zero",
       {{minutes("a", 0, {{1, {5}}}), "none"},
        {minutes("c", 0, {{1, {1}}}), "none"},
        {minutes("b", 0, {{4, {2}}}), "+5 -0 0..1"},
        {minutes("a", 0, {{1, {7}}}), "+7 -0 0..1"},
        {minutes("b", 0, {{4, {30}}}), "+0 -7 0..1"},
        {minutes("b", 0, {{4, {30}}}), "+0 -7 0..1"},
        {minutes("c", 0, {{1, {8}}}), "+0 -0 0..1"}}},
      {"other channels of the same devices are of no concern",
       {{minutes("a", 0, {{1, {5}}, {2, {99}}}), "none"},
        {minutes("c", 0, {{1, {1}}, {7, {kNone}}}), "none"},
        {minutes("b", 0, {{1, {99}}, {4, {2}}}), "+5 -0 0..1"}}},
      {"minutes of one and quarters and hours of others are told apart evenly",
       {{minutes("a", 0, {{1, std::vector<double>(60, 1.0)}}), "none"},
        {buckets("b", Scale::fifteen_minutes, 0, {{4, {30, 30, 60, 30}}}), "none"},
        // 60 + 120 - half of 150.
        {buckets("c", Scale::hours, 0, {{1, {120}}}), "+105 -0 0..60"}}},
      {"a minute that a coarser bucket fills in",
       {{minutes("a", 0, {{1, {5}}}), "none"},
        {minutes("b", 0, {{4, {2}}}), "none"},
        {minutes("c", 0, {{1, {1}}}), "+5 -0 0..1"},
        {buckets("a", Scale::fifteen_minutes, 0, {{1, {19}}}), "+5 -0 0..1"},
        {buckets("b", Scale::fifteen_minutes, 0, {{4, {2}}}), "+5 -0 0..1"},
        {buckets("c", Scale::fifteen_minutes, 0, {{1, {15}}}), "+33 -0 0..15"}}},
  });
}

TEST_CASE("members of one transaction make one change, told with its revisions") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  auto spans = store.book(all(0, {5, 6}, {2, 2}, {1, kNone}));
  REQUIRE(spans.ok());
  REQUIRE(spans.value().size() == 4);
  CHECK(spans.value()[3].device == kSum);
  CHECK(spans.value()[3].scale == Scale::minutes);
  CHECK_FALSE(spans.value()[3].revised);
  REQUIRE(spans.value()[3].channels.at(kGroupChannel).size() == 1);
  CHECK(spans.value()[3].channels.at(kGroupChannel)[0].energy_wh == 5);
  spans = store.book(all(0, {5, 7}, {1, 2}, {1, 1}));
  REQUIRE(spans.ok());
  std::map<bool, std::string> told;
  for (const BookedSpan& span : spans.value()) {
    if (!(span.device == kSum)) continue;
    for (const auto& bucket : span.channels.at(kGroupChannel)) {
      told[span.revised] +=
          std::to_string((bucket.start - minute(0)).count() / 60) + "=" + std::to_string(bucket.energy_wh) + " ";
    }
  }
  CHECK(told == std::map<bool, std::string>{{false, "1=7.000000 "}, {true, "0=5.500000 "}});
  const Counter& counter = store.counters(kSum).at(kGroupChannel);
  CHECK(to_wh(counter.shown_positive) == 12.5);
}

TEST_CASE("what is shown of a group never falls") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  REQUIRE(store.book(all(0, {5}, {2}, {1})).ok());
  REQUIRE(store.book({minutes("b", 0, {{4, {8}}})}).ok());
  const Counter& counter = store.counters(kSum).at(kGroupChannel);
  CHECK(counter.positive_wh() == 2);
  CHECK(to_wh(counter.shown_positive) == 5);
}

TEST_CASE("mains less circuits of two devices, and a pair merged") {
  Store store(":memory:");
  const Group rest{kSum, {member("a", model::kMergedMains), member("a", 4, -1), member("b", 4, -1)}};
  const model::DeviceId pair{"group:pair"};
  REQUIRE(store.set_groups({rest, {pair, {member("a", 4), member("b", 4)}}}).ok());
  // The second leg comes late: before it there are no mains, and so no rest.
  REQUIRE(store.book({monitor(0, {{1, {50, 60}}, {2, {20, kNone}}, {4, {10, 10}}})}).ok());
  REQUIRE(store.book({minutes("b", 0, {{4, {3, 4}}})}).ok());
  CHECK(text_of(store) == "+57 -0 0..1");
  CHECK(text_of(store, pair) == "+27 -0 0..2");
  REQUIRE(store.book({monitor(1, {{2, {-30}}})}).ok());
  CHECK(text_of(store) == "+73 -0 0..2");
}

TEST_CASE("a group is kept across restarts, and members may come in different runs") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const auto book = [&](const Booking& booking) {
    Store store(path);
    REQUIRE(store.set_groups({sum()}).ok());
    REQUIRE(store.book({booking}).ok());
    return text_of(store);
  };
  CHECK(book(minutes("a", 0, {{1, {5, 6}}})) == "none");
  CHECK(book(minutes("c", 0, {{1, {1, 1}}})) == "none");
  CHECK(book(minutes("b", 0, {{4, {2, 2}}})) == "+11 -0 0..2");
  CHECK(book(minutes("a", 1, {{1, {8}}})) == "+13 -0 0..2");
}

TEST_CASE("a group that is named later, or made of others, counts from there and keeps what it has") {
  Store store(":memory:");
  REQUIRE(store.book(all(0, {5, 5}, {2, 2}, {1, 1})).ok());
  REQUIRE(store.set_groups({sum()}).ok());
  // What was booked before is not its own, be it told again or revised.
  REQUIRE(store.book(all(0, {6, 5, 5}, {2, 2, 2}, {1, 1, 1})).ok());
  CHECK(text_of(store) == "+5 -0 2..3");

  Group other = sum();
  other.members.pop_back();
  REQUIRE(store.set_groups({other}).ok());
  REQUIRE(store.book(all(1, {5, 9, 5}, {2, 2, 2}, {1, 1, 1})).ok());
  CHECK(text_of(store) == "+11 -0 2..4");

  // The same members in another order are the same.
  std::swap(other.members[0], other.members[1]);
  REQUIRE(store.set_groups({other}).ok());
  REQUIRE(store.book({minutes("a", 3, {{1, {6}}})}).ok());
  CHECK(text_of(store) == "+12 -0 2..4");

  // Left out for a while and named again: what was booked meanwhile is not its own.
  REQUIRE(store.set_groups({}).ok());
  REQUIRE(store.book(all(4, {5}, {2}, {1})).ok());
  REQUIRE(store.set_groups({other}).ok());
  REQUIRE(store.book(all(4, {7, 5}, {2, 2}, {1, 1})).ok());
  CHECK(text_of(store) == "+18 -0 2..6");
}

TEST_CASE("a group has hours of its own: what is missing in them is known") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  REQUIRE(store.book(all(0, {5, 5, 5}, {2, 2, 2}, {1, 1, 1})).ok());
  REQUIRE(store.book(all(10, {5}, {2}, {1})).ok());
  const auto holes = store.holes(kSum, minute(0), minute(kDay), 10);
  REQUIRE(holes.size() == 1);
  CHECK(holes[0].hour == minute(0));
  CHECK(holes[0].missing_minutes == 7);
}

TEST_CASE("a device that catches up after days completes the group's old minutes, and revises them") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  REQUIRE(store.book(all(0, {5}, {2}, {1})).ok());
  const auto steady = [](const char* device, model::Channel channel, int first, int last, double energy_wh) {
    return minutes(device, first, {{channel, std::vector<double>(static_cast<std::size_t>(last - first), energy_wh)}});
  };
  // Hour by hour, as it comes.
  for (int first = 1; first < 5 * kDay; first += 60) {
    REQUIRE(store.book({steady("a", 1, first, first + 60, 5), steady("c", 1, first, first + 60, 1)}).ok());
  }
  CHECK(text_of(store) == "+5 -0 0..1");
  REQUIRE(store.book({steady("b", 4, 1, 3 * kDay, 2)}).ok());
  CHECK(text_of(store) == "+21600 -0 0..4320");
  // Its hours of the first days are complete and old, but for those within the day before its newest.
  REQUIRE(store.book({minutes("b", 3 * kDay - 60, {{4, {4}}})}).ok());
  CHECK(text_of(store) == "+21599 -0 0..4320");
}

TEST_CASE("hours that are complete for all are folded; what is late of an older gap still counts") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const auto folded_hours = [&path] {
    Database database(path);
    Statement count(database, "SELECT count(*) FROM usage_hour WHERE substr(data, 1, 1) = x'02'");
    REQUIRE(count.step());
    return count.integer(0);
  };
  Store store(path);
  REQUIRE(store.set_groups({sum()}).ok());
  const auto hour_of = [](const char* device, model::Channel channel, int hour, double energy_wh) {
    return buckets(device, Scale::hours, hour * 60, {{channel, {energy_wh}}});
  };
  for (int hour = 0; hour < 60; ++hour) {
    REQUIRE(store.book({hour_of("a", 1, hour, 60), hour_of("b", 4, hour, 60), hour_of("c", 1, hour, 60)}).ok());
  }
  CHECK(text_of(store) == "+5400 -0 0..3600");
  // The end of hour 60 less the window of 40 hours: twenty hours of three devices and the group.
  CHECK(folded_hours() == 20 * 4);
  // An outage of fifty days; the newest comes first, then the gap, each device on its own.
  const int after = 90 * 24;
  REQUIRE(store.book({hour_of("a", 1, after, 60), hour_of("b", 4, after, 60), hour_of("c", 1, after, 60)}).ok());
  for (const auto& [device, channel] : {std::pair{"a", 1U}, {"b", 4U}, {"c", 1U}}) {
    for (int hour = 60; hour < after; ++hour) REQUIRE(store.book({hour_of(device, channel, hour, 60)}).ok());
  }
  CHECK(text_of(store) == "+" + std::to_string(90 * (after + 1)) + " -0 0.." + std::to_string(60 * (after + 1)));
  // Of what came after the outage only that is folded at once, for all of them, which is never revised any more.
  CHECK(folded_hours() == 4 * (after + 1 - 35 * 24));
  // A quiet day later 24 hours more are that old; and from the hour that the window of 40 hours began with, those that
  // have left it since are folded, too.
  const int later = after + 1 + 24;
  for (int hour = after + 1; hour < later; ++hour) {
    REQUIRE(store.book({hour_of("a", 1, hour, 60), hour_of("b", 4, hour, 60), hour_of("c", 1, hour, 60)}).ok());
  }
  CHECK(folded_hours() == 4 * (after + 1 - 35 * 24 + 24 + 25));
}
