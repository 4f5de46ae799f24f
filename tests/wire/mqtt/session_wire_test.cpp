#include <doctest/doctest.h>
#include <iostream>

#include "linked.hpp"
#include "mqtt/session.hpp"
#include "runtime/inbox.hpp"

namespace emporia::mqtt {
namespace {

using support::Mosquitto;
using support::Observer;
using Standing = std::map<std::string, std::string>;

/// A session over a real link with a loop like the bridge's, turned by the test.
class Turning {
 public:
  explicit Turning(LinkOptions options)
      : link_(std::move(options), [this](LinkEvent event) { inbox_.post(std::move(event)); }),
        session_(link_, session_options()) {
    session_.start(runtime::read_clock());
  }

  Session& session() { return session_; }
  const std::vector<Received>& received() const { return received_; }

  /// Turns the loop until the condition holds.
  bool until(const std::function<bool()>& condition) {
    const auto end = runtime::read_clock().steady + support::kPatience;
    while (!condition()) {
      if (runtime::read_clock().steady >= end) return false;
      for (const LinkEvent& event : inbox_.take_until(std::min(end, session_.next_deadline()))) {
        if (const auto* received = std::get_if<Received>(&event)) received_.push_back(*received);
        session_.on_event(event, runtime::read_clock());
      }
      session_.on_time(runtime::read_clock());
    }
    return true;
  }
  bool until_all_sent() {
    return until([this] { return session_.up() && session_.settled(); });
  }

 private:
  static SessionOptions session_options() {
    SessionOptions options;
    options.farewell = message("emporia/bridge/state", "offline", true);
    options.last_topics = {"emporia/bridge/state"};
    return options;
  }

  runtime::Inbox<LinkEvent> inbox_;
  PahoLink link_;
  Session session_;
  std::vector<Received> received_;
};

TEST_CASE("a broker that is killed and comes back empty is told everything again") {
  for (const int version : {5, 3}) {
    CAPTURE(version);
    Mosquitto broker;
    Turning turning(options_for(broker, version));
    Session& session = turning.session();
    session.subscribe({{"emporia/+/set", true, true}});
    session.publish_retained("emporia/bridge/state", "online");
    session.publish_retained("emporia/a/state", "1");
    session.publish_retained("emporia/b/state", "2");
    session.publish_retained("emporia/c/state", "3");
    REQUIRE(turning.until_all_sent());
    session.clear("emporia/c/state");
    REQUIRE(turning.until_all_sent());
    Standing expected = {{"emporia/a/state", "1"}, {"emporia/b/state", "2"}, {"emporia/bridge/state", "online"}};
    CHECK(broker.retained() == expected);

    broker.kill();
    REQUIRE(turning.until([&] { return !session.up(); }));
    session.publish_retained("emporia/b/state", "20");
    session.publish(message("emporia/bridge/event", "while away"));
    broker.start();
    const Observer observer(broker, {"emporia/bridge/event"});
    REQUIRE(turning.until_all_sent());
    expected["emporia/b/state"] = "20";
    CHECK(broker.retained() == expected);
    CHECK(observer.wait_for("emporia/bridge/event", "while away"));

    broker.publish("emporia/a/set", "ON");
    REQUIRE(turning.until([&] { return !turning.received().empty(); }));
    CHECK(turning.received().front().message.payload == "ON");

    session.stop(runtime::read_clock());
    REQUIRE(turning.until([&] { return session.stopped(); }));
    CHECK(broker.retained("emporia/bridge/state").at("emporia/bridge/state") == "offline");
    CHECK(broker.process().wait_for_line("Received DISCONNECT from bridge"));
  }
}

TEST_CASE("a topic that the broker does not let us write to costs the link once, and nothing else is missing") {
  support::TempDir folder;
  support::MosquittoOptions strict;
  // mosquitto 2.0.11 refuses the message and then ends the connection too.
  strict.extra = {"acl_file " + folder.write("acl", "topic readwrite open/#\n")};
  Mosquitto broker(strict);
  Turning turning(options_for(broker));
  Session& session = turning.session();
  session.publish_retained("open/a", "1");
  session.publish_retained("closed/a", "1");
  session.publish_retained("open/b", "1");
  REQUIRE(turning.until([&] { return session.standing("open/a") && session.standing("open/b"); }));
  CHECK(broker.retained() == Standing{{"open/a", "1"}, {"open/b", "1"}});
  CHECK(session.health().refused_topics == 1);
  CHECK(session.health().connects <= 2);
}

TEST_CASE("a thousand retained messages are there within seconds, whatever the version") {
  for (const int version : {5, 3}) {
    CAPTURE(version);
    Mosquitto broker;
    Turning turning(options_for(broker, version));
    Session& session = turning.session();
    REQUIRE(turning.until([&] { return session.up(); }));
    constexpr int kMessages = 1000;
    const auto begin = runtime::read_clock().steady;
    for (int i = 0; i < kMessages; ++i) {
      session.publish_retained("emporia/d" + std::to_string(i) + "/state", std::string(300, 'x'));
    }
    REQUIRE(turning.until_all_sent());
    const std::chrono::duration<double> took = runtime::read_clock().steady - begin;
    std::cout << "1000 retained messages of 300 bytes, MQTT " << version << ": " << took.count() * 1000 << " ms\n";
    CHECK(session.health().messages.acknowledged == kMessages);
    CHECK(broker.retained().size() == kMessages);
    // A window that runs full without waking the library gives 20 messages a second: 50 s.
    CHECK(took < std::chrono::seconds(10));
  }
}

}  // namespace
}  // namespace emporia::mqtt
