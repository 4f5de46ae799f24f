#include "mqtt/retained.hpp"

#include <doctest/doctest.h>
#include <random>

#include "fuzz/retained_history.hpp"

namespace emporia::mqtt {
namespace {

/// Everything that can be taken now, such as "a=1 b=".
std::string take_all(Retained& set) {
  std::string text;
  while (const auto change = set.take()) text += (text.empty() ? "" : " ") + change->topic + "=" + change->payload;
  return text;
}

TEST_CASE("what stands is not sent again, what changes is") {
  Retained set;
  set.want("a", "1");
  CHECK_FALSE(set.standing("a"));
  CHECK(take_all(set) == "a=1");
  CHECK_FALSE(set.standing("a"));
  set.delivered("a", true);
  CHECK(set.standing("a"));
  set.want("a", "1");
  CHECK(take_all(set).empty());
  CHECK(set.standing("a"));
  set.want("a", "2");
  CHECK_FALSE(set.standing("a"));
  CHECK(take_all(set) == "a=2");
}

TEST_CASE("a topic to be cleared is cleared even if it was never wanted here, and is forgotten then") {
  Retained set;
  set.forget("left/behind");
  CHECK_FALSE(set.standing("left/behind"));
  CHECK(set.size() == 1);
  CHECK(take_all(set) == "left/behind=");
  set.delivered("left/behind", true);
  CHECK(set.standing("left/behind"));
  CHECK(set.size() == 0);
}

TEST_CASE("wanted again while its clearing is in flight, it stands in the end") {
  Retained set;
  set.want("a", "1");
  take_all(set);
  set.delivered("a", true);
  set.forget("a");
  CHECK(take_all(set) == "a=");
  set.want("a", "2");
  set.delivered("a", true);
  CHECK(take_all(set) == "a=2");
  set.delivered("a", true);
  CHECK(set.standing("a"));
  CHECK(set.size() == 1);
}

TEST_CASE("everything is asserted in the order in which it was first wanted, the last topics behind all else") {
  Retained set({"bridge/state"});
  set.want("bridge/state", "online");
  set.want("b", "1");
  set.want("a", "1");
  CHECK(take_all(set) == "bridge/state=online b=1 a=1");
  for (const char* topic : {"a", "b", "bridge/state"}) set.delivered(topic, true);
  set.want("b", "2");
  set.assert_all();
  CHECK_FALSE(set.standing("a"));
  CHECK(take_all(set) == "b=2 a=1");
  set.delivered("b", true);
  CHECK(take_all(set).empty());
  set.delivered("a", true);
  CHECK(take_all(set) == "bridge/state=online");
}

TEST_CASE("a last topic waits for what waited before it, not for what came after") {
  Retained set({"bridge/state"});
  set.want("a", "1");
  set.want("bridge/state", "online");
  set.want("b", "1");
  // "b" does not wait for a last topic that may not go yet.
  CHECK(take_all(set) == "a=1 b=1");
  set.delivered("a", true);
  CHECK(take_all(set) == "bridge/state=online");
}

TEST_CASE("asserted while in flight, a topic is sent once more") {
  Retained set;
  set.want("a", "1");
  take_all(set);
  set.assert_all();
  CHECK(take_all(set).empty());
  set.delivered("a", true);
  CHECK_FALSE(set.standing("a"));
  CHECK(take_all(set) == "a=1");
  set.delivered("a", true);
  CHECK(set.standing("a"));
}

TEST_CASE("one topic can be asserted alone") {
  Retained set;
  set.assert_one("unknown");
  set.want("a", "1");
  set.want("b", "1");
  take_all(set);
  set.delivered("a", true);
  set.delivered("b", true);
  set.assert_one("b");
  CHECK(take_all(set) == "b=1");
}

TEST_CASE("whatever happens on the way, in the end the broker holds what is wanted and nothing else") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    int steps = 0;
    RetainedHistory history([&](int sides) { return static_cast<int>(random() % static_cast<std::uint64_t>(sides)); },
                            [&] { return ++steps <= 300; });
    REQUIRE(history.broken_law() == "");
  }
}

}  // namespace
}  // namespace emporia::mqtt
