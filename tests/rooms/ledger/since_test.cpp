// Energy since a moment: today's and this cycle's.
#include <doctest/doctest.h>
#include <memory>
#include <rapidcheck.h>
#include <sstream>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using model::Scale;

namespace {

const model::DeviceId kA("a");

std::vector<double> ones(int count) {
  return std::vector<double>(static_cast<std::size_t>(count), 1.0);
}

/// "+6 -2" of a channel since a moment.
std::string since(Store& store, int moment, model::Channel channel = 1) {
  const auto energies = store.energy_since(kA, {minute(moment)});
  const auto found = energies.at(0).channels.find(channel);
  if (found == energies.at(0).channels.end()) return "unknown";
  std::ostringstream text;
  text << "+" << to_wh(found->second.positive) << " -" << to_wh(found->second.negative);
  return text.str();
}

/// A watt-hour in each minute from `newest` on, hours that follow each other like every day's; returns where it ends.
int ten_days(Store& store, int newest) {
  for (; newest < 10 * 1440; newest += 180) {
    REQUIRE(store.book({minutes("a", newest, {{1, ones(180)}})}).ok());
    CHECK(since(store, newest + 90) == "+90 -0");
  }
  return newest;
}

void forget_marks(const std::string& path) {
  Database other(path);
  other.run("DELETE FROM mark");
}

}  // namespace

TEST_CASE("energy since a moment follows what is booked, revised and late on either side of it") {
  Store store(":memory:");
  CHECK(since(store, 60) == "unknown");
  // Minutes 0 to 59 before the mark, 60 to 69 after it.
  REQUIRE(store.book({minutes("a", 0, {{1, ones(70)}})}).ok());
  CHECK(since(store, 60) == "+10 -0");
  struct Step {
    const char* what;
    int first;
    std::vector<double> values;
    const char* since_60;
    const char* since_65;
  };
  const Step steps[] = {
      {"new minutes", 70, {2, 3}, "+15 -0", "+10 -0"},
      {"the same again", 70, {2, 3}, "+15 -0", "+10 -0"},
      {"one is revised downwards", 71, {0.5}, "+12.5 -0", "+7.5 -0"},
      {"one turns its sign", 72, {-4}, "+12.5 -4", "+7.5 -4"},
      {"before both marks", 10, {50, 60}, "+12.5 -4", "+7.5 -4"},
      {"between the marks", 61, {7}, "+18.5 -4", "+7.5 -4"},
      {"across both marks", 59, {9, 9, 9, 9, 9, 9, 9, 9}, "+68.5 -4", "+23.5 -4"},
  };
  for (const Step& step : steps) {
    CAPTURE(step.what);
    REQUIRE(store.book({minutes("a", step.first, {{1, step.values}})}).ok());
    const auto both = store.energy_since(kA, {minute(60), minute(65)});
    std::ostringstream since_60;
    std::ostringstream since_65;
    since_60 << "+" << to_wh(both[0].channels.at(1).positive) << " -" << to_wh(both[0].channels.at(1).negative);
    since_65 << "+" << to_wh(both[1].channels.at(1).positive) << " -" << to_wh(both[1].channels.at(1).negative);
    CHECK(since_60.str() == step.since_60);
    CHECK(since_65.str() == step.since_65);
  }
}

TEST_CASE("it begins with the device's first booking when that is later, and an unused circuit has used nothing") {
  Store store(":memory:");
  REQUIRE(store.book({minutes("a", 30, {{1, ones(10)}})}).ok());
  CHECK(store.energy_since(kA, {minute(0)}).at(0).since == minute(30));
  CHECK(store.energy_since(kA, {minute(35)}).at(0).since == minute(35));
  CHECK(since(store, 0) == "+10 -0");
  CHECK(since(store, 40) == "+0 -0");
  CHECK(since(store, 40, 4) == "unknown");
  // A circuit that comes later counts from where it comes.
  REQUIRE(store.book({minutes("a", 40, {{4, ones(3)}})}).ok());
  CHECK(since(store, 40, 4) == "+3 -0");
}

