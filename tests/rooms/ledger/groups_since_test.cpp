// A group's days: its own marks, whatever its members bring late, revise or are exchanged for.
#include <doctest/doctest.h>
#include <sstream>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

const model::DeviceId kSum{"group:sum"};
constexpr int kDay = 24 * 60;

/// a:1 less b:1.
Group sum() {
  return {kSum, {{model::DeviceId("a"), 1, 1}, {model::DeviceId("b"), 1, -1}}};
}

/// Minutes of a device, all with the same energy.
Booking steady(const char* device, int first, int last, double energy_wh) {
  return minutes(device, first, {{1, std::vector<double>(static_cast<std::size_t>(last - first), energy_wh)}});
}

/// "90: +12 -0": where the energy counts from, and how much it is.
std::string since(Store& store, int moment) {
  const auto energy = store.energy_since(kSum, {minute(moment)});
  REQUIRE(energy.size() == 1);
  if (energy[0].channels.empty()) return "none";
  const Sums& sums = energy[0].channels.at(kGroupChannel);
  std::ostringstream text;
  text << (energy[0].since - minute(0)).count() / 60 << ": +" << to_wh(sums.positive) << " -" << to_wh(sums.negative);
  return text.str();
}

}  // namespace

TEST_CASE("energy since a moment: from the mark on, whatever comes late or is revised on either side of it") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  CHECK(since(store, 90) == "none");
  REQUIRE(store.book({steady("a", 0, 100, 3), steady("b", 0, 95, 1)}).ok());
  // Five minutes at 2 Wh; what b lacks does not count yet.
  CHECK(since(store, 90) == "90: +10 -0");
  REQUIRE(store.book({steady("b", 95, 100, 1)}).ok());
  CHECK(since(store, 90) == "90: +20 -0");
  // Revised before the mark and after it.
  REQUIRE(store.book({steady("a", 0, 10, 100)}).ok());
  CHECK(since(store, 90) == "90: +20 -0");
  REQUIRE(store.book({steady("b", 98, 100, 8)}).ok());
  CHECK(since(store, 90) == "90: +16 -10");
}

TEST_CASE("a moment before the group counted: since its first minute") {
  Store store(":memory:");
  REQUIRE(store.book({steady("a", 0, 60, 3), steady("b", 0, 60, 1)}).ok());
  REQUIRE(store.set_groups({sum()}).ok());
  REQUIRE(store.book({steady("a", 60, 70, 3), steady("b", 60, 70, 1)}).ok());
  CHECK(since(store, 0) == "60: +20 -0");

  Store first(":memory:");
  REQUIRE(first.set_groups({sum()}).ok());
  REQUIRE(first.book({steady("a", 0, 60, 3), steady("b", 40, 60, 1)}).ok());
  CHECK(since(first, 0) == "40: +40 -0");
}

TEST_CASE("other members: the day counts from there, and so it does after a restart") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Group other = sum();
  other.members.pop_back();
  {
    Store store(path);
    REQUIRE(store.set_groups({sum()}).ok());
    REQUIRE(store.book({steady("a", 0, 90, 3), steady("b", 0, 90, 1)}).ok());
    CHECK(since(store, 30) == "30: +120 -0");
    REQUIRE(store.set_groups({other}).ok());
    CHECK(since(store, 30) == "90: +0 -0");
    REQUIRE(store.book({steady("a", 90, 100, 3)}).ok());
    CHECK(since(store, 30) == "90: +30 -0");
    // A moment that has no mark yet.
    CHECK(since(store, 60) == "90: +30 -0");
  }
  Store store(path);
  REQUIRE(store.set_groups({other}).ok());
  CHECK(since(store, 60) == "90: +30 -0");
  CHECK(store.counters(kSum).at(kGroupChannel).positive_wh() == 180 + 30);
}

TEST_CASE("an hour that a day begins within stays in full for the group, though its members are done with it") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  // More in each minute than in the one before: an hour shared evenly would be wrong.
  std::vector<double> rising;
  for (int i = 0; i < 180; ++i) rising.push_back(i + 1);
  REQUIRE(store.book({minutes("a", 0, {{1, rising}}), steady("b", 0, 180, 1)}).ok());
  CHECK(since(store, 90) == "90: +12105 -0");  // 90 + 91 + ... + 179
  for (int first = 180; first < 6 * kDay; first += 60) {
    REQUIRE(store.book({steady("a", first, first + 60, 1), steady("b", first, first + 60, 1)}).ok());
  }
  CHECK(since(store, 90) == "90: +12105 -0");
  // Asked about anew its minutes are there.
  CHECK(since(store, 60) == "60: +14340 -0");  // 60 + 61 + ... + 179
  CHECK(since(store, 90) == "90: +12105 -0");
}

TEST_CASE("an adopted group goes on from there, and brings nothing into today") {
  Store store(":memory:");
  REQUIRE(store.set_groups({sum()}).ok());
  Counter last;
  last.positive = last.shown_positive = 90'000'000;
  last.booked_from = last.booked_until = minute(60);
  REQUIRE(store.adopt(kSum, {{kGroupChannel, last}}));
  CHECK(since(store, 0) == "60: +0 -0");
  REQUIRE(store.book({steady("a", 50, 70, 3), steady("b", 50, 70, 1)}).ok());
  CHECK(since(store, 0) == "60: +20 -0");
  CHECK(store.counters(kSum).at(kGroupChannel).positive_wh() == 110);
}
