#include "mqtt/session.hpp"

#include <deque>
#include <doctest/doctest.h>

#include "runtime/text.hpp"

namespace emporia::mqtt {
namespace {

using std::chrono::seconds;

/// A link that writes down what it is asked to do and does nothing.
class RecordingLink : public Link {
 public:
  void connect() override { note("connect"); }
  void disconnect() override { note("disconnect"); }
  void subscribe(const std::vector<Subscription>& subscriptions) override {
    for (const Subscription& one : subscriptions) {
      note(runtime::concat("subscribe ", one.filter, one.no_local ? " no_local" : "",
                           one.skip_retained ? " skip_retained" : ""));
    }
  }
  void unsubscribe(const std::vector<std::string>& filters) override {
    for (const std::string& filter : filters) note("unsubscribe " + filter);
  }
  void send(Ticket ticket, const Message& message) override {
    note(runtime::concat(message.retain ? "retain " : "send ", message.topic, "=", message.payload));
    in_flight.push_back(ticket);
  }

  /// What was asked since the last call, one a line.
  std::string said() { return std::exchange(text_, {}); }

  std::deque<Ticket> in_flight;

 private:
  void note(const std::string& what) { text_ += what + "\n"; }
  std::string text_;
};

/// A session over a recording link with a clock that is moved by hand.
struct Story {
  explicit Story(SessionOptions options = with_farewell()) : session(link, std::move(options)) {}

  static SessionOptions with_farewell() {
    SessionOptions options;
    options.farewell.topic = "bridge/state";
    options.farewell.payload = "offline";
    options.farewell.retain = true;
    options.last_topics = {"bridge/state"};
    return options;
  }

  void start() { session.start(now); }
  void up() { session.on_event(LinkUp{20}, now); }
  void down(bool refused = false) {
    link.in_flight.clear();
    session.on_event(LinkDown{"it broke", refused}, now);
  }
  void acknowledge(bool ok = true) {
    REQUIRE_FALSE(link.in_flight.empty());
    const Ticket ticket = link.in_flight.front();
    link.in_flight.pop_front();
    session.on_event(Delivered{ticket, ok}, now);
  }
  void acknowledge_all() {
    while (!link.in_flight.empty()) acknowledge();
  }
  /// Lets time pass as the loop does: it wakes at every deadline on the way.
  void pass(std::chrono::milliseconds time) {
    const auto end = now.steady + time;
    while (session.next_deadline() <= end) {
      now.steady = std::max(now.steady, session.next_deadline());
      session.on_time(now);
    }
    now.steady = end;
    session.on_time(now);
  }
  /// The pause until the session does something by itself, in seconds.
  double pause() const { return std::chrono::duration<double>(session.next_deadline() - now.steady).count(); }
  /// Up, with everything said so far forgotten.
  void be_up() {
    start();
    up();
    acknowledge_all();
    link.said();
  }

  runtime::Now now{runtime::SteadyTime(seconds(1000)), {}};
  RecordingLink link;
  Session session;
};

Message one_shot(const std::string& topic, const std::string& payload) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  return message;
}

TEST_CASE("once up, it subscribes, then sends what stands, and says last that it is online") {
  Story story;
  story.session.publish_retained("bridge/state", "online");
  story.session.publish_retained("a/state", "1");
  story.session.subscribe({{"a/set", false, true}, {"discovery/#", true, false}});
  CHECK(story.link.said().empty());
  story.start();
  CHECK(story.link.said() == "connect\n");
  CHECK_FALSE(story.session.up());
  story.up();
  CHECK(story.session.up());
  CHECK(story.link.said() ==
        "subscribe a/set skip_retained\n"
        "subscribe discovery/# no_local\n"
        "retain a/state=1\n");
  story.acknowledge();
  CHECK(story.session.standing("a/state"));
  CHECK(story.link.said() == "retain bridge/state=online\n");
  CHECK_FALSE(story.session.settled());
  story.acknowledge();
  CHECK(story.session.settled());
}

TEST_CASE("a link that breaks is tried again after growing pauses, and everything is said again") {
  Story story;
  story.session.subscribe({{"a/set", false, false}});
  story.session.publish_retained("a/state", "1");
  story.be_up();
  story.pass(seconds(3600));
  story.down();
  CHECK_FALSE(story.session.up());
  CHECK_FALSE(story.session.standing("a/state"));
  // Doubling from 1 s to 60 s, each a fifth longer or shorter.
  for (const double about : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0}) {
    CAPTURE(about);
    CHECK(story.pause() >= about * 0.79);
    CHECK(story.pause() <= about * 1.21);
    story.pass(seconds(73));
    CHECK(story.link.said() == "connect\n");
    CHECK(story.session.next_deadline() == runtime::kNever);
    story.down();
  }
  story.session.publish_retained("a/state", "2");
  story.pass(seconds(73));
  story.up();
  CHECK(story.link.said() == "connect\nsubscribe a/set\nretain a/state=2\n");
  CHECK(story.session.health().connects == 2);
  CHECK(story.session.health().last_error == "it broke");
  // After an hour up it starts from the first pause again.
  story.pass(seconds(3600));
  story.down();
  CHECK(story.pause() <= 1.21);
}

