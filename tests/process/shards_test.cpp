// Several real bridges share one account at one broker: together they are as one, within its budget, also after there
// have become more of them.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <signal.h>

#include "process/node.hpp"
#include "settings/shard.hpp"
#include "support/counters.hpp"
#include "support/fake_clock.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using support::eventually;
using support::holds;

namespace {

constexpr int kOutlets = 24;
constexpr int kFaster = 60;
constexpr int kBudget = 95;

struct Fleet {
  support::FakeClock clock{kFaster};
  Installation home{Installation::with_clock(clock, Installation::home_with_outlets(kOutlets))};
  std::vector<std::unique_ptr<Node>> nodes;

  Node& add(const std::string& shard) {
    nodes.push_back(std::make_unique<Node>(home, shard, ""));
    // All have one configuration, as in a StatefulSet.
    nodes.back()->environment = clock.environment();
    nodes.back()->environment.emplace_back("EMPORIA_SHARD", shard);
    return *nodes.back();
  }
  /// A bridge says so there when all of it is shown; until then others do not know of it.
  bool is_online(const std::string& topic) const {
    return eventually([&] { return home.broker.retained(topic)[topic] == "online"; }, 60s);
  }
  std::set<std::string> announced() const {
    std::set<std::string> devices;
    const auto retained = home.broker.retained("homeassistant/device/+/config");
    for (const std::string& id : home.device_ids()) {
      const auto config = retained.find("homeassistant/device/emporia_" + id + "/config");
      if (config != retained.end() && !config->second.empty()) devices.insert(id);
    }
    return devices;
  }
  /// Every device is available, announced and has energy that is no older than this.
  bool whole(std::chrono::minutes lag) const {
    const auto retained = home.broker.retained("emporia/#");
    const auto newest = clock.true_time() - lag;
    for (const std::string& id : home.device_ids()) {
      const auto state = retained.find("emporia/" + id + "/state");
      if (state == retained.end()) return false;
      const Json told = Json::parse(state->second, nullptr, false);
      if (!told.is_object() || !told["as_of"].is_string()) return false;
      std::tm parts{};
      ::strptime(told["as_of"].get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
      if (std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}} < newest) return false;
    }
    return announced().size() == home.device_ids().size();
  }
  Json stats() { return Json::parse(home.service.command("stats").substr(3)); }
};

/// What was published of the outlets' counters against what the service has of them.
void check_truth(Fleet& fleet) {
  const auto retained = fleet.home.broker.retained("emporia/+/state");
  std::size_t compared = 0;
  for (int i = 1; i <= kOutlets; ++i) {
    const std::string id = "B" + std::to_string(9000 + i);
    CAPTURE(id);
    const Json state = Json::parse(retained.at("emporia/" + id + "/state"));
    const auto ledger = [&]() -> Json {
      // Of the one that has it now; others may know it from before.
      Json newest;
      for (const auto& node : fleet.nodes) {
        const auto program = node->run({"ledger", id, "--json"});
        program->wait_for_exit();
        const Json told = Json::parse(program->standard_output(), nullptr, false);
        if (told.is_object() && (newest.is_null() || told["booked_until"] > newest["booked_until"])) newest = told;
      }
      return newest;
    }();
    REQUIRE(ledger.is_object());
    CHECK(ledger["gaps"].empty());
    const Json& channel = ledger["channels"][0];
    CHECK(std::abs(state["energy_kwh"].get<double>() * 1000 - channel["shown_positive_wh"].get<double>()) < 0.002);
    ++compared;
  }
  CHECK(compared == kOutlets);
}

}  // namespace

