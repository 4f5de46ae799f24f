// Told to stop, it ends within 5 s whatever else hangs, with everything said that can be said.
#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <signal.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

constexpr std::chrono::seconds kPromised{5};
constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";

std::string state(const Installation& home) {
  return home.broker.retained("emporia/bridge/state")["emporia/bridge/state"];
}

/// Counted when a call goes out, answered or not.
double calls_made(const Installation& home) {
  return number_in(home.broker.retained("emporia/bridge/health")["emporia/bridge/health"], "used_last_hour");
}

bool shown(const Installation& home) {
  return state(home) == "online" && home.broker.retained("emporia/+/state").size() == 7;
}

}  // namespace

TEST_CASE("asked to stop while something hangs: within 5 s, cleanly, and offline is said") {
  struct Case {
    const char* name;
    std::function<void(Installation&)> hang;
    std::function<void(Installation&)> afterwards;
  };
  const auto nothing = [](Installation&) {};
  const std::vector<Case> cases{
      {"nothing hangs", nothing, nothing},
      {"the broker is frozen", [](Installation& home) { home.broker.process().signal(SIGSTOP); },
       [](Installation& home) { home.broker.process().signal(SIGCONT); }},
      {"the service takes calls and never answers",
       [](Installation& home) {
         home.service.command("freeze on");
         const double before = calls_made(home);
         home.broker.publish("emporia/bridge/request/refresh", "{}");
         REQUIRE(eventually([&] { return calls_made(home) > before; }));
       },
       [](Installation& home) { home.service.command("freeze off"); }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Installation home;
    const auto bridge = home.start();
    REQUIRE(eventually([&] { return shown(home); }));
    c.hang(home);
    bridge->signal(SIGTERM);
    CHECK(bridge->wait_for_exit(kPromised) == 0);
    c.afterwards(home);
    CHECK(eventually([&] { return state(home) == "offline"; }));
    // Nothing is left that the next run could not take up.
    const auto again = home.start();
    CHECK(eventually([&] { return shown(home); }));
  }
}

TEST_CASE("a command in flight has its end before the bridge has") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return shown(home); }));
  const std::string topic = std::string("emporia/") + kLamp;
  const support::Observer seen(home.broker, {topic + "/result", "emporia/bridge/state"});
  const double before = calls_made(home);
  home.service.command("freeze on");
  home.broker.publish(topic + "/set/on", "OFF");
  const auto has = [&](const char* status, const char* words) {
    return seen.wait_until([&](const std::vector<support::Seen>& messages) {
      return std::any_of(messages.begin(), messages.end(), [&](const support::Seen& message) {
        return message.payload.find(status) != std::string::npos && message.payload.find(words) != std::string::npos;
      });
    });
  };
  REQUIRE(has(R"("status":"accepted")", kLamp));
  REQUIRE(eventually([&] { return calls_made(home) > before; }));
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit(kPromised) == 0);
  CHECK(has(R"("status":"timeout")", "the bridge is being stopped"));
  CHECK(seen.wait_for("emporia/bridge/state", "offline"));
  home.service.command("freeze off");
}

TEST_CASE("a name look-up that nobody answers does not hold it up") {
  Installation home;
  home.set_environment("LD_PRELOAD", HANGING_LOOKUPS);
  // An address sanitizer in the bridge wants to be loaded first otherwise.
  home.set_environment("ASAN_OPTIONS", "verify_asan_link_order=0");
  home.set_broker_host("broker.example");
  const auto bridge = home.start();
  REQUIRE(bridge->wait_for_line("looking up broker.example"));
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit(kPromised) == 0);
}

TEST_CASE("a second signal ends it at once") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return shown(home); }));
  // So that the goodbye takes its time.
  home.broker.process().signal(SIGSTOP);
  bridge->signal(SIGTERM);
  REQUIRE(bridge->wait_for_line("asked to stop"));
  bridge->signal(SIGINT);
  CHECK(bridge->wait_for_exit() == 128 + SIGINT);
  home.broker.process().signal(SIGCONT);
  // The broker says for it what it could not say itself.
  CHECK(eventually([&] { return state(home) == "offline"; }));
}
