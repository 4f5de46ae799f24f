// What the Partner API and the network to it may do.
#include <doctest/doctest.h>
#include <functional>

#include "faults/story.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using support::eventually;

namespace {

bool partner_is(Story& story, const std::string& state) {
  return eventually([&] { return story.laws.health("/partner/state") == state; }, story.laws.patience());
}

void refresh(Story& story) {
  story.home.broker.publish("emporia/bridge/request/refresh", "{}");
}

/// In trouble the service is not reached, and afterwards everything is as if nothing had been.
void survive(const std::function<void(Story&)>& begin, const std::string& state,
             const std::function<void(Story&)>& end) {
  Story story;
  story.laws.begin();
  begin(story);
  refresh(story);
  CHECK_MESSAGE(partner_is(story, state), story.laws.health());
  const std::string during = story.laws.switch_lamp();
  CHECK_FALSE(story.laws.result(during, story.laws.patience()).empty());
  end(story);
  CHECK_MESSAGE(partner_is(story, "ok"), story.laws.health());
  CHECK(story.laws.booked_for(2min));
  // Whether the one in trouble came through is open: the next one makes the lamp's state known, that after it changes
  // it.
  CHECK_FALSE(story.laws.result(story.laws.switch_lamp()).empty());
  CHECK(story.laws.result(story.laws.switch_lamp()) == "confirmed");
  story.laws.check();
}

}  // namespace

TEST_CASE("the service is killed and comes back") {
  survive([](Story& s) { s.laws.to_service.refuse(); }, "unreachable", [](Story& s) { s.laws.to_service.forward(); });
}

TEST_CASE("the service is frozen: it takes calls and answers none") {
  survive([](Story& s) { s.home.service.command("freeze on"); }, "unreachable",
          [](Story& s) { s.home.service.command("freeze off"); });
}

TEST_CASE("the network to the service is half open") {
  survive([](Story& s) { s.laws.to_service.black_hole(); }, "unreachable",
          [](Story& s) { s.laws.to_service.forward(); });
}

TEST_CASE("connections to the service are cut in the middle of a reply, again and again") {
  survive([](Story& s) { s.laws.to_service.cut_after(5003); }, "unreachable",
          [](Story& s) { s.laws.to_service.forward(); });
}

TEST_CASE("the quota is used up") {
  survive([](Story& s) { s.home.service.command("fail * RESOURCE_EXHAUSTED 1000 quota"); }, "throttled",
          [](Story& s) { s.home.service.command("fail * RESOURCE_EXHAUSTED 0"); });
}

TEST_CASE("the service is slow, but not too slow") {
  Story story;
  story.laws.begin();
  story.home.service.command("delay * " + std::to_string(story.clock.real(8s).count()));
  refresh(story);
  CHECK(story.laws.booked_for(4min));
  const std::string id = story.laws.switch_lamp();
  CHECK(story.laws.result(id) == "confirmed");
  story.laws.check();
}

TEST_CASE("every status code there is, for every call") {
  Story story;
  story.laws.begin();
  for (const char* status :
       {"CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}) {
    CAPTURE(status);
    REQUIRE(story.home.service.command(std::string("fail * ") + status + " 3") == "ok");
    const std::string id = story.laws.switch_lamp();
    CHECK_FALSE(story.laws.result(id, story.laws.patience()).empty());
    REQUIRE(story.laws.bridge().running());
    story.home.service.command(std::string("fail * ") + status + " 0");
    // A pause after a failure is over when a command goes through, or by itself.
    CHECK_MESSAGE(partner_is(story, "ok"), story.laws.health());
  }
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}

TEST_CASE("devices that the service refuses to tell of are left alone for an hour, and nothing is lost by it") {
  constexpr int kHourInAMinute = 60;
  Story story(kHourInAMinute);
  story.laws.begin();
  // The round of all, and each half of it down to one device.
  story.home.service.command("fail * NOT_FOUND 12");
  refresh(story);
  CHECK_MESSAGE(story.laws.bridge().wait_for_line("; it is asked again every hour", story.laws.patience()),
                story.laws.bridge().standard_error());
  story.home.service.command("fail * NOT_FOUND 0");
  CHECK_MESSAGE(story.laws.bridge().wait_for_line(": the service tells of it again", story.laws.patience()),
                story.laws.bridge().standard_error());
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}

TEST_CASE("the token is refused in the middle of everything") {
  Story story;
  story.laws.begin();
  for (int i = 0; i < 5; ++i) {
    story.home.service.command("expire-tokens");
    if (i % 2 == 0) refresh(story);
    const std::string id = story.laws.switch_lamp();
    CHECK(story.laws.result(id) == "confirmed");
  }
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}

TEST_CASE("replies that are larger than what gRPC takes by itself") {
  Story story;
  story.home.service.command("large on");
  story.laws.begin();
  const std::string id = story.laws.switch_lamp();
  CHECK(story.laws.result(id) == "confirmed");
  CHECK(story.laws.booked_for(2min));
  story.laws.check();
}

TEST_CASE("garbage of every kind: the good part is kept, and what was lost is read again") {
  Story story;
  story.laws.begin();
  for (const char* kind : {"short-values",     "long-values", "no-starts",   "descending",
                           "duplicate-starts", "unaligned",   "future",      "nan",
                           "infinity",         "minus-zero",  "huge",        "duplicate-channels",
                           "channel-0",        "channel-101", "channel-max", "wrong-scale",
                           "unknown-enums",    "empty-id",    "other-id",    "duplicate-devices",
                           "long-names",       "empty-reply"}) {
    CAPTURE(kind);
    REQUIRE(story.home.service.command(std::string("garbage ") + kind + " 1") == "ok");
  }
  refresh(story);
  CHECK(story.laws.booked_for(10min));
  story.home.service.command("garbage off");
  CHECK(story.laws.booked_for(6min));
  const std::string id = story.laws.switch_lamp();
  CHECK(story.laws.result(id) == "confirmed");
  story.laws.check();
}