TEST_CASE("merged mains and balance have their energy since a moment as well") {
  Store store(":memory:");
  REQUIRE(store.book({monitor(0, {{1, ones(120)}, {2, ones(120)}, {4, ones(120)}})}).ok());
  CHECK(since(store, 60, model::kMergedMains) == "+120 -0");
  CHECK(since(store, 60, model::kBalance) == "+60 -0");
  // A leg is revised before the mark, the circuit after it.
  REQUIRE(store.book({monitor(50, {{1, {5, 5}}}), monitor(100, {{4, {11}}})}).ok());
  CHECK(since(store, 60, model::kMergedMains) == "+120 -0");
  CHECK(since(store, 60, model::kBalance) == "+59 -9");
  CHECK(since(store, 61, model::kBalance) == "+58 -9");
}

TEST_CASE("coarse buckets across a moment are divided by their minutes") {
  Store store(":memory:");
  REQUIRE(store.book({buckets("a", Scale::hours, 0, {{1, {60, 120}}})}).ok());
  CHECK(since(store, 30) == "+150 -0");
  CHECK(since(store, 90) == "+60 -0");
  REQUIRE(store.book({buckets("a", Scale::hours, 60, {{1, {240}}})}).ok());
  CHECK(since(store, 90) == "+120 -0");
  CHECK(since(store, 60) == "+240 -0");
}

TEST_CASE("a day that begins at half past keeps its minutes: a cycle's start there is exact weeks later") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  auto store = std::make_unique<Store>(path);
  const int half_past = 90;
  std::vector<double> hours = ones(180);
  hours[95] = hours[121] = 31;
  REQUIRE(store->book({minutes("a", 0, {{1, hours}})}).ok());
  CHECK(since(*store, half_past) == "+150 -0");
  const int newest = ten_days(*store, 180);
  // The billing day is changed: the same moment begins a cycle. No mark is left of it, but its minutes are.
  const std::string all = "+" + std::to_string(150 + newest - 180) + " -0";
  CHECK(since(*store, half_past) == all);
  store = std::make_unique<Store>(path);
  CHECK(since(*store, half_past) == all);
  // An hour that nobody had asked about is a sum by now, and is shared evenly.
  CHECK(since(*store, 150) == "+" + std::to_string(newest - 135) + " -0");
}

TEST_CASE("what was missing around the moment and comes days later is counted on its side") {
  Store store(":memory:");
  std::vector<double> hours = ones(180);
  hours[80] = hours[100] = kNone;
  REQUIRE(store.book({minutes("a", 0, {{1, hours}})}).ok());
  CHECK(since(store, 90) == "+89 -0");
  const int newest = ten_days(store, 180);
  const int more = newest - 180;
  CHECK(since(store, 90) == "+" + std::to_string(89 + more) + " -0");
  REQUIRE(store.book({minutes("a", 80, {{1, {1000}}})}).ok());
  CHECK(since(store, 90) == "+" + std::to_string(89 + more) + " -0");
  REQUIRE(store.book({minutes("a", 100, {{1, {4}}})}).ok());
  CHECK(since(store, 90) == "+" + std::to_string(93 + more) + " -0");
}

TEST_CASE("an adopted counter brings nothing into today") {
  Store store(":memory:");
  Counter last;
  last.positive = 90'000'000;
  last.booked_until = minute(60);
  REQUIRE(store.adopt(kA, {{1, last}}));
  CHECK(since(store, 0) == "+0 -0");
  last.positive = 50'000'000;
  REQUIRE(store.adopt(kA, {{4, last}}));
  CHECK(since(store, 0, 4) == "+0 -0");
  REQUIRE(store.book({minutes("a", 60, {{1, ones(5)}, {4, {1, 1, kNone, kNone, kNone}}})}).ok());
  CHECK(since(store, 0) == "+5 -0");
  CHECK(since(store, 0, 4) == "+2 -0");
}

