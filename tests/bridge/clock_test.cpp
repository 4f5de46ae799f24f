// A clock that is wrong for a while, as on a machine without a battery for it, or set by hand.
#include <doctest/doctest.h>

#include "bridge/hostile_story.hpp"

using namespace emporia;
using namespace emporia::tests;

TEST_CASE("a clock that is wrong for hours and then right: nothing falls, nothing is lost, and no flood of calls") {
  for (const std::chrono::minutes by : {7min, 3 * 60min, 50 * 60min, 9 * 24 * 60min, 400 * 24 * 60min}) {
    for (const int way : {1, -1}) {
      const std::chrono::seconds wrong_by = by * way;
      CAPTURE(wrong_by / 1s);
      HostileStory story(1, 0h, {});
      story.begin();
      const auto calls = story.world().calls.size();
      story.world().set_clock(wrong_by);
      story.run(5h);
      CHECK(story.world().calls.size() - calls <= 5 * 80);
      story.world().set_clock(-wrong_by);
      story.run(3h);
      story.check();
    }
  }
}

TEST_CASE("a clock that is set ahead does not make the calls of the hour forgotten at a restart") {
  HostileStory story(2, 0h, {});
  story.begin();
  // A minute of each run costs some calls: all together more than the hour has.
  for (int i = 0; i < 40; ++i) {
    story.world().set_clock(3h);
    story.run(1min);
    story.restart(5s, 0s);
  }
  story.world().set_clock(-40 * 3h);
  story.run(3h);
  story.check();
}
