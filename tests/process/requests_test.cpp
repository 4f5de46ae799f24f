#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>

#include "json/value.hpp"
#include "process/installation.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "support/payload_check.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

constexpr const char* kHouse = "F2310A04B4240AC4A1B2C3";
constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";

/// The bridge has read and booked everything once.
bool complete(const Installation& home, std::size_t devices) {
  std::size_t booked = 0;
  for (const auto& [topic, payload] : home.broker.retained("emporia/+/state")) {
    if (payload.find("\"as_of\":\"") != std::string::npos) ++booked;
  }
  return booked == devices;
}

/// What somebody with mosquitto_rr does: topic, correlation data and payload of the first response.
std::string ask(const Installation& home, const std::string& verb, const std::string& payload,
                const std::string& answer_topic, const std::vector<std::string>& more = {}) {
  std::vector<std::string> argv{"mosquitto_rr",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                std::to_string(home.broker.observer_port()),
                                "-V",
                                "5",
                                "-W",
                                "20",
                                "-t",
                                "emporia/bridge/request/" + verb,
                                "-e",
                                answer_topic,
                                "-F",
                                "%t %D %p"};
  if (payload.empty()) {
    argv.emplace_back("-n");
  } else {
    argv.insert(argv.end(), {"-m", payload});
  }
  argv.insert(argv.end(), more.begin(), more.end());
  return support::run(std::move(argv));
}

constexpr std::int64_t kDay_s = 86'400;

/// Midnight in UTC, so many days before today's.
std::int64_t midnight(Installation& home, std::int64_t days) {
  const std::string now = home.service.command("now");
  const auto time = runtime::parse_iso8601(now.substr(now.find(' ') + 1));
  REQUIRE_MESSAGE(time.has_value(), now);
  return (time->time_since_epoch().count() / kDay_s - days) * kDay_s;
}

json::Value payload_of(const std::string& response) {
  auto parsed = json::parse(response.substr(response.find('{')), {std::size_t{1} << 20, 8});
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

const json::Value& at(const json::Value& value, const char* key) {
  const json::Value* member = value.find(key);
  REQUIRE_MESSAGE(member != nullptr, std::string(key) << " is not in " << json::to_text(value));
  return *member;
}

support::PayloadCheck all_of(const support::Observer& observer) {
  support::PayloadCheck check;
  for (const support::Seen& seen : observer.seen()) check.add(seen.topic, seen.payload);
  return check;
}

}  // namespace

TEST_CASE("asked over MQTT 5, it answers there with the service's own numbers") {
  Installation home;
  auto bridge = home.start();
  REQUIRE(eventually([&] { return complete(home, 6); }));
  const std::int64_t from = midnight(home, 2);
  const std::string response = ask(home, "usage",
                                   runtime::concat(R"({"device":"House","scale":"hours","from":)", from, R"(,"to":)",
                                                   from + kDay_s, R"(,"channels":[1]})"),
                                   "my/answers", {"-D", "publish", "correlation-data", "c42"});
  CHECK(response.find("my/answers c42 {") == 0);
  const json::Value usage = payload_of(response);
  const json::Array& told = *at(at(at(usage, "data"), "energy_wh"), "1").as_array();
  const std::string truth_text =
      home.service.command(runtime::concat("usage ", kHouse, " 1 ", from, " ", from + kDay_s - 3600, " ", 2));
  CAPTURE(truth_text);
  const json::Value truth = payload_of(truth_text);
  const json::Array& expected = *at(truth, "wh").as_array();
  REQUIRE(told.size() == 24);
  REQUIRE(expected.size() == 24);
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(std::fabs(*told[i].as_double() - *expected[i].as_double()) <= 1e-6);
  }
  const json::Value devices = payload_of(ask(home, "devices", "", "my/answers"));
  CHECK(at(devices, "data").as_array()->size() == 6);
  CHECK(*at(payload_of(ask(home, "refresh", "{}", "my/answers")), "status").as_string() == "ok");
}

TEST_CASE("everything that is published keeps to config/schemas") {
  Installation home;
  const support::Observer observer(home.broker, {"emporia/#"});
  auto bridge = home.start();
  REQUIRE(eventually([&] { return complete(home, 6); }));
  for (const char* verb : {"devices", "health", "refresh"}) {
    ask(home, verb, "", std::string("emporia/bridge/response/") + verb);
    ask(home, verb, R"({"transaction":1})", "emporia/response/me");
  }
  ask(home, "usage",
      runtime::concat(R"({"device":"House","scale":"days","transaction":"x","from":)", midnight(home, 60), "}"),
      "emporia/bridge/response/usage");
  ask(home, "usage", R"({"device":"Nobody","from":"2026-10-01"})", "emporia/bridge/response/me");
  home.broker.publish(std::string("emporia/") + kLamp + "/set", R"({"on":false,"id":7})");
  CHECK(eventually([&] {
    return home.broker.retained(std::string("emporia/") + kLamp + "/state").begin()->second.find("\"on\":false") !=
           std::string::npos;
  }));
  // The observer may be a moment behind who was answered.
  std::string wrong;
  eventually([&] { return (wrong = all_of(observer).wrong("emporia", true)).empty(); });
  CHECK_MESSAGE(wrong.empty(), wrong);
}

TEST_CASE("the odd home's payloads keep to config/schemas too") {
  simulator::Home odd = simulator::load_home(std::string(SOURCE_DIR) + "/tests/simulator/homes/odd.toml");
  odd.email = "partner@example.com";
  odd.password = kPassword;
  const std::size_t devices = odd.devices.size();
  Installation home(std::move(odd));
  const support::Observer observer(home.broker, {"emporia/#"});
  auto bridge = home.start();
  CHECK(eventually([&] { return home.broker.retained("emporia/+/state").size() == devices + 1; }));
  CHECK(observer.wait_for_topic("emporia/bridge/devices"));
  const std::string wrong = all_of(observer).wrong("emporia");
  CHECK_MESSAGE(wrong.empty(), wrong);
}
