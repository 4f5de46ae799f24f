#include "mqtt/retained.hpp"

#include <doctest/doctest.h>
#include <map>
#include <random>

#include "mqtt/outbox.hpp"

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

/// A broker that keeps what it is given and may lose the link before its acknowledgement is seen, or before the
/// message.
struct ModelBroker {
  std::map<std::string, std::string> standing;
  void take(const Message& message) {
    if (!message.retain) return;
    if (message.payload.empty()) {
      standing.erase(message.topic);
    } else {
      standing[message.topic] = message.payload;
    }
  }
};

/// One random history: wishes, partial deliveries, refusals, broken links, brokers that forget everything.
void live(std::uint64_t seed) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto dice = [&](int sides) { return static_cast<int>(random() % static_cast<std::uint64_t>(sides)); };
  Outbox outbox({"t0"}, 10);
  ModelBroker broker;
  std::map<std::string, std::string> wanted;
  std::vector<std::pair<Ticket, Message>> on_the_wire;
  bool up = false;
  const auto refuses = [&] { return dice(20) == 0; };
  for (int step = 0; step < 300; ++step) {
    const std::string topic = "t" + std::to_string(dice(12));
    Message message;
    message.topic = topic;
    message.retain = true;
    switch (dice(9)) {
      case 0:
      case 1:
      case 2:
        message.payload = std::to_string(dice(4));
        wanted[topic] = message.payload;
        outbox.put(message);
        break;
      case 3:
        wanted.erase(topic);
        outbox.put(message);
        break;
      case 4:
        message.retain = false;
        message.topic = "event" + std::to_string(dice(3));
        outbox.put(message);
        break;
      case 5:
        outbox.assert_all();
        break;
      case 6:
        if (up) {
          // The broker got a part of what was on the wire, and we hear of none of it.
          for (const auto& sent : on_the_wire) {
            if (dice(2) == 0) broker.take(sent.second);
          }
          on_the_wire.clear();
          outbox.link_down();
          if (dice(2) == 0) broker.standing.clear();
        } else {
          outbox.link_up(static_cast<std::uint16_t>(dice(6)));
        }
        up = !up;
        break;
      case 7:
        outbox.retry();
        break;
      default:
        for (auto count = dice(4); count > 0 && !on_the_wire.empty(); --count) {
          const auto sent = on_the_wire.front();
          on_the_wire.erase(on_the_wire.begin());
          const bool ok = !refuses();
          if (ok) broker.take(sent.second);
          outbox.delivered(sent.first, ok);
        }
        break;
    }
    for (auto& ready : outbox.take_ready()) {
      for (const auto& sent : on_the_wire) REQUIRE(sent.second.topic != ready.second.topic);
      on_the_wire.push_back(std::move(ready));
    }
    for (const auto& [known, payload] : wanted) {
      if (up && outbox.standing(known)) REQUIRE(broker.standing[known] == payload);
    }
  }
  if (!up) outbox.link_up(20);
  outbox.retry();
  for (;;) {
    for (auto& ready : outbox.take_ready()) on_the_wire.push_back(std::move(ready));
    if (on_the_wire.empty()) break;
    broker.take(on_the_wire.front().second);
    outbox.delivered(on_the_wire.front().first, true);
    on_the_wire.erase(on_the_wire.begin());
  }
  REQUIRE(outbox.waiting() == 0);
  REQUIRE(outbox.in_flight() == 0);
  REQUIRE(broker.standing == wanted);
  REQUIRE(outbox.retained_topics() == wanted.size());
}

TEST_CASE("whatever happens on the way, in the end the broker holds what is wanted and nothing else") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) live(seed);
}

}  // namespace
}  // namespace emporia::mqtt
