// A device's counters as the file holds them.
#include "ledger/counter_bytes.hpp"

#include <doctest/doctest.h>
#include <random>
#include <rapidcheck.h>

#include "ledger/epoch.hpp"
#include "ledger/store.hpp"
#include "rooms/ledger/older_file.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

constexpr MicroWh kMost = 4'000'000'000'000'000'000;

/// One by whose exact sums everything is shown.
Counter counter(MicroWh positive, MicroWh negative, std::int64_t from, std::int64_t until) {
  Counter counter;
  counter.positive = positive;
  counter.negative = negative;
  counter.booked_from = from_epoch(from);
  counter.booked_until = from_epoch(until);
  counter.show();
  return counter;
}

}  // namespace

TEST_CASE("counters are read back as they were, in few bytes") {
  Counters counters;
  CHECK(counters_from_bytes(to_bytes(counters)) == counters);
  // A house of two years: 30 MWh in, 2 MWh out.
  for (model::Channel channel = 1; channel <= 19; ++channel) {
    counters[channel] = counter(30'000'000'123'456, 2'000'000'654'321, 1'732'000'000, 1'795'392'600);
  }
  CHECK(to_bytes(counters).size() < 19 * 32);
  Counter& held_back = counters[1002];
  held_back = counter(kMost, kMost, 0, 1);
  held_back.shown_net = kMost;
  counters[9999] = counter(5, 0, 10, 10);
  counters[9999].shown_positive = kMost;
  CHECK(counters_from_bytes(to_bytes(counters)) == counters);
}

TEST_CASE("counters: any are read back as they were") {
  CHECK(rc::check([] {
    Counters counters;
    for (const auto channel : *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 10'000))) {
      const auto sum = [] { return *rc::gen::inRange<MicroWh>(0, kMost); };
      const auto from = *rc::gen::inRange<std::int64_t>(0, 3'000'000'000);
      Counter some = counter(sum(), sum(), from, from + *rc::gen::inRange<std::int64_t>(0, 3'000'000'000));
      some.shown_positive = std::max(some.shown_positive, sum());
      some.shown_negative = std::max(some.shown_negative, sum());
      some.shown_net = std::max(some.shown_net, sum());
      counters.emplace(static_cast<model::Channel>(channel), some);
    }
    RC_ASSERT(counters_from_bytes(to_bytes(counters)) == counters);
  }));
}

TEST_CASE("bytes that no booking has made are refused, and none of them does harm") {
  Counters counters;
  for (const model::Channel channel : {1U, 4U, 1001U}) counters[channel] = counter(1'234'567, 89, 1000, 2000);
  const std::string whole = to_bytes(counters);
  const std::string ends[] = {
      "",                                                                   // not even a form
      "\x02",                                                               // a form of another program
      whole.substr(0, whole.size() - 1),                                    // cut off
      whole + whole.substr(1),                                              // channels that do not ascend
      std::string("\x01\0\1\1\1\1\1\1\1", 9),                               // channel 0
      "\x01\x90\x4e" + std::string(7, '\0'),                                // channel 10,000
      "\x01\x01\x01" + std::string(6, '\0'),                                // a sum below zero
      "\x01\x01" + std::string(9, '\xff') + "\x01" + std::string(6, '\0'),  // a sum out of reach
      std::string("\x01\1\0\0\0\0\0", 7) + std::string(8, '\xff') + std::string("\x01\0", 2),  // after the end of time
  };
  for (const std::string& bytes : ends) CHECK_FALSE(counters_from_bytes(bytes).has_value());
  std::mt19937 random(7);
  for (int run = 0; run < 20'000; ++run) {
    std::string bytes = whole;
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto read = counters_from_bytes(bytes);
    if (!read) continue;
    for (const auto& [channel, counter] : *read) {
      REQUIRE(counter.positive >= 0);
      REQUIRE(counter.shown_positive >= counter.positive);
      REQUIRE(counter.shown_net >= counter.net());
      REQUIRE(counter.booked_from <= counter.booked_until);
    }
  }
}

TEST_CASE("a file with a row a channel goes on as one with a row a device") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Counters before;
  {
    Store store(path);
    REQUIRE(store.book({monitor(0, {{1, {60, -5, 2}}, {4, {3, 3, 3}}}), minutes("b", 0, {{2, {1, 2, 3}}})}).ok());
    // One of which more is shown than is booked.
    REQUIRE(store.book({monitor(0, {{1, {20}}})}).ok());
    before = store.counters(model::DeviceId("a"));
    REQUIRE(before.at(1).shown_positive == before.at(1).positive + 40'000'000);
  }
  make_version_7(path);
  for (int start = 0; start < 2; ++start) {
    Store store(path);
    CHECK(store.set_aside().empty());
    CHECK(store.counters(model::DeviceId("a")) == before);
    CHECK(store.counters(model::DeviceId("b")).at(2).positive_wh() == 6 + start);
    REQUIRE(store.book({minutes("b", 3, {{2, {1}}})}).ok());
    CHECK(store.counters(model::DeviceId("b")).at(2).positive_wh() == 7);
  }
}
