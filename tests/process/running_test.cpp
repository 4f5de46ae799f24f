#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

/// Every device of the home has its state with booked energy, and is announced.
bool complete(const std::map<std::string, std::string>& retained) {
  int booked = 0;
  int announced = 0;
  for (const auto& [topic, payload] : retained) {
    const bool state = topic.size() > 6 && topic.compare(topic.size() - 6, 6, "/state") == 0;
    if (state && payload.find("\"as_of\":\"") != std::string::npos) ++booked;
    if (topic.find("homeassistant/device/") == 0) ++announced;
  }
  constexpr int kDevices = 6;
  return booked == kDevices && announced == kDevices + 1;
}

}  // namespace

TEST_CASE("from start to a complete picture at the broker, and a clean stop") {
  Installation home;
  const support::Observer observer(home.broker, {"emporia/bridge/state"});
  auto bridge = home.start();
  CHECK(eventually([&] { return complete(home.broker.retained()); }));
  CHECK(home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online");
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit(std::chrono::seconds{5}) == 0);
  CHECK(observer.wait_for("emporia/bridge/state", "offline"));
}

TEST_CASE("killed and started again: the will is told, calls and counters are not forgotten") {
  Installation home;
  auto bridge = home.start();
  REQUIRE(eventually([&] { return complete(home.broker.retained()); }));
  const auto counter = [&] {
    for (const auto& [topic, payload] : home.broker.retained("emporia/+/state")) {
      if (payload.find("\"mains\"") != std::string::npos)
        return number_in(payload.substr(payload.find("\"mains\"")), "import_kwh");
    }
    return -1.0;
  };
  const double before = counter();
  CHECK(before > 0);
  bridge->signal(SIGKILL);
  bridge->wait_for_exit();
  CHECK(eventually([&] { return home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "offline"; }));
  bridge = home.start();
  CHECK(eventually([&] { return home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online"; }));
  CHECK(eventually([&] {
    const auto health = home.broker.retained("emporia/bridge/health")["emporia/bridge/health"];
    // Seven calls of the first run and at least as many again.
    return number_in(health, "used_last_hour") >= 13;
  }));
  CHECK(counter() >= before);
  CHECK(counter() < before + 1);
}

TEST_CASE("over MQTT 3.1.1 as well") {
  Installation home;
  home.configure("mqtt", "version = 3");
  auto bridge = home.start();
  CHECK(eventually([&] { return complete(home.broker.retained()); }));
}

TEST_CASE("asked to refresh, it asks the service again at once") {
  Installation home;
  auto bridge = home.start();
  REQUIRE(eventually([&] { return complete(home.broker.retained()); }));
  home.service.command("reset-stats");
  home.broker.publish("emporia/bridge/request/refresh", "{}");
  CHECK(eventually([&] { return home.service.command("stats").find("\"GetDevices\"") != std::string::npos; }));
}

TEST_CASE("a device is renamed in the vendor's app") {
  Installation home;
  auto bridge = home.start();
  REQUIRE(eventually([&] { return complete(home.broker.retained()); }));
  home.service.command("rename-device D2245A7C2E30AEA4D5E6F7 Carport");
  home.broker.publish("emporia/bridge/request/refresh", "{}");
  CHECK(eventually([&] {
    const auto config = home.broker.retained("homeassistant/device/emporia_D2245A7C2E30AEA4D5E6F7/config");
    return !config.empty() && config.begin()->second.find("\"Carport\"") != std::string::npos;
  }));
}
