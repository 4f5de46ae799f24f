#include <doctest/doctest.h>
#include <random>
#include <sstream>

#include "app/usage_question.hpp"
#include "bridge/asking.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

struct Refusal {
  const char* verb;
  const char* payload;
  const char* error;
};

}  // namespace

TEST_CASE("usage of the past: by name, with a bucket that is missing, told and neither booked nor shown") {
  World world;
  started(world);
  world.service.bucket_wh = [](model::Channel, model::UtcSeconds start, model::Scale, model::UtcSeconds) {
    return start.time_since_epoch() % 24h == 7h ? model::kMissing : 42.0;
  };
  const std::string state = world.retained["emporia/B0001/state"];
  request(world, "usage",
          R"({"device":"lamp","scale":"hours","from":"2026-11-23T06:10:00Z","to":"2026-11-23T08:00:00Z",)"
          R"("transaction":"t1"})");
  world.run_for(1s);
  check_golden("bridge_request_usage", world.transcript({"call ", "response", "B0001/"}));
  CHECK(world.retained["emporia/B0001/state"] == state);
  // These minutes are booked with other values; only the bridge's own polls may revise them.
  request(world, "usage",
          R"({"device":"B0001","scale":"minutes","from":"2026-11-23T08:20:00Z","to":"2026-11-23T08:25:00Z"})");
  world.run_for(1s);
  CHECK(world.transcript({"[42.0,42.0,42.0,42.0,42.0]"}).find("bridge/response/usage") != std::string::npos);
  CHECK(world.retained["emporia/B0001/state"] == state);
}

TEST_CASE("a week of minutes is one call and comes in portions that leave nothing out") {
  World world;
  only_panel(world);
  world.start();
  world.run_for(30s);
  world.transcript();
  // The first minute that is kept: 09:00:30 less seven days.
  request(world, "usage", R"({"device":"Panel","scale":"minutes","from":"2026-11-16T09:01:00Z"})");
  world.run_for(1s);
  const auto told = responses(world, "usage");
  // 10,049 minutes to half past eight, 1,440 in a portion.
  REQUIRE(told.size() == 7);
  std::size_t buckets = 0;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const json::Value& data = at(told[i], "data");
    CHECK(*at(data, "portion").as_integer() == static_cast<std::int64_t>(i) + 1);
    CHECK(*at(data, "portions").as_integer() == 7);
    CHECK(*at(data, "more").as_bool() == (i + 1 < told.size()));
    const json::Array& starts = *at(data, "starts").as_array();
    if (i == 0) CHECK(*starts.front().as_string() == "2026-11-16T09:01:00Z");
    if (i == 1) CHECK(*starts.front().as_string() == "2026-11-17T09:01:00Z");
    if (i == 6) CHECK(*starts.back().as_string() == "2026-11-23T08:29:00Z");
    buckets += starts.size();
    CHECK(at(at(data, "energy_wh"), "4").as_array()->size() == starts.size());
  }
  CHECK(buckets == 10'049);
  CHECK(world.calls.size() == 4);  // sign-in, devices, usage of the first poll, and this one
}

TEST_CASE("the service decides where days begin, and the running one is told") {
  World world;
  started(world);
  request(world, "usage", R"({"device":"B0001","scale":"days","from":"2026-11-20T12:00:00Z","channels":[1]})");
  world.run_for(1s);
  const auto told = responses(world, "usage");
  REQUIRE(told.size() == 1);
  CHECK(json::to_text(at(at(told.front(), "data"), "starts")) ==
        R"(["2026-11-20T00:00:00Z","2026-11-21T00:00:00Z","2026-11-22T00:00:00Z","2026-11-23T00:00:00Z"])");
  CHECK(json::to_text(at(at(told.front(), "data"), "energy_wh")) == R"({"1":[0.7,0.7,0.7,0.7]})");
}

TEST_CASE("a device without data in the range is answered all the same") {
  World world;
  started(world);
  world.service.energy_wh.clear();
  request(world, "usage", R"({"device":"B0001","from":"2026-11-23T06:00:00Z","to":"2026-11-23T08:00:00Z"})");
  request(world, "usage", R"({"device":"B0001","scale":"days","from":"2026-11-20","channels":[1]})");
  world.run_for(2s);
  const auto told = responses(world, "usage");
  REQUIRE(told.size() == 3);  // the second one was told that it waits
  CHECK(at(at(told[1], "data"), "starts").as_array()->size() == 2);
  CHECK(json::to_text(at(at(told[1], "data"), "energy_wh")) == "{}");
  CHECK(json::to_text(at(at(told[2], "data"), "energy_wh")) == R"({"1":[]})");
  CHECK_FALSE(*at(at(told[2], "data"), "more").as_bool());
}

