#include <doctest/doctest.h>

#include "bridge/asking.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

/// Seven calls an hour for polls and five for commands; nothing is polled again within the hour.
settings::Settings few_calls() {
  settings::Settings settings = World::some_settings();
  settings.budget = {12, 5};
  settings.polling.usage_interval_s = 3600;
  settings.polling.inventory_interval_s = 3600;
  settings.polling.state_interval_s = 3600;
  return settings;
}

void six_of_seven_calls_made(World& world) {
  only_lamp(world);
  world.start();
  world.run_for(10s);
  request(world, "refresh", "");
  world.run_for(20s);
  REQUIRE(world.calls.size() == 6);
  world.transcript();
}

}  // namespace

TEST_CASE("the polls' budget is spent: told at once, in the order of asking, and answered when there is room") {
  World world(few_calls());
  six_of_seven_calls_made(world);
  request(world, "usage", R"({"device":"B0001","from":"2026-11-23T06:00:00Z","to":"2026-11-23T07:00:00Z"})");
  request(world, "usage", R"({"device":"B0001","from":"2026-11-22T06:00:00Z","to":"2026-11-22T07:00:00Z"})");
  request(world, "refresh", "{}");
  world.run_for(59min + 40s);
  check_golden("bridge_request_waits", world.transcript({"call ", "response"}));
}

TEST_CASE("the service is away: said at once, and in the end that it could not be asked") {
  World world;
  started(world);
  world.service.failure = {partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
  world.run_for(6min);
  world.transcript();
  request(world, "usage", R"({"device":"Lamp","from":"2026-11-22","transaction":1})");
  // Polls that stood in the row before it are tried first, one after each pause of up to five minutes.
  world.run_for(30min);
  const auto told = responses(world, "usage");
  REQUIRE(told.size() == 2);
  CHECK(*at(at(told[0], "data"), "portion").as_integer() == 0);
  const std::string note = *at(at(told[0], "data"), "note").as_string();
  CHECK_MESSAGE(note.find("the service did not answer last time (") == 0, note);
  CHECK(*at(told[1], "error").as_string() ==
        "the service cannot be reached: ask again when bridge/health shows the partner's state as ok");
}

TEST_CASE("a request does not wait for ever: the password is no longer taken") {
  World world(few_calls());
  six_of_seven_calls_made(world);
  request(world, "usage", R"({"device":"B0001","from":"2026-11-23T06:00:00Z","to":"2026-11-23T07:00:00Z"})");
  request(world, "usage", R"({"device":"B0001","from":"2026-11-22T06:00:00Z","to":"2026-11-22T07:00:00Z"})");
  world.run_for(1s);
  world.service.password_right = false;
  world.run_for(1h + 59min);
  CHECK(responses(world, "usage").size() == 3);  // the first answer, and twice why the second one waits
  world.run_for(1min);
  CHECK(error_of(world, "usage") == "the service could not be asked within 2 hours: see bridge/health");
  request(world, "usage", R"({"device":"B0001","from":"2026-11-22T06:00:00Z","to":"2026-11-22T07:00:00Z"})");
  world.run_for(1s);
  CHECK(error_of(world, "usage").find("the service refuses the e-mail or password") != std::string::npos);
}

TEST_CASE("a call fails halfway: what is told stays, and where to go on is said") {
  World world;
  started(world);
  world.service.bucket_wh = [&world](model::Channel, model::UtcSeconds, model::Scale scale, model::UtcSeconds) {
    if (scale == model::Scale::hours) {
      world.service.failure = {partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
    }
    return 42.0;
  };
  request(world, "usage", R"({"device":"Lamp","scale":"hours","from":"2024-01-01","to":"2026-01-01","transaction":5})");
  world.run_for(2s);
  const auto told = responses(world, "usage");
  REQUIRE(told.size() == 9);
  for (std::size_t i = 0; i < 8; ++i) CHECK(*at(at(told[i], "data"), "more").as_bool());
  // Eight portions of 1,440 hours: 480 days.
  CHECK(*at(told.back(), "error").as_string() ==
        "the service cannot be reached: ask again when bridge/health shows the partner's state as ok (what is told so "
        "far ends at 2025-04-25T00:00:00Z: go on from there)");
  CHECK(*at(told.back(), "transaction").as_integer() == 5);
  world.service.failure.reset();
  world.service.bucket_wh = nullptr;
  world.run_for(10min);
  CHECK(responses(world, "usage").empty());
}

TEST_CASE("when the bridge stops, who still waits is told") {
  World world(few_calls());
  six_of_seven_calls_made(world);
  for (const char* number : {"1", "2", "3"}) {
    request(world, "usage",
            R"({"device":"B0001","from":"2026-11-20","to":"2026-11-21","transaction":)" + std::string(number) + "}");
  }
  world.run_for(1min);
  responses(world, "usage");
  world.stop();
  const auto told = responses(world, "usage");
  REQUIRE(told.size() == 2);
  CHECK(*at(told[0], "transaction").as_integer() == 2);
  CHECK(*at(told[1], "transaction").as_integer() == 3);
  for (const json::Value& response : told) {
    CHECK(*at(response, "error").as_string() == "the bridge stops: ask again when bridge/state says online");
  }
  CHECK(world.retained["emporia/bridge/state"] == "offline");
}

TEST_CASE("no more than eight wait, and a flood is refused rather than answered") {
  World world;
  started(world);
  for (int i = 0; i < 9; ++i) request(world, "usage", R"({"device":"Lamp","from":"2026-11-22"})");
  world.run_for(3s);
  std::size_t answers = 0;
  std::size_t refused = 0;
  for (const json::Value& told : responses(world, "usage")) {
    const std::string* error = at(told, "error").as_string();
    if (error != nullptr) {
      ++refused;
      CHECK(*error == "8 requests for usage wait already: ask again when one is answered");
    } else if (*at(at(told, "data"), "portion").as_integer() > 0) {
      ++answers;
    }
  }
  CHECK(answers == 8);
  CHECK(refused == 1);
  for (int i = 0; i < 30; ++i) request(world, "health", "");
  world.run_for(1s);
  std::size_t told = 0;
  for (const json::Value& response : responses(world, "health")) {
    if (at(response, "error").is_null()) ++told;
  }
  CHECK(told == 20);
}