TEST_CASE("a link that breaks as soon as it is up is no success") {
  Story story;
  story.be_up();
  for (int i = 0; i < 10; ++i) {
    story.down();
    story.pass(seconds(73));
    story.up();
  }
  story.down();
  CHECK(story.pause() >= 47);
  CHECK(story.session.health().last_error.find("another client may use the same [mqtt] client_id") !=
        std::string::npos);
}

TEST_CASE("a broker that refuses us is left in peace for a minute, then for longer, up to five") {
  Story story;
  story.start();
  for (const double about : {60.0, 120.0, 240.0, 300.0, 300.0}) {
    CAPTURE(about);
    story.down(true);
    CHECK(story.pause() >= about * 0.79);
    CHECK(story.pause() <= about * 1.21);
    story.pass(seconds(361));
  }
}

TEST_CASE("at Home Assistant's birth everything is sent again, or one topic alone") {
  Story story;
  story.session.publish_retained("a", "1");
  story.session.publish_retained("b", "1");
  story.be_up();
  story.session.reassert();
  CHECK(story.link.said() == "retain a=1\nretain b=1\n");
  story.acknowledge_all();
  story.session.reassert("b");
  CHECK(story.link.said() == "retain b=1\n");
}

TEST_CASE("clearing sends an empty retained message until it is acknowledged") {
  Story story;
  story.session.publish_retained("a", "1");
  story.be_up();
  story.session.clear("a");
  CHECK(story.link.said() == "retain a=\n");
  CHECK_FALSE(story.session.standing("a"));
  story.down();
  story.pass(seconds(2));
  story.up();
  CHECK(story.link.said() == "connect\nretain a=\n");
  story.acknowledge();
  CHECK(story.session.standing("a"));
  CHECK(story.session.health().retained == 0);
}

TEST_CASE("subscriptions made and ended while up take effect at once, and a filter is known once") {
  Story story;
  story.be_up();
  story.session.subscribe({{"a", false, false}, {"b", false, false}});
  story.session.subscribe({{"a", true, false}});
  story.session.unsubscribe({"b"});
  CHECK(story.link.said() == "subscribe a\nsubscribe b\nsubscribe a no_local\nunsubscribe b\n");
  story.down();
  story.pass(seconds(2));
  story.up();
  CHECK(story.link.said() == "connect\nsubscribe a no_local\n");
}

TEST_CASE("an illegal topic is left out") {
  Story story;
  story.be_up();
  CHECK_FALSE(story.session.publish_retained("a/+", "1"));
  CHECK_FALSE(story.session.publish(one_shot("", "1")));
  CHECK_FALSE(story.session.clear("a\x01"));
  CHECK(story.link.said().empty());
  CHECK(story.session.health().retained == 0);
}

