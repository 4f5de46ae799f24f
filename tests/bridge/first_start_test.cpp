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

TEST_CASE("the start is over when the service has answered and the broker has taken all, \"online\" last") {
  World world;
  only_lamp(world);
  world.silent_broker = true;
  world.start();
  world.run_for(20s);
  CHECK(world.retained.count("emporia/bridge/state") == 0);
  CHECK_FALSE(world.settled());
  // Connected again, it sends all of it once more.
  world.broker_goes();
  world.silent_broker = false;
  world.broker_returns(true);
  world.run_for(2min);
  CHECK(world.retained["emporia/bridge/state"] == "online");
  CHECK(world.settled());

  World alone;
  only_lamp(alone);
  alone.answers = [](const partner::Request&) {
    return World::Told{runtime::Failure{partner::PartnerError{partner::PartnerError::Kind::refused, "", false}}, 1h};
  };
  alone.start();
  alone.run_for(20s);
  CHECK(alone.retained["emporia/bridge/state"] == "online");
  CHECK_FALSE(alone.settled());
}
