// What a broker and the network to it may do.
#include <doctest/doctest.h>
#include <functional>
#include <signal.h>

#include "faults/story.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using support::eventually;

namespace {

struct Fault {
  const char* name;
  std::function<void(Story&)> begin;
  /// What the bridge says of it.
  const char* line;
  std::function<void(Story&)> end;
};

void survive(const Fault& fault) {
  CAPTURE(std::string(fault.name));
  Story story;
  story.laws.begin();
  const std::string before = story.laws.switch_lamp();
  CHECK(story.laws.result(before) == "confirmed");
  fault.begin(story);
  CHECK_MESSAGE(story.laws.bridge().wait_for_line(fault.line), story.laws.bridge().standard_error());
  fault.end(story);
  REQUIRE_MESSAGE(story.laws.peace(), story.laws.unrest());
  CHECK(story.laws.booked_for(2min));
  const std::string after = story.laws.switch_lamp();
  CHECK(story.laws.result(after) == "confirmed");
  story.laws.check();
}

}  // namespace

TEST_CASE("the broker is killed and comes back empty") {
  survive({"killed", [](Story& s) { s.laws.kill_broker(); }, "is the broker running at",
           [](Story& s) { s.laws.return_broker(); }});
}

TEST_CASE("the broker is frozen for longer than the keep alive, and goes on") {
  survive({"frozen", [](Story& s) { s.home.broker.process().signal(SIGSTOP); }, "the connection to",
           [](Story& s) { s.home.broker.process().signal(SIGCONT); }});
}

TEST_CASE("the network to the broker is half open: everything is taken and nothing comes back") {
  survive({"black hole", [](Story& s) { s.laws.to_broker.black_hole(); }, "the connection to",
           [](Story& s) { s.laws.to_broker.forward(); }});
}

TEST_CASE("the broker refuses connections") {
  survive({"refusing", [](Story& s) { s.laws.to_broker.refuse(); }, "connection refused",
           [](Story& s) { s.laws.to_broker.forward(); }});
}

TEST_CASE("the connection breaks in the middle of a message, again and again") {
  Story story;
  story.laws.begin();
  // A prime, so that it is another place of the picture each time.
  story.laws.to_broker.cut_after(1499);
  // It may be in what is lost on its way to the bridge, and then it is not carried out later either.
  story.laws.switch_lamp(false);
  CHECK(eventually([&] { return story.laws.to_broker.cuts() >= 3; }, story.laws.patience()));
  story.laws.to_broker.forward();
  CHECK(story.laws.booked_for(2min));
  REQUIRE_MESSAGE(story.laws.peace(), story.laws.unrest());
  const std::string after = story.laws.switch_lamp();
  CHECK(story.laws.result(after) == "confirmed");
  story.laws.check();
}

TEST_CASE("a slow network: two seconds each way") {
  Story story;
  story.laws.to_broker.delay(story.clock.real(2s));
  story.laws.start();
  REQUIRE_MESSAGE(story.laws.peace(), story.laws.unrest(), "\n", story.laws.bridge().standard_error());
  const std::string id = story.laws.switch_lamp();
  CHECK(story.laws.result(id) == "confirmed");
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}