TEST_CASE("what is wrong with a request is told with what would be right") {
  const std::vector<Refusal> cases{
      {"refesh", "{}",
       R"(there is no request "refesh": there are refresh, devices, health and usage; is refresh meant?)"},
      {"refresh", "now", "not valid JSON at byte 2: a request is a JSON object such as {}"},
      {"health", "[]", "a request is a JSON object such as {} or {\"transaction\": 1}, or empty, not a list"},
      {"devices", R"({"transaction":{}})", "transaction takes a number or a text of at most 128 bytes"},
      {"devices", R"({"all":true})", R"(unknown key "all": devices takes transaction)"},
      {"usage", "{}", "device takes the id or the name of a device, such as"},
      {"usage", R"({"device":7,"from":0})", "device takes the id or the name of a device, such as"},
      {"usage", R"({"device":"Lump","from":0})", R"(no device has the id or the name "Lump"; is "Lamp" meant?)"},
      {"usage", R"({"device":"House","from":0})",
       R"(no device has the id or the name "House": bridge/devices lists them all)"},
      {"usage", R"({"device":"Lamp","form":0})",
       R"(unknown key "form": usage takes device, scale, from, to, channels and transaction; is from meant?)"},
      {"usage", R"({"device":"Lamp"})", "from takes a time with its zone such as"},
      {"usage", R"({"device":"Lamp","from":0})", "from is not between the years 2000 and 2099"},
      {"usage", R"({"device":"Lamp","from":1795424400000})", "seconds are wanted, not milliseconds"},
      {"usage", R"({"device":"Lamp","from":"2026-11-23T08:00:00"})", "from takes a time with its zone such as"},
      {"usage", R"({"device":"Lamp","from":"2026-11-22","to":"2026-11-21"})",
       "from 2026-11-22T00:00:00Z to 2026-11-21T00:00:00Z is no range: from has to be before to"},
      {"usage", R"({"device":"Lamp","scale":"minute","from":"2026-11-22"})",
       "scale takes minutes, fifteen_minutes, hours, days, weeks, months or years, not \"minute\"; is minutes meant?"},
      {"usage", R"({"device":"Lamp","scale":"minutes","from":"2026-11-16T08:00:00Z"})",
       "the service keeps minutes for 7 days: from can be 2026-11-16T09:01:00Z or later; for earlier times take "
       "fifteen_minutes or hours"},
      {"usage", R"({"device":"Lamp","scale":"fifteen_minutes","from":"2025-11-01"})",
       "the service keeps fifteen_minutes for 365 days: from can be 2025-11-23T09:15:00Z or later; for earlier times "
       "take hours"},
      {"usage", R"({"device":"Lamp","scale":"minutes","from":"2026-11-23T08:31:00Z"})",
       "the newest settled bucket of this scale ends at 2026-11-23T08:30:00Z"},
      {"usage", R"({"device":"Lamp","scale":"hours","from":"2010-01-01","to":"2020-01-01"})",
       "is up to 87648 buckets, at most 40000 are told in one request: ask until 2014-07-25T16:00:00Z first"},
      {"usage", R"({"device":"Lamp","from":"2026-11-22","channels":[1,4]})", R"(there is no channel 4; "B0001" has 1)"},
      {"usage", R"({"device":"Lamp","from":"2026-11-22","channels":[]})", "channels takes a list of channel numbers"},
      {"usage", R"({"device":"Lamp","from":"2026-11-22","channels":1})", "channels takes a list of channel numbers"},
  };
  World world;
  started(world);
  const auto calls = world.calls.size();
  for (const Refusal& c : cases) {
    CAPTURE(c.payload);
    request(world, c.verb, c.payload);
    world.run_for(1s);
    const std::string error = error_of(world, c.verb);
    CHECK_MESSAGE(error.find(c.error) != std::string::npos, error);
  }
  CHECK(world.calls.size() == calls);
}

