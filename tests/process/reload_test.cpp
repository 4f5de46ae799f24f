#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;
using support::holds;

namespace {

std::string retained(const Installation& home, const std::string& topic) {
  return home.broker.retained(topic)[topic];
}

bool shown(const Installation& home) {
  return home.broker.retained("emporia/+/state").size() == 7;
}

}  // namespace

TEST_CASE("SIGHUP: what can change at once does, what cannot is named") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return shown(home); }));
  home.configure("devices", "exclude = [\"outlet\"]");
  home.configure("polling", "usage_interval_s = 600");
  home.configure("log", "level = \"debug\"");
  home.configure("homeassistant", "prefix = \"elsewhere\"");
  home.write_configuration();
  bridge->signal(SIGHUP);
  CHECK(bridge->wait_for_line("from now on applies: [polling] usage_interval_s, [devices] exclude, [log] level"));
  CHECK(bridge->wait_for_line("apply only when the bridge is restarted: [homeassistant] prefix"));
  CHECK(eventually([&] { return home.broker.retained("emporia/+/availability").size() == 4; }));
  CHECK(eventually([&] { return home.broker.retained("homeassistant/device/+/config").size() == 5; }));
  CHECK(home.broker.retained("elsewhere/#").empty());
  CHECK(eventually([&] { return holds(retained(home, "emporia/bridge/info"), "usage_interval_s = 600"); }));
  CHECK(holds(retained(home, "emporia/bridge/info"), "prefix = \\\"homeassistant\\\""));
  CHECK(eventually([&] { return holds(retained(home, "emporia/bridge/health"), "\"interval_s\":600"); }));
}

TEST_CASE("SIGHUP with a wrong configuration: every problem told, nothing changed") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return shown(home); }));
  const std::string before = retained(home, "emporia/bridge/info");
  home.configure("devices", "exclude = [\"outlet\"]");
  home.configure("polling", "usage_interval = 600");
  home.configure("log", "level = \"loud\"");
  home.write_configuration();
  bridge->signal(SIGHUP);
  CHECK(bridge->wait_for_line("the configuration has 2 problems; the bridge goes on as before, nothing was changed"));
  CHECK(holds(bridge->standard_error(), "[polling] usage_interval: unknown option"));
  CHECK(holds(bridge->standard_error(), "[log] level: is \"loud\""));
  CHECK(bridge->running());
  CHECK(home.broker.retained("emporia/+/availability").size() == 6);
  CHECK(retained(home, "emporia/bridge/info") == before);
}

TEST_CASE("a password that was changed in the portal: reloaded, it signs in again without waiting") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(eventually([&] { return shown(home); }));
  home.service.command("password changed-in-the-portal");
  home.service.command("expire-tokens");
  home.broker.publish("emporia/bridge/request/refresh", "{}");
  REQUIRE(bridge->wait_for_line("put the new password where [partner] says and reload the bridge"));
  CHECK(eventually([&] { return holds(retained(home, "emporia/bridge/health"), R"("state":"auth_refused")"); }));
  home.set_password("changed-in-the-portal");
  home.write_configuration();
  bridge->signal(SIGHUP);
  CHECK(bridge->wait_for_line("from now on applies: [partner] password"));
  CHECK(eventually([&] { return holds(retained(home, "emporia/bridge/health"), R"("partner":{"state":"ok")"); }));
  CHECK_FALSE(holds(bridge->standard_error(), "changed-in-the-portal"));
}
