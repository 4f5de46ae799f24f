// Bridges of another count of shards at the same broker: who must be gone before one begins.
#include "app/neighbours.hpp"

#include <doctest/doctest.h>

using namespace emporia;

namespace {

void say(app::Neighbours& neighbours, const std::string& topic, const std::string& payload) {
  neighbours.received({"emporia/bridge/" + topic, payload, mqtt::Qos::at_least_once, true, {}, {}});
}

}  // namespace

TEST_CASE("in the way is who works with another count, or without one; not who has stopped, and not its like") {
  app::Neighbours neighbours(mqtt::TopicTree("emporia", "homeassistant", "2"), {2, 4});
  CHECK_FALSE(neighbours.in_the_way());
  say(neighbours, "1/info", R"({"shard":"1/4"})");
  say(neighbours, "1/state", "online");
  CHECK_FALSE(neighbours.in_the_way());
  // In whatever order it comes.
  say(neighbours, "3/state", "online");
  CHECK_FALSE(neighbours.in_the_way());
  say(neighbours, "3/info", R"({"shard":"3/3"})");
  CHECK(neighbours.in_the_way() == "emporia/bridge/3/state is online, of a bridge with shard 3/3");
  say(neighbours, "3/state", "offline");
  CHECK_FALSE(neighbours.in_the_way());
  // One's own number from before.
  say(neighbours, "2/info", R"({"shard":"2/3"})");
  say(neighbours, "2/state", "online");
  CHECK(neighbours.in_the_way());
  say(neighbours, "2/state", "offline");
  say(neighbours, "state", "online");
  CHECK(neighbours.in_the_way() == "emporia/bridge/state is online, of a bridge that has all devices");
  say(neighbours, "state", "offline");
  CHECK_FALSE(neighbours.in_the_way());
  for (const char* odd : {"", "{}", "[]", "{\"shard\":4}", "{\"shard\":\"x\"}"}) {
    CAPTURE(odd);
    say(neighbours, "1/info", odd);
    CHECK_FALSE(neighbours.in_the_way());
  }
}