TEST_CASE("before the service has told anything, that is said") {
  World world;
  world.service.failure = {partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
  world.start();
  world.run_for(1s);
  world.transcript();
  request(world, "devices", "");
  world.run_for(1s);
  CHECK(error_of(world, "devices").find("the list of devices has not been read yet: ask again when") == 0);
  request(world, "usage", R"({"device":"Lamp","from":"2026-11-22"})");
  world.run_for(1s);
  CHECK(error_of(world, "usage").find("no device is known so far") == 0);
  request(world, "health", "");
  world.run_for(1s);
  const auto told = responses(world, "health");
  REQUIRE(told.size() == 1);
  CHECK(*at(at(at(told.front(), "data"), "partner"), "state").as_string() == "unreachable");
}

TEST_CASE("a retained request is not carried out, and taking it away is no request") {
  World world;
  started(world);
  const auto calls = world.calls.size();
  world.receive("emporia/bridge/request/refresh", "{}", true);
  world.receive("emporia/bridge/request/refresh", "", true);
  world.run_for(15s);
  CHECK(error_of(world, "refresh").find("a retained request is not carried out") == 0);
  CHECK(world.calls.size() == calls);
}

TEST_CASE("the answer goes where it was wanted, but nobody borrows our rights to speak in our name") {
  struct Case {
    const char* wanted;
    const char* goes_to;
  };
  const std::vector<Case> cases{
      {"my/answers", "my/answers"},
      {"emporia/response/me", "emporia/response/me"},
      {"emporia/bridge/response/me", "emporia/bridge/response/me"},
      {"emporia2/x", "emporia2/x"},
      {"emporia", "emporia/bridge/response/devices"},
      {"emporia/bridge/state", "emporia/bridge/response/devices"},
      {"emporia/bridge/response/", "emporia/bridge/response/devices"},
      {"emporia/B0001/state", "emporia/bridge/response/devices"},
      {"homeassistant", "emporia/bridge/response/devices"},
      {"homeassistant/device/x/config", "emporia/bridge/response/devices"},
      {"$SYS/x", "emporia/bridge/response/devices"},
      {"a/+", "emporia/bridge/response/devices"},
  };
  World world;
  started(world);
  for (const Case& c : cases) {
    CAPTURE(c.wanted);
    mqtt::Received received;
    received.message.topic = "emporia/bridge/request/devices";
    received.message.response_topic = c.wanted;
    received.message.correlation_data = "c7";
    world.receive(received);
    received.message.topic = "emporia/B0001/set/on";
    received.message.payload = "maybe";
    world.receive(received);
    world.run_for(1s);
    std::istringstream lines(world.transcript({"(correlation c7)"}));
    std::vector<std::string> topics;
    for (std::string line; std::getline(lines, line);) topics.push_back(line.substr(9, line.find(' ', 9) - 9));
    const bool granted = std::string(c.wanted) == c.goes_to;
    CHECK(topics == (granted ? std::vector<std::string>{c.goes_to, c.goes_to} : std::vector<std::string>{c.goes_to}));
  }
}

TEST_CASE("whatever the arguments are, there is an answer: bounded calls, or a sentence") {
  model::Home home;
  home.apply(model::InventorySeen{model::UtcSeconds{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}},
                                  {lamp(), panel()}});
  const std::map<std::string, std::string> names;
  const model::UtcSeconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 9h};
  const std::vector<std::string> seeds{
      R"({"device":"Lamp","scale":"hours","from":"2026-11-22T00:00:00Z","to":1795420800,"channels":[1]})",
      R"({"device":"Panel","scale":"minutes","from":1795420800,"to":"2026-11-23T08:00:00+01:00","channels":[1,2,4]})",
      R"({"device":"A0001","scale":"years","from":"2001-01-01"})"};
  const std::string letters = "0123456789-+:.TZ\"{}[],eE\\u \xFF";
  std::mt19937 random(7);
  std::size_t understood = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (auto change = random() % 4; change > 0; --change) {
      const std::size_t where = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(where, 1 + random() % 3);
      } else {
        text[where] = letters[random() % letters.size()];
      }
    }
    const auto parsed = json::parse(text);
    if (!parsed || parsed.value().as_object() == nullptr) continue;
    const auto question = app::read_usage_question(*parsed.value().as_object(), {home, names, now - 30min, now});
    CAPTURE(text);
    if (!question) {
      const bool sentence = !question.error().empty() && question.error().size() < 600;
      CHECK_MESSAGE(sentence, question.error());
      continue;
    }
    ++understood;
    const auto calls = app::calls_for(question.value());
    const bool bounded = !calls.empty() && calls.size() <= 4 && calls.front().start == question.value().from;
    CHECK(bounded);
    for (const partner::FetchUsage& call : calls) {
      const bool in_range = call.start <= call.end && call.end < question.value().to;
      CHECK(in_range);
    }
  }
  CHECK(understood > 3'000);
}
