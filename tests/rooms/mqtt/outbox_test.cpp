#include "mqtt/outbox.hpp"

#include <doctest/doctest.h>
#include <string>

namespace emporia::mqtt {
namespace {

constexpr std::uint16_t kMosquitto = 20;

Message retained(const std::string& topic, const std::string& payload) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.retain = true;
  return message;
}

Message one_shot(const std::string& topic, const std::string& payload, Qos qos = Qos::at_least_once) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.qos = qos;
  return message;
}

/// An outbox and the messages that it has given to the link, oldest first.
struct Posting {
  Outbox outbox;
  std::vector<std::pair<Ticket, Message>> in_flight;

  /// What goes out now, such as "a=1 b=2".
  std::string take() {
    std::string text;
    for (auto& ready : outbox.take_ready()) {
      text += (text.empty() ? "" : " ") + ready.second.topic + "=" + ready.second.payload;
      in_flight.push_back(std::move(ready));
    }
    return text;
  }
  void acknowledge(bool ok = true) {
    REQUIRE_FALSE(in_flight.empty());
    outbox.delivered(in_flight.front().first, ok);
    in_flight.erase(in_flight.begin());
  }
  void link_down() {
    outbox.link_down();
    in_flight.clear();
  }
};

TEST_CASE(
    "nothing goes out before the link is up; then what was waiting, one-shot messages first, and new things as they "
    "come") {
  Posting posting;
  posting.outbox.put(retained("a", "1"));
  posting.outbox.put(one_shot("event", "x"));
  posting.outbox.put(retained("b", "2"));
  CHECK(posting.take().empty());
  CHECK(posting.outbox.waiting() == 3);
  posting.outbox.link_up(kMosquitto);
  CHECK(posting.take() == "event=x a=1 b=2");
  posting.outbox.put(retained("c", "3"));
  posting.outbox.put(one_shot("event2", "y"));
  CHECK(posting.take() == "c=3 event2=y");
}

TEST_CASE("the window is one less than the broker takes, 19 at most and 1 at least") {
  struct Case {
    std::uint16_t receive_maximum;
    std::size_t window;
  };
  for (const Case c : {Case{0, 1}, Case{1, 1}, Case{2, 1}, Case{3, 2}, Case{20, 19}, Case{21, 19}, Case{65535, 19}}) {
    CAPTURE(c.receive_maximum);
    Posting posting;
    for (int i = 0; i < 30; ++i) posting.outbox.put(retained("t" + std::to_string(i), "x"));
    posting.outbox.link_up(c.receive_maximum);
    posting.take();
    CHECK(posting.in_flight.size() == c.window);
    CHECK(posting.outbox.in_flight() == c.window);
    CHECK(posting.take().empty());
    posting.acknowledge();
    posting.take();
    CHECK(posting.in_flight.size() == c.window);
  }
}

TEST_CASE("a newer value takes the place of a waiting one, and the topic keeps its place") {
  Posting posting;
  posting.outbox.put(retained("a", "1"));
  posting.outbox.put(retained("b", "1"));
  posting.outbox.put(retained("a", "2"));
  posting.outbox.link_up(kMosquitto);
  CHECK(posting.take() == "a=2 b=1");
  CHECK(posting.outbox.counters().replaced == 1);
}

TEST_CASE("a topic in flight is not sent again before its acknowledgement, and then only with the newest value") {
  Posting posting;
  posting.outbox.link_up(kMosquitto);
  posting.outbox.put(retained("a", "1"));
  CHECK(posting.take() == "a=1");
  posting.outbox.put(retained("a", "2"));
  posting.outbox.put(retained("a", "3"));
  posting.outbox.put(one_shot("event", "x"));
  CHECK(posting.take() == "event=x");
  posting.outbox.put(one_shot("event", "y"));
  CHECK(posting.take().empty());
  CHECK_FALSE(posting.outbox.standing("a"));
  posting.acknowledge();
  CHECK(posting.take() == "a=3");
  posting.acknowledge();
  CHECK(posting.take() == "event=y");
  posting.acknowledge();
  CHECK(posting.outbox.standing("a"));
}

TEST_CASE("of one-shot messages that wait too long the oldest are dropped and counted") {
  Posting posting{Outbox({}, 3), {}};
  for (const char* payload : {"1", "2", "3", "4", "5"})
    posting.outbox.put(one_shot("e" + std::string(payload), payload));
  CHECK(posting.outbox.counters().dropped == 2);
  posting.outbox.link_up(kMosquitto);
  CHECK(posting.take() == "e3=3 e4=4 e5=5");
}