TEST_CASE(
    "three bridges, then four: every device once, counters that never fall, the account's budget, each command once") {
  Fleet fleet;
  const support::Observer observer(fleet.home.broker);
  for (const char* shard : {"1/3", "2/3", "3/3"}) fleet.add(shard).start();
  REQUIRE_MESSAGE(eventually([&] { return fleet.whole(60min); }, 120s), fleet.nodes[0]->log(), fleet.nodes[1]->log(),
                  fleet.nodes[2]->log());
  // Each has its own list, and no device is in two.
  std::set<std::string> listed;
  int budget = 0;
  for (int number = 1; number <= 3; ++number) {
    const std::string bridge = "emporia/bridge/" + std::to_string(number) + "/";
    const auto retained = fleet.home.broker.retained(bridge + "#");
    CHECK(retained.at(bridge + "state") == "online");
    const Json devices = Json::parse(retained.at(bridge + "devices"));
    CHECK(devices.size() > 2);
    for (const Json& device : devices) {
      CHECK(listed.insert(device["id"].get<std::string>()).second);
      CHECK(settings::shard_of(device["id"].get<std::string>(), 3) == static_cast<unsigned>(number));
    }
    const Json health = Json::parse(retained.at(bridge + "health"));
    budget += health["calls"]["budget"].get<int>();
    CHECK(health["shard"]["count"] == 3);
    CHECK(health["shard"]["calls_of_account"] == kBudget);
  }
  CHECK(listed == std::set<std::string>(fleet.home.device_ids().begin(), fleet.home.device_ids().end()));
  CHECK(budget == kBudget);

  // A command to each outlet has one result.
  for (int i = 1; i <= kOutlets; ++i) {
    const std::string id = "B" + std::to_string(9000 + i);
    fleet.home.broker.publish("emporia/" + id + "/set", "{\"on\":false,\"id\":\"first-" + id + "\"}");
  }
  const auto finals = [&](const std::string& prefix) {
    std::map<std::string, int> counts;
    for (const support::Seen& seen : observer.seen()) {
      if (!holds(seen.topic, "/result")) continue;
      const Json told = Json::parse(seen.payload, nullptr, false);
      if (!told["id"].is_string() || told["id"].get<std::string>().rfind(prefix, 0) != 0) continue;
      if (told["status"] != "accepted") ++counts[told["id"]];
    }
    return counts;
  };
  CHECK(eventually([&] { return finals("first-").size() == kOutlets; }, 60s));

  // One more of them: all are stopped, and start with the new number.
  for (const auto& node : fleet.nodes) node->stop();
  const auto before = fleet.home.broker.retained("homeassistant/device/+/config");
  const std::size_t seen_before = observer.seen().size();
  fleet.add("4/4");
  for (std::size_t i = 0; i < 4; ++i) {
    fleet.nodes[i]->environment = fleet.clock.environment();
    fleet.nodes[i]->environment.emplace_back("EMPORIA_SHARD", std::to_string(i + 1) + "/4");
    fleet.nodes[i]->start();
  }
  REQUIRE_MESSAGE(eventually([&] { return fleet.whole(60min); }, 180s), fleet.nodes[3]->log());
  const auto newest = fleet.clock.true_time();
  // An hour of the service's later it is still so.
  CHECK(eventually([&] { return fleet.clock.true_time() - newest > 60min && fleet.whole(60min); }, 180s));
  std::size_t moved = 0;
  for (const std::string& id : fleet.home.device_ids()) {
    if (settings::shard_of(id, 3) != settings::shard_of(id, 4)) ++moved;
  }
  CHECK(moved > 0);
  for (const std::string& id : fleet.home.device_ids()) {
    CAPTURE(id);
    const std::string number = std::to_string(settings::shard_of(id, 4));
    const std::string topic = "homeassistant/device/emporia_" + id + "/config";
    CHECK(holds(fleet.home.broker.retained(topic)[topic], "emporia/bridge/" + number + "/state"));
  }
  // No announcement was taken away for a moment.
  const auto seen = observer.seen();
  for (std::size_t i = seen_before; i < seen.size(); ++i) {
    const bool announcement = holds(seen[i].topic, "/config") && before.count(seen[i].topic) > 0;
    if (announcement) CHECK_FALSE(seen[i].payload.empty());
  }
  for (int i = 1; i <= kOutlets; ++i) {
    const std::string id = "B" + std::to_string(9000 + i);
    fleet.home.broker.publish("emporia/" + id + "/set/on", "ON");
  }
  CHECK(eventually(
      [&] {
        int on = 0;
        for (const auto& [topic, state] : fleet.home.broker.retained("emporia/+/state")) {
          on += holds(topic, "/B9") && holds(state, "\"on\":true") ? 1 : 0;
        }
        return on == kOutlets;
      },
      60s));
  for (const auto& node : fleet.nodes) node->stop();
  for (const auto& final : finals("first-")) {
    CAPTURE(final.first);
    CHECK(final.second == 1);
  }
  support::RisingCounters law;
  for (const support::Seen& message : observer.seen()) law.hear(message.topic, message.payload);
  for (const std::string& fall : law.falls()) CHECK_MESSAGE(false, fall);
  CHECK(law.counters() > kOutlets);
  check_truth(fleet);
  const Json stats = fleet.stats();
  CHECK_MESSAGE(stats["busiest_hour"] <= kBudget, stats["calls"].dump());
  CHECK(stats["busiest_hour"] > 20);
}

