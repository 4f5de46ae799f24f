#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

TEST_CASE("a first start: sign in, look round, show the start of the counters, then book") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(20s);
  check_golden("bridge_first_start", world.transcript({"call ", "subscribe", "broker:", "B0001/", "emporia_B0001",
                                                       "bridge/state", "bridge/event"}));
}