TEST_CASE("whatever is booked and asked in whatever order: the sum of a period is the sum of its minutes") {
  const bool held = rc::check([] {
    const support::TempDir folder;
    const std::string path = folder.file("ledger.db");
    auto store = std::make_unique<Store>(path);
    constexpr int kSpan = 5 * 60;
    std::map<int, int> truth;  // thousandths of a watt-hour
    const auto start = *rc::gen::inRange(0, 120);
    const auto tell = [&](int first, int length) {
      std::vector<double> values;
      for (int at = first; at < first + length; ++at) {
        const bool known = at == first || *rc::gen::inRange(0, 5) > 0;
        const int value = *rc::gen::inRange(-9000, 50'000);
        values.push_back(known ? value / 1000.0 : kNone);
        if (known && at >= start) truth[at] = value;
      }
      RC_ASSERT(store->book({minutes("a", first, {{1, values}})}).ok());
    };
    tell(start, 1);
    for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
      const int first = *rc::gen::inRange(0, kSpan - 1);
      tell(first, *rc::gen::inRange(1, std::min(40, kSpan - first)));
      const int fate = *rc::gen::inRange(0, 8);
      if (fate == 0) store = std::make_unique<Store>(path);
      if (fate == 1) {
        store.reset();
        forget_marks(path);
        store = std::make_unique<Store>(path);
      }
      // Mostly the same few moments, so that they are kept while bookings go on around them.
      const int day = *rc::gen::element(0, 60, 75, 150);
      const int cycle = *rc::gen::element(0, 90, *rc::gen::inRange(0, kSpan));
      const auto energies = store->energy_since(kA, {minute(day), minute(cycle)});
      for (std::size_t k = 0; k < 2; ++k) {
        const int moment = k == 0 ? day : cycle;
        Sums sums;
        for (auto told = truth.lower_bound(moment); told != truth.end(); ++told) sums.add(MicroWh{1000} * told->second);
        RC_ASSERT(energies[k].channels.at(1) == sums);
        RC_ASSERT(energies[k].since == minute(std::max(moment, start)));
      }
    }
  });
  CHECK(held);
}

TEST_CASE("with scales mixed and over weeks, what is kept count of is what summing up anew gives") {
  const bool held = rc::check([] {
    const support::TempDir folder;
    const std::string path = folder.file("ledger.db");
    Store store(path);
    int newest = 60;
    RC_ASSERT(store.book({monitor(0, {{1, ones(60)}, {2, ones(60)}, {4, ones(60)}})}).ok());
    int day = 30;
    const int cycle = *rc::gen::element(30, 45, 60);
    store.energy_since(kA, {minute(day), minute(cycle)});
    for (int i = *rc::gen::inRange(1, 25); i > 0; --i) {
      const auto scale = *rc::gen::element(Scale::minutes, Scale::fifteen_minutes, Scale::hours);
      const int length = static_cast<int>(model::bucket_length(scale) / std::chrono::minutes{1});
      const int count = *rc::gen::inRange(1, scale == Scale::minutes ? 300 : 20);
      const bool late = *rc::gen::inRange(0, 3) == 0;
      const int from = late ? *rc::gen::inRange(0, newest) : newest + *rc::gen::inRange(0, 200);
      const int first = from / length;
      std::vector<double> values;
      for (int k = 0; k < count; ++k) values.push_back(*rc::gen::inRange(0, 60'000) / 1000.0 * length);
      Booking booking = buckets("a", scale, first * length, {{*rc::gen::element<model::Channel>(1, 2, 4), values}});
      booking.model = model::DeviceModel::vue2;
      RC_ASSERT(store.book({booking}).ok());
      newest = std::max(newest, (first + count) * length);
      // The day begins at half past; its mark is made when the first bucket behind it is booked.
      const int today = (newest - 31) / 1440 * 1440 + 30;
      if (newest > 31 && today > day) day = today;
      const auto kept = store.energy_since(kA, {minute(day), minute(cycle)});
      forget_marks(path);
      const auto anew = Store(path).energy_since(kA, {minute(day), minute(cycle)});
      for (std::size_t k = 0; k < 2; ++k) {
        RC_ASSERT(kept[k].channels.size() == anew[k].channels.size());
        for (const auto& [channel, sums] : kept[k].channels) RC_ASSERT(sums == anew[k].channels.at(channel));
      }
    }
  });
  CHECK(held);
}