TEST_CASE("what the broker refuses is left out and tried again after some minutes, not before") {
  Story story;
  story.session.publish_retained("closed", "1");
  story.start();
  story.up();
  story.link.said();
  story.acknowledge(false);
  CHECK(story.session.health().refused_topics == 1);
  CHECK(story.session.health().last_error == "a message for closed was refused");
  story.session.publish_retained("closed", "2");
  story.session.publish_retained("open", "1");
  CHECK(story.link.said() == "retain open=1\n");
  story.acknowledge_all();
  // mosquitto ends the connection over it; the next one must not end likewise.
  story.down();
  story.pass(seconds(2));
  story.up();
  CHECK(story.link.said() == "connect\nretain open=1\n");
  story.acknowledge_all();
  story.pass(seconds(361));
  CHECK(story.link.said() == "retain closed=2\n");
  story.acknowledge();
  CHECK(story.session.standing("closed"));
  CHECK(story.session.health().refused_topics == 0);
}

TEST_CASE("stopping says offline ahead of all that waits, then goodbye") {
  Story story;
  story.session.publish_retained("bridge/state", "online");
  story.be_up();
  for (int i = 0; i < 100; ++i) story.session.publish_retained("t" + std::to_string(i), "x");
  story.link.said();
  story.session.stop(story.now);
  CHECK(story.link.said().empty());
  CHECK_FALSE(story.session.stopped());
  // What is on its way comes to its end; nothing that waits is begun.
  while (story.link.in_flight.size() > 1) story.acknowledge();
  CHECK(story.link.said().empty());
  story.acknowledge();
  CHECK(story.link.said() == "retain bridge/state=offline\n");
  story.acknowledge_all();
  CHECK(story.link.said() == "disconnect\n");
  CHECK(story.session.stopped());
  CHECK(story.session.next_deadline() == runtime::kNever);
}

TEST_CASE("stopping gives results and responses a second to go out, in their order, before offline") {
  Story story;
  story.be_up();
  for (const char* payload : {"1", "2", "3"}) story.session.publish(one_shot("lamp/result", payload));
  CHECK(story.link.said() == "send lamp/result=1\n");
  story.session.stop(story.now);
  story.session.publish(one_shot("lamp/result", "too late"));
  story.acknowledge();
  CHECK(story.link.said() == "send lamp/result=2\n");
  story.acknowledge();
  CHECK(story.link.said() == "send lamp/result=3\n");
  story.acknowledge();
  CHECK(story.link.said() == "retain bridge/state=offline\n");
  story.acknowledge();
  CHECK(story.session.stopped());

  Story slow;
  slow.be_up();
  for (const char* payload : {"1", "2", "3"}) slow.session.publish(one_shot("lamp/result", payload));
  slow.session.stop(slow.now);
  CHECK(slow.link.said() == "send lamp/result=1\n");
  slow.pass(std::chrono::milliseconds(999));
  CHECK(slow.link.said().empty());
  slow.pass(std::chrono::milliseconds(1));
  CHECK(slow.link.said() == "retain bridge/state=offline\n");
  CHECK_FALSE(slow.session.stopped());
  slow.pass(seconds(1));
  CHECK(slow.session.stopped());
}

TEST_CASE("stopping ends within two seconds when the broker is silent, at once when there is none") {
  Story silent;
  silent.session.publish_retained("bridge/state", "online");
  silent.be_up();
  silent.session.stop(silent.now);
  CHECK(silent.link.said() == "retain bridge/state=offline\n");
  silent.pass(std::chrono::milliseconds(1999));
  CHECK_FALSE(silent.session.stopped());
  silent.pass(std::chrono::milliseconds(1));
  CHECK(silent.session.stopped());
  CHECK(silent.link.said() == "disconnect\n");

  Story broken;
  broken.be_up();
  broken.session.stop(broken.now);
  broken.down();
  CHECK(broken.session.stopped());

  Story alone;
  alone.start();
  alone.down();
  alone.session.stop(alone.now);
  CHECK(alone.session.stopped());
  CHECK(alone.link.said() == "connect\ndisconnect\n");
  alone.pass(seconds(100));
  CHECK(alone.link.said().empty());
}

}  // namespace
}  // namespace emporia::mqtt