TEST_CASE("of large one-shot messages that wait no more are kept than so many bytes, but the newest always") {
  Posting posting;
  constexpr std::size_t kQuarter = Outbox::kOneShotBytes / 4;
  for (const char letter : {'a', 'b', 'c', 'd', 'e', 'f'}) {
    posting.outbox.put(one_shot(std::string(1, letter), std::string(kQuarter, letter)));
  }
  CHECK(posting.outbox.counters().dropped == 2);
  posting.outbox.link_up(kMosquitto);
  CHECK(posting.take().size() > 4 * kQuarter);
  // In flight they do not count; lost with the link they do.
  posting.outbox.put(one_shot("g", std::string(2 * kQuarter, 'g')));
  CHECK(posting.outbox.counters().dropped == 2);
  posting.link_down();
  CHECK(posting.outbox.counters().dropped == 4);
  CHECK(posting.outbox.waiting() == 3);
  posting.outbox.put(one_shot("h", std::string(5 * kQuarter, 'h')));
  CHECK(posting.outbox.waiting() == 1);
  CHECK(posting.outbox.counters().dropped == 7);
}

TEST_CASE("a one-shot message overtakes when a hundred retained ones have gone ahead of it") {
  Posting posting;
  posting.outbox.link_up(kMosquitto);
  for (int i = 0; i < 500; ++i) posting.outbox.put(retained("t" + std::to_string(i), "x"));
  posting.outbox.put(one_shot("answer", "x"));
  int before = 0;
  for (;; ++before) {
    posting.take();
    if (posting.in_flight.front().second.topic == "answer") break;
    REQUIRE(before < 500);
    posting.acknowledge();
  }
  CHECK(before == 100);
}

TEST_CASE("what is in flight when the link breaks goes out again, in order; unacknowledged kinds are gone") {
  Posting posting;
  posting.outbox.link_up(kMosquitto);
  posting.outbox.put(retained("a", "1"));
  posting.outbox.put(one_shot("e1", "x"));
  posting.outbox.put(one_shot("e2", "x", Qos::at_most_once));
  posting.outbox.put(one_shot("e3", "x"));
  const auto old = posting.outbox.take_ready();
  CHECK(old.size() == 4);
  posting.link_down();
  posting.outbox.put(one_shot("e4", "x"));
  CHECK(posting.take().empty());
  // A late outcome of the lost link means nothing.
  CHECK_FALSE(posting.outbox.delivered(old.front().first, true).has_value());
  CHECK_FALSE(posting.outbox.standing("a"));
  posting.outbox.link_up(kMosquitto);
  CHECK(posting.take() == "e1=x e3=x e4=x a=1");
  CHECK(posting.outbox.counters().dropped == 1);
}

TEST_CASE("a refused one-shot message is given up, a refused retained one is left alone until it is tried again") {
  Posting posting;
  posting.outbox.link_up(kMosquitto);
  posting.outbox.put(one_shot("e", "x"));
  posting.take();
  const auto refused = posting.outbox.delivered(posting.in_flight.front().first, false);
  CHECK(refused == "e");
  posting.in_flight.clear();
  posting.outbox.put(retained("a", "1"));
  CHECK(posting.take() == "a=1");
  posting.acknowledge(false);
  posting.outbox.put(retained("a", "2"));
  CHECK(posting.take().empty());
  CHECK(posting.outbox.refused_topics() == 1);
  posting.link_down();
  posting.outbox.link_up(kMosquitto);
  CHECK(posting.take().empty());
  posting.outbox.retry();
  CHECK(posting.take() == "a=2");
  posting.acknowledge();
  CHECK(posting.outbox.standing("a"));
  CHECK(posting.outbox.refused_topics() == 0);
  CHECK(posting.outbox.counters().refused == 2);
  CHECK(posting.outbox.counters().dropped == 1);
}

TEST_CASE("closed, it gives what is said once and nothing that stands") {
  Posting posting;
  posting.outbox.link_up(20);
  posting.outbox.put(retained("a", "1"));
  posting.outbox.put(one_shot("e", "x"));
  posting.outbox.put(retained("b", "2"));
  posting.outbox.put(one_shot("f", "y"));
  posting.outbox.close();
  posting.outbox.put(one_shot("g", "too late"));
  CHECK(posting.take() == "e=x f=y");
  CHECK_FALSE(posting.outbox.closed());
  posting.acknowledge();
  CHECK_FALSE(posting.outbox.closed());
  posting.acknowledge();
  CHECK(posting.outbox.closed());
  CHECK(posting.outbox.counters().dropped == 1);
}

TEST_CASE("the only message left goes ahead of everything, but not past its own topic") {
  Posting posting;
  posting.outbox.link_up(2);
  posting.outbox.put(retained("state", "online"));
  CHECK(posting.take() == "state=online");
  posting.outbox.put(retained("a", "1"));
  posting.outbox.put(one_shot("e", "x"));
  posting.outbox.put_only(retained("state", "offline"));
  CHECK(posting.take().empty());
  CHECK_FALSE(posting.outbox.closed());
  posting.acknowledge();
  CHECK(posting.take() == "state=offline");
  CHECK_FALSE(posting.outbox.closed());
  posting.acknowledge();
  CHECK(posting.take().empty());
  CHECK(posting.outbox.closed());
}

}  // namespace
}  // namespace emporia::mqtt