TEST_CASE("a fleet of bridges is taken off the broker only when all of them have stopped") {
  Fleet fleet;
  for (const char* shard : {"1/2", "2/2"}) fleet.add(shard).start();
  REQUIRE(eventually([&] { return fleet.announced().size() == fleet.home.device_ids().size(); }, 60s));
  fleet.nodes[0]->stop();
  auto refused = fleet.nodes[0]->run({"discovery", "--remove", "--yes"});
  CHECK(refused->wait_for_exit() == 65);
  CHECK(fleet.announced().size() == fleet.home.device_ids().size());
  fleet.nodes[1]->stop();
  auto removed = fleet.nodes[0]->run({"discovery", "--remove", "--yes"});
  CHECK_MESSAGE(removed->wait_for_exit() == 0, removed->standard_error());
  CHECK(fleet.home.broker.retained("emporia/#").empty());
  CHECK(fleet.home.broker.retained("homeassistant/#").empty());
}

TEST_CASE("a bridge of another number waits until those at work are gone, and makes no call before") {
  Fleet fleet;
  Node& old = fleet.add("1/2");
  old.start();
  REQUIRE(fleet.is_online("emporia/bridge/1/state"));
  Node& fresh = fleet.add("2/3");
  fresh.start();
  CHECK(fresh.bridge().wait_for_line("emporia/bridge/1/state is online, of a bridge with shard 1/2"));
  // Twenty minutes of the service's, and nothing of the second of three.
  const auto since = fleet.clock.true_time();
  REQUIRE(eventually([&] { return fleet.clock.true_time() - since > 20min; }, 60s));
  CHECK(fleet.home.broker.retained("emporia/bridge/2/#").empty());
  CHECK(fresh.bridge().running());
  old.stop();
  CHECK(fleet.is_online("emporia/bridge/2/state"));
  // And one that has all devices is in the way as well.
  fresh.stop();
  Node whole(fleet.home, "whole", "");
  whole.environment = fleet.clock.environment();
  whole.start();
  REQUIRE(fleet.is_online("emporia/bridge/state"));
  fresh.start();
  CHECK(fresh.bridge().wait_for_line("emporia/bridge/state is online, of a bridge that has all devices"));
  fresh.stop();
  whole.stop();
}

TEST_CASE("more bridges than the budget carries are refused before anything is done") {
  Installation home;
  Node node(home, "ten", "shard = \"1/10\"");
  const auto checked = node.run({"check-config"});
  CHECK(checked->wait_for_exit() == 78);
  CHECK(holds(checked->standard_error() + checked->standard_output(), "take at most 9 bridges"));
}
