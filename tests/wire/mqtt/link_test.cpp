#include <doctest/doctest.h>
#include <signal.h>

#include "linked.hpp"

namespace emporia::mqtt {
namespace {

using support::Mosquitto;
using support::MosquittoOptions;
using support::Observer;

const int kVersions[] = {5, 3};

TEST_CASE("a link comes up, hands over messages and says goodbye without its will") {
  for (const int version : kVersions) {
    CAPTURE(version);
    Mosquitto broker;
    const Observer observer(broker);
    LinkOptions options = options_for(broker, version);
    options.will = message("emporia/bridge/state", "offline", true);
    {
      Linked linked(options);
      REQUIRE(linked.connect());
      // What mosquitto says for MQTT 5, and what is taken for 3.1.1, which cannot say it.
      CHECK(linked.all<LinkUp>().front().receive_maximum == 20);
      CHECK(linked.send(message("emporia/a", "1", true)) == true);
      Message unacknowledged = message("emporia/b", "2");
      unacknowledged.qos = Qos::at_most_once;
      CHECK(linked.send(unacknowledged) == true);
      linked.link().disconnect();
      CHECK(linked.all<LinkDown>().empty());
    }
    CHECK(observer.wait_for("emporia/a", "1"));
    CHECK(observer.wait_for("emporia/b", "2"));
    CHECK(broker.process().wait_for_line("Received DISCONNECT from bridge"));
    CHECK(broker.retained() == std::map<std::string, std::string>{{"emporia/a", "1"}});
  }
}

TEST_CASE("the will is published, retained, when the process is killed") {
  for (const int version : kVersions) {
    CAPTURE(version);
    Mosquitto broker;
    const Observer observer(broker);
    support::ChildProcess victim({VICTIM, std::to_string(broker.port()), std::to_string(version)});
    REQUIRE(broker.process().wait_for_line("as bridge"));
    victim.signal(SIGKILL);
    CHECK(observer.wait_for("emporia/bridge/state", "offline"));
    CHECK(broker.retained("emporia/bridge/state").at("emporia/bridge/state") == "offline");
  }
}

TEST_CASE("a wrong password is refused with what to do, and a right one is not") {
  for (const int version : kVersions) {
    CAPTURE(version);
    MosquittoOptions locked;
    locked.username = "bridge";
    locked.password = "correct horse";
    Mosquitto broker(locked);
    LinkOptions options = options_for(broker, version);
    options.username = "bridge";
    options.password = "battery staple";
    Linked wrong(options);
    wrong.link().connect();
    const auto down = wrong.wait_for<LinkDown>();
    REQUIRE(down);
    CHECK(down->refused);
    CHECK(holds(down->reason, "check [mqtt] username and password"));
    CHECK_FALSE(holds(down->reason, "battery"));
    options.password = locked.password;
    CHECK(Linked(options).connect());
  }
}

TEST_CASE("a broker that is not there is told apart from a host that is not there") {
  LinkOptions options;
  options.host = "127.0.0.1";
  options.port = support::free_port();
  options.client_id = "bridge";
  Linked closed(options);
  closed.link().connect();
  auto down = closed.wait_for<LinkDown>();
  REQUIRE(down);
  CHECK_FALSE(down->refused);
  CHECK(down->reason == "connection refused: is the broker running at " + std::string("127.0.0.1:") +
                            std::to_string(options.port) + "?");
  options.host = "no-such-host.invalid";
  Linked unknown(options);
  unknown.link().connect();
  down = unknown.wait_for<LinkDown>();
  REQUIRE(down);
  CHECK(holds(down->reason, "the host no-such-host.invalid is not found"));
  CHECK(holds(down->reason, "check [mqtt] host"));
}

TEST_CASE("an IPv6 address is taken with and without brackets") {
  LinkOptions options;
  options.port = support::free_port();
  options.client_id = "bridge";
  for (const char* host : {"::1", "[::1]"}) {
    CAPTURE(host);
    options.host = host;
    Linked linked(options);
    linked.link().connect();
    const auto down = linked.wait_for<LinkDown>();
    REQUIRE(down);
    CHECK(holds(down->reason, "[::1]:" + std::to_string(options.port)));
  }
}

TEST_CASE("a broker that dies takes the link down once, everything in flight with it, and the link comes up again") {
  for (const int version : kVersions) {
    CAPTURE(version);
    Mosquitto broker;
    Linked linked(options_for(broker, version));
    REQUIRE(linked.connect());
    // Stopped, it acknowledges nothing: what is sent now is in flight when it dies.
    broker.process().signal(SIGSTOP);
    for (Ticket ticket = 100; ticket < 110; ++ticket) linked.link().send(ticket, message("emporia/a", "1"));
    broker.kill();
    REQUIRE(linked.wait_for<LinkDown>());
    REQUIRE(linked.wait_for<Delivered>(10));
    CHECK(holds(linked.all<LinkDown>().front().reason, "was lost"));
    bool is_down = false;
    for (const LinkEvent& event : linked.events()) {
      if (std::holds_alternative<LinkDown>(event)) is_down = true;
      if (const auto* delivered = std::get_if<Delivered>(&event)) {
        CHECK(is_down);
        CHECK_FALSE(delivered->ok);
      }
    }
    CHECK(linked.send(message("emporia/a", "while down")) == false);
    broker.start();
    REQUIRE(linked.connect());
    CHECK(linked.send(message("emporia/a", "2", true)) == true);
    CHECK(linked.all<LinkDown>().size() == 1);
    CHECK(linked.all<Delivered>().size() == 12);
    // Nothing of the lost link is sent again by the library.
    CHECK(broker.retained() == std::map<std::string, std::string>{{"emporia/a", "2"}});
  }
}

TEST_CASE("a broker that falls silent is noticed by its keep alive") {
  Mosquitto broker;
  LinkOptions options = options_for(broker);
  options.keep_alive_s = 1;
  Linked linked(options);
  REQUIRE(linked.connect());
  broker.process().signal(SIGSTOP);
  const auto down = linked.wait_for<LinkDown>();
  broker.process().signal(SIGCONT);
  REQUIRE(down);
  CHECK(holds(down->reason, "was lost"));
}

TEST_CASE("a goodbye to a silent broker is short, whatever is unacknowledged") {
  Mosquitto broker;
  Linked linked(options_for(broker));
  REQUIRE(linked.connect());
  broker.process().signal(SIGSTOP);
  for (Ticket ticket = 100; ticket < 119; ++ticket) linked.link().send(ticket, message("a", "1"));
  const auto begin = std::chrono::steady_clock::now();
  linked.link().disconnect();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
  broker.process().signal(SIGCONT);
}

TEST_CASE("another client with the same id takes the link down") {
  Mosquitto broker;
  Linked first(options_for(broker));
  REQUIRE(first.connect());
  Linked second(options_for(broker));
  CHECK(second.connect());
  CHECK(first.wait_for<LinkDown>());
  CHECK(second.send(message("a", "1")) == true);
}

TEST_CASE("replays come marked as retained, and can be left out in MQTT 5") {
  for (const int version : kVersions) {
    CAPTURE(version);
    Mosquitto broker;
    broker.publish("with/old", "replay", true);
    broker.publish("without/old", "replay", true);
    Linked linked(options_for(broker, version));
    REQUIRE(linked.connect());
    linked.link().subscribe({{"with/#", true, false}, {"without/#", false, true}});
    REQUIRE(linked.wait_for<Received>());
    broker.publish("with/new", "live", true);
    broker.publish("without/new", "live", true);
    const std::size_t expected = version == 5 ? 3 : 4;
    REQUIRE(linked.wait_for<Received>(expected));
    for (const Received& received : linked.all<Received>()) {
      CAPTURE(received.message.topic);
      CHECK(received.retained == (received.message.payload == "replay"));
      if (version == 5) CHECK(received.message.topic != "without/old");
    }
    // No Local: what this link says itself comes back only where it was not asked to stay away.
    CHECK(linked.send(message("with/own", "own")) == true);
    CHECK(linked.send(message("without/own", "own")) == true);
    REQUIRE(linked.wait_for<Received>(expected + 1));
    if (version == 5) CHECK(linked.all<Received>().back().message.topic == "without/own");
    linked.link().unsubscribe({"with/#"});
    REQUIRE(broker.process().wait_for_line("Sending UNSUBACK to bridge"));
  }
}

TEST_CASE("response topic and correlation data go both ways in MQTT 5") {
  Mosquitto broker;
  Linked linked(options_for(broker));
  REQUIRE(linked.connect());
  linked.link().subscribe({{"echo", false, false}});
  Message sent = message("echo", "question");
  sent.response_topic = "answers/here";
  sent.correlation_data = std::string("\x00\xff\x01", 3);
  CHECK(linked.send(sent) == true);
  const auto received = linked.wait_for<Received>();
  REQUIRE(received);
  CHECK(received->message == sent);
}

TEST_CASE("payloads arrive as they were sent: empty, any bytes, 100 kB") {
  for (const int version : kVersions) {
    CAPTURE(version);
    Mosquitto broker;
    Linked linked(options_for(broker, version));
    REQUIRE(linked.connect());
    linked.link().subscribe({{"#", false, false}});
    const std::string payloads[] = {"", std::string("\x00\x01\xff\n", 4), std::string(100'000, 'x') + "end"};
    std::size_t n = 0;
    for (const std::string& payload : payloads) {
      CHECK(linked.send(message("p", payload)) == true);
      const auto received = linked.wait_for<Received>(++n);
      REQUIRE(received);
      CHECK(received->message.payload == payload);
    }
  }
}

TEST_CASE("legal topics in any script arrive as they were sent") {
  Mosquitto broker;
  Linked linked(options_for(broker));
  REQUIRE(linked.connect());
  linked.link().subscribe({{"#", false, false}});
  const char* topics[] = {
      "a b",      "caf\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac", "e/\xf0\x9f\x98\x80", "/", "//x//", "\xef\xbb\xbf/mark",
      "e\xcc\x81"};
  std::size_t n = 0;
  for (const char* topic : topics) {
    CAPTURE(topic);
    REQUIRE(legal_topic(topic));
    CHECK(linked.send(message(topic, "x")) == true);
    const auto received = linked.wait_for<Received>(++n);
    REQUIRE(received);
    CHECK(received->message.topic == topic);
  }
}

TEST_CASE("what the library does not take is reported and leaves the link up") {
  Mosquitto broker;
  Linked linked(options_for(broker));
  REQUIRE(linked.connect());
  CHECK(linked.send(message("bad/\xc3", "x")) == false);
  CHECK(linked.send(message("good", "x")) == true);
  CHECK(linked.all<LinkDown>().empty());
}

TEST_CASE("a message larger than the broker takes is refused here, before it costs the link") {
  MosquittoOptions small;
  small.extra = {"max_packet_size 2000"};
  Mosquitto broker(small);
  Linked linked(options_for(broker));
  REQUIRE(linked.connect());
  CHECK(linked.send(message("a", std::string(3000, 'x'))) == false);
  CHECK(linked.send(message("a", std::string(1900, 'x'))) == true);
  CHECK(linked.all<LinkDown>().empty());
}

TEST_CASE("a link that is destroyed in any state ends at once and says no more") {
  Mosquitto broker;
  LinkOptions options = options_for(broker);
  { Linked never(options); }
  {
    Linked connecting(options);
    connecting.link().connect();
  }
  {
    Linked failing(options);
    options.port = support::free_port();
    failing.link().connect();
  }
  options.port = broker.port();
  Linked up(options);
  CHECK(up.connect());
}

}  // namespace
}  // namespace emporia::mqtt
