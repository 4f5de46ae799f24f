#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

std::string health(const Installation& home) {
  return home.broker.retained("emporia/bridge/health")["emporia/bridge/health"];
}

bool partner_is(const Installation& home, const std::string& state) {
  return health(home).find("\"partner\":{\"state\":\"" + state + "\"") != std::string::npos;
}

bool online(const Installation& home) {
  return home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online";
}

}  // namespace

TEST_CASE("a wrong password: told at the broker and in the log, and a code of its own") {
  Installation home;
  home.set_password("not the password");
  auto bridge = home.start();
  CHECK(bridge->wait_for_exit() == 77);
  CHECK(partner_is(home, "auth_refused"));
  CHECK(home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "offline");
  CHECK(bridge->standard_error().find("refuses the e-mail or password") != std::string::npos);
  CHECK(bridge->standard_error().find("not the password") == std::string::npos);
}

TEST_CASE("an authority that did not sign the service's certificate: nothing is sent, the reason is told") {
  Installation home;
  const support::Authority other("Another authority");
  home.set_ca_file(other.certificate_file());
  auto bridge = home.start();
  CHECK(eventually([&] { return partner_is(home, "unreachable"); }));
  CHECK(health(home).find("certificate") != std::string::npos);
  CHECK(home.service.command("stats").find("\"Authenticate\"") == std::string::npos);
}

TEST_CASE("no broker at the start: it comes up when the broker does") {
  Installation home;
  home.broker.kill();
  auto bridge = home.start();
  CHECK(bridge->wait_for_line("is the broker running"));
  home.broker.start();
  CHECK(eventually([&] { return online(home); }, std::chrono::seconds{60}));
}

TEST_CASE("a broker that comes back empty is filled again") {
  Installation home;
  auto bridge = home.start();
  REQUIRE(eventually([&] { return online(home) && home.broker.retained("emporia/+/state").size() == 7; }));
  home.broker.kill();
  home.broker.start();
  CHECK(eventually([&] { return online(home); }, std::chrono::seconds{60}));
  CHECK(home.broker.retained("emporia/+/state").size() == 7);
  CHECK(home.broker.retained("homeassistant/device/+/config").size() == 7);
}

TEST_CASE("the service fails at the start and answers later") {
  Installation home;
  home.service.command("fail * UNAVAILABLE 2");
  auto bridge = home.start();
  CHECK(eventually([&] { return partner_is(home, "unreachable"); }));
  CHECK(eventually([&] { return partner_is(home, "ok"); }, std::chrono::seconds{60}));
}

TEST_CASE("tokens that age out are renewed without a trace in the picture") {
  Installation home;
  auto bridge = home.start();
  REQUIRE(eventually([&] { return home.broker.retained("emporia/+/state").size() == 7; }));
  home.service.command("reset-stats");
  home.service.command("expire-tokens");
  home.broker.publish("emporia/bridge/request/refresh", "{}");
  CHECK(eventually([&] { return home.service.command("stats").find("\"Authenticate\"") != std::string::npos; }));
  CHECK(partner_is(home, "ok"));
}

TEST_CASE("odd replies lose only themselves") {
  Installation home;
  home.service.command("garbage short-values 3");
  auto bridge = home.start();
  CHECK(eventually([&] { return home.broker.retained("emporia/+/availability").size() == 6; }));
  CHECK(partner_is(home, "ok"));
}

TEST_CASE("the state directory cannot be used: said in a sentence, with a code of its own") {
  Installation home;
  home.folder.write("state", "a file where the directory should be");
  auto bridge = home.start();
  CHECK(bridge->wait_for_exit() == 73);
  CHECK(bridge->standard_error().find("[state] directory") != std::string::npos);
}

TEST_CASE("a second bridge with the same state directory is refused") {
  Installation home;
  auto first = home.start();
  REQUIRE(eventually([&] { return online(home); }));
  auto second = home.start();
  CHECK(second->wait_for_exit() == 73);
  CHECK(second->standard_error().find("another bridge runs") != std::string::npos);
  CHECK(first->running());
}

TEST_CASE("no secret in anything the bridge says") {
  Installation home;
  home.configure("log", "level = \"debug\"");
  auto bridge = home.start();
  REQUIRE(eventually([&] { return home.broker.retained("emporia/+/state").size() == 7; }));
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit() == 0);
  CHECK(bridge->standard_error().find(kPassword) == std::string::npos);
  CHECK(bridge->standard_output().find(kPassword) == std::string::npos);
  for (const auto& kept : home.broker.retained())
    CHECK_MESSAGE(kept.second.find(kPassword) == std::string::npos, kept.first);
}
