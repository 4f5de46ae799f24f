#include <algorithm>
#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"
#include "process/speaker.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";
constexpr const char* kCharger = "D2245A7C2E30AEA4D5E6F7";
constexpr const char* kBattery = "S2301W0510240AC4C5D6E7";

std::string device_topic(const std::string& device, const std::string& leaf) {
  return "emporia/" + device + "/" + leaf;
}

/// A running bridge whose picture is complete.
struct Running {
  explicit Running(int more_outlets = 0, const char* commands_option = "")
      : home(Installation::home_with_outlets(more_outlets)) {
    home.configure("commands", commands_option);
    bridge = home.start();
    const auto states = static_cast<std::size_t>(7 + more_outlets);
    REQUIRE(eventually([this, states] { return home.broker.retained("emporia/+/state").size() == states; }));
    REQUIRE(eventually([this] { return state(kBattery).find("\"soc_pct\":null") == std::string::npos; }));
    home.service.command("reset-stats");
  }
  std::string state(const std::string& device) {
    const std::string topic = device_topic(device, "state");
    return home.broker.retained(topic)[topic];
  }
  std::size_t calls(const std::string& rpc) {
    const std::string updates = home.service.command("updates");
    std::size_t count = 0;
    for (auto at = updates.find(rpc); at != std::string::npos; at = updates.find(rpc, at + 1)) ++count;
    return count;
  }

  Installation home;
  std::unique_ptr<support::ChildProcess> bridge;
};

bool ends_with(const support::Observer& results, const std::string& status, std::size_t times = 1) {
  return results.wait_until([&](const std::vector<support::Seen>& seen) {
    const auto has = [&](const support::Seen& s) {
      return s.payload.find("\"status\":\"" + status + "\"") != std::string::npos;
    };
    return static_cast<std::size_t>(std::count_if(seen.begin(), seen.end(), has)) >= times;
  });
}

}  // namespace

TEST_CASE("every setting reaches the service alone and comes back as state, with a result") {
  struct Case {
    const char* device;
    const char* setting;
    const char* payload;
    /// What the service was asked, and what the state shows then.
    const char* asked;
    const char* shown;
  };
  const std::vector<Case> cases{
      {kLamp, "on", "OFF", R"({"manufacturer_device_id":"B2136B0204240AC4E1F2A3","on":false})", R"("on":false)"},
      {kCharger, "charge_rate_a", "16", R"({"manufacturer_device_id":"D2245A7C2E30AEA4D5E6F7","charge_rate_amps":16})",
       R"("charge_rate_a":16)"},
      {kCharger, "on", "OFF", R"({"manufacturer_device_id":"D2245A7C2E30AEA4D5E6F7","on":false})", R"("on":false)"},
      {kBattery, "reserve_soc_pct", "25",
       R"({"manufacturer_device_id":"S2301W0510240AC4C5D6E7","reserve_soc_percentage":25})", R"("reserve_soc_pct":25)"},
      {kBattery, "dispatch_mode", "Idle", R"({"manufacturer_device_id":"S2301W0510240AC4C5D6E7","idle":{}})",
       R"("dispatch_mode":"idle")"},
  };
  Running running;
  for (const Case& c : cases) {
    CAPTURE(c.setting);
    const support::Observer results(running.home.broker, {device_topic(c.device, "result")});
    running.home.broker.publish(device_topic(c.device, std::string("set/") + c.setting), c.payload);
    CHECK(ends_with(results, "confirmed"));
    const std::string updates = running.home.service.command("updates");
    CHECK_MESSAGE(updates.find(c.asked) != std::string::npos, updates);
    CHECK(eventually([&] { return running.state(c.device).find(c.shown) != std::string::npos; }));
  }
}

TEST_CASE("a scene that switches twenty outlets is one call") {
  constexpr int kOutlets = 20;
  // Wider than by default, so that a machine under load does not tear the scene apart.
  Running running(kOutlets, "gathering_ms = 1000");
  const support::Observer results(running.home.broker, {"emporia/+/result"});
  Speaker speaker(running.home.broker.port());
  for (int i = 1; i <= kOutlets; ++i) speaker.publish(device_topic("B" + std::to_string(9000 + i), "set/on"), "OFF");
  CHECK(ends_with(results, "confirmed", kOutlets));
  CHECK(running.calls("UpdateOutlets") == 1);
}

TEST_CASE("a dragged slider: a hundred values within a second make at most three calls and end with the last") {
  Running running;
  const support::Observer results(running.home.broker, {device_topic(kCharger, "result")});
  std::string input;
  for (int i = 0; i < 100; ++i) input += std::to_string(6 + i % 34) + "\n";
  input += "29\n";
  support::ChildProcess drag(
      support::ChildOptions{{"mosquitto_pub", "-p", std::to_string(running.home.broker.observer_port()), "-l", "-t",
                             device_topic(kCharger, "set/charge_rate_a")},
                            {},
                            input});
  CHECK(drag.wait_for_exit() == 0);
  CHECK(eventually([&] { return running.state(kCharger).find("\"charge_rate_a\":29") != std::string::npos; }));
  // Each of the hundred and one has its end.
  CHECK(results.wait_until([](const std::vector<support::Seen>& seen) {
    const auto final = [](const support::Seen& s) { return s.payload.find("\"accepted\"") == std::string::npos; };
    return std::count_if(seen.begin(), seen.end(), final) == 101;
  }));
  CHECK(running.calls("UpdateEVChargers") <= 3);
}

TEST_CASE("an offline device, a silent service, a device that does not change: each has its end") {
  Running running;
  const support::Observer results(running.home.broker, {"emporia/+/result"});
  running.home.broker.publish(device_topic(kLamp, "set/on"), "ON");
  CHECK(ends_with(results, "unchanged"));
  running.home.broker.publish(device_topic(kLamp, "set/on"), "maybe");
  CHECK(ends_with(results, "refused"));
  running.home.service.command("freeze on");
  running.home.broker.publish(device_topic(kCharger, "set"), R"({"on":false,"timeout_s":1})");
  CHECK(ends_with(results, "timeout"));
  running.home.service.command("freeze off");
  running.home.service.command(std::string("connect ") + kLamp + " off");
  running.home.broker.publish(device_topic(kLamp, "set/on"), "OFF");
  CHECK(ends_with(results, "offline"));
}

TEST_CASE("a command published to be kept is never carried out, before or after a restart") {
  Running running;
  const support::Observer results(running.home.broker, {"emporia/+/result"});
  running.home.broker.publish(device_topic(kLamp, "set/on"), "OFF", true);
  running.bridge->signal(SIGTERM);
  CHECK(running.bridge->wait_for_exit() == 0);
  running.home.service.command("reset-stats");
  running.bridge = running.home.start();
  CHECK(ends_with(results, "refused"));
  CHECK(running.calls("UpdateOutlets") == 0);
}
