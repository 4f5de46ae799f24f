#include "model/by_channel.hpp"

#include <doctest/doctest.h>
#include <map>
#include <random>
#include <stdexcept>
#include <vector>

using namespace emporia::model;

namespace {

using Pairs = std::vector<std::pair<Channel, int>>;

Pairs in(const ByChannel<int>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("values go by ascending channels, and one that is there stays") {
  ByChannel<int> values{{5, 50}, {1, 10}, {1, 99}};
  CHECK(in(values) == Pairs{{1, 10}, {5, 50}});
  CHECK(values.emplace(3, 30).second);
  CHECK_FALSE(values.emplace(3, 99).second);
  values[1001] = 7;
  CHECK(values[2] == 0);
  CHECK(in(values) == Pairs{{1, 10}, {2, 0}, {3, 30}, {5, 50}, {1001, 7}});
  CHECK(values.back().second == 7);
  CHECK(values.at(5) == 50);
  CHECK(values.count(4) == 0);
  CHECK(values.find(4) == values.end());
  CHECK_THROWS_AS(values.at(4), std::out_of_range);
  CHECK(values == ByChannel<int>{{1001, 7}, {5, 50}, {3, 30}, {2, 0}, {1, 10}});
  CHECK_FALSE(values == ByChannel<int>{});
  CHECK(values.erase(3) == 1);
  CHECK(values.erase(4) == 0);
  CHECK(in(values) == Pairs{{1, 10}, {2, 0}, {5, 50}, {1001, 7}});
}

TEST_CASE("it holds what a std::map holds, whatever channels there are and in whatever order they come") {
  std::mt19937 random(1);
  // Nearly all channels of a monitor, every few, hardly any; 0 is no channel and must do no harm.
  for (const Channel highest : {3U, 22U, 60U, 1002U}) {
    for (int run = 0; run < 300; ++run) {
      ByChannel<int> values;
      std::map<Channel, int> expected;
      for (int step = 0; step < 25; ++step) {
        const auto channel = static_cast<Channel>(random() % (highest + 1));
        CHECK(values.emplace(channel, step).second == expected.emplace(channel, step).second);
        const auto asked = static_cast<Channel>(random() % (highest + 2));
        const auto known = expected.find(asked);
        const auto found = values.find(asked);
        REQUIRE((found == values.end()) == (known == expected.end()));
        if (known != expected.end()) REQUIRE(found->second == known->second);
      }
      REQUIRE(in(values) == Pairs(expected.begin(), expected.end()));
    }
  }
}
