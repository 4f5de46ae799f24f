// Two real bridges with one configuration: exactly one works, whatever becomes of it, and what comes of both together
// is what one would have done.
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "process/node.hpp"
#include "support/counters.hpp"
#include "support/fake_clock.hpp"
#include "support/faulty_proxy.hpp"
#include "support/payload_check.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using support::eventually;
using support::holds;

namespace {

const std::string kHouse = "F2310A04B4240AC4A1B2C3";
const std::string kLamp = "B2136B0204240AC4E1F2A3";
// The lease is 5 s of ours then: a machine under load does not lose it by being slow.
constexpr int kFaster = 60;
constexpr int kLease_s = 300;
constexpr int kBudget = 95;

std::chrono::sys_seconds time_of(const std::string& text) {
  std::tm parts{};
  REQUIRE(::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) != nullptr);
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

std::string text_of(std::chrono::sys_seconds time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// Two bridges, each with a way of its own to the broker.
struct Pair {
  Pair() {
    home.service.command("behaviour gaps off");
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      to_broker.push_back(std::make_unique<support::FaultyProxy>(home.broker.port()));
      nodes.push_back(std::make_unique<Node>(
          home, name, "standby = true\nnode = \"" + name + "\"\nlease_s = " + std::to_string(kLease_s),
          "[log]\nlevel = \"debug\"\n"));
      nodes.back()->set_broker_port(to_broker.back()->port());
      nodes.back()->environment = clock.environment();
    }
  }
  Json at(const std::string& topic) const { return Json::parse(home.broker.retained(topic)[topic], nullptr, false); }
  /// Who works by the lease, if the bridge is there for everybody to see.
  std::string working() const {
    const Json lease = at("emporia/bridge/lease");
    const bool online = home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online";
    if (!online || !lease.is_object() || lease["released"] == true) return {};
    return lease["holder"];
  }
  std::size_t index_of(const std::string& name) const { return name == "a" ? 0 : 1; }
  Node& active() { return *nodes[index_of(working())]; }
  Node& other(const Node& node) { return node.name() == "a" ? *nodes[1] : *nodes[0]; }
  support::FaultyProxy& way_of(const Node& node) { return *to_broker[index_of(node.name())]; }

  std::string as_of(const std::string& device) const {
    const Json state = at("emporia/" + device + "/state");
    return state.is_object() && state["as_of"].is_string() ? state["as_of"].get<std::string>() : std::string();
  }
  bool up_to_date() const {
    for (const std::string& device : {kHouse, kLamp}) {
      const std::string text = as_of(device);
      if (text.empty() || time_of(text) < clock.true_time() - 45min) return false;
    }
    return !working().empty();
  }
  /// It works, and what it tells is new.
  bool works(const std::string& name) {
    return eventually([&] { return working() == name && up_to_date(); }, 120s);
  }
  void start_both() {
    nodes[0]->start();
    REQUIRE_MESSAGE(works("a"), nodes[0]->log());
    nodes[1]->start();
    REQUIRE(eventually(
        [&] { return home.broker.retained("emporia/bridge/standby/b")["emporia/bridge/standby/b"] == "standing_by"; }));
    note_beginning();
  }
  /// From when on each channel counts, by the first ledger.
  void note_beginning() {
    for (const std::string& device : {kHouse, kLamp}) {
      const auto program = nodes[0]->run({"ledger", device, "--json"});
      REQUIRE_MESSAGE(program->wait_for_exit() == 0, program->standard_error());
      const Json told = Json::parse(program->standard_output());
      for (const Json& channel : told["channels"]) {
        begun[device][channel["channel"].get<int>()] = channel["booked_from"].get<std::string>();
      }
    }
    REQUIRE(begun[kHouse].size() > 10);
  }
  double truth_wh(const std::string& device, int channel, const std::string& until) {
    const std::string answer =
        home.service.command("usage " + device + " " + std::to_string(channel) + " " + begun[device].at(channel) + " " +
                             text_of(time_of(until) - 1min) + " 0");
    REQUIRE_MESSAGE(answer.rfind("ok ", 0) == 0, answer);
    double sum = 0;
    const Json told = Json::parse(answer.substr(3));
    for (const Json& value : told["wh"]) sum += value.get<double>();
    return sum;
  }
  std::string switch_lamp() {
    lamp_on = !lamp_on;
    const std::string id = "command-" + std::to_string(++commands);
    home.broker.publish("emporia/" + kLamp + "/set",
                        std::string("{\"on\":") + (lamp_on ? "true" : "false") + ",\"id\":\"" + id + "\"}");
    return id;
  }
  std::map<std::string, int> finals() const {
    std::map<std::string, int> counts;
    for (const support::Seen& seen : observer.seen()) {
      if (!holds(seen.topic, "/result")) continue;
      const Json told = Json::parse(seen.payload, nullptr, false);
      if (told["id"].is_string() && told["status"] != "accepted") ++counts[told["id"]];
    }
    return counts;
  }
  bool answered(const std::string& id) {
    if (eventually([&] { return finals()[id] == 1; }, 60s)) return true;
    MESSAGE(id << " has " << finals()[id] << " results");
    for (const auto& node : nodes) MESSAGE(node->name() << " said at last:\n" << support::last_lines(node->log(), 12));
    return false;
  }
  /// All that holds at the end, whatever happened.
  void check() {
    for (const auto& node : nodes) {
      if (node->bridge().running()) node->stop();
    }
    for (const std::string& device : {kHouse, kLamp}) {
      CAPTURE(device);
      const std::string until = as_of(device);
      const double tolerance_wh =
          0.001 * static_cast<double>((time_of(until) - time_of(begun[device].begin()->second)) / 1min);
      const Json state = at("emporia/" + device + "/state");
      std::size_t compared = 0;
      for (const auto& counted : begun[device]) {
        const int channel = counted.first;
        const std::string key = std::to_string(channel);
        double told_wh = 0;
        double expected_wh = 0;
        if (device == kLamp && channel == 1) {
          told_wh = state["energy_kwh"].get<double>() * 1000;
          expected_wh = truth_wh(device, channel, until);
        } else if (state.contains("circuits") && state["circuits"].contains(key)) {
          if (!state["circuits"][key].contains("energy_kwh")) continue;
          told_wh = state["circuits"][key]["energy_kwh"].get<double>() * 1000;
          expected_wh = std::fabs(truth_wh(device, channel, until));
        } else if (state.contains("legs") && state["legs"].contains(key)) {
          const Json& leg = state["legs"][key];
          told_wh = (leg["import_kwh"].get<double>() - leg["export_kwh"].get<double>()) * 1000;
          expected_wh = truth_wh(device, channel, until);
        } else {
          continue;
        }
        CAPTURE(channel);
        CHECK(std::fabs(told_wh - expected_wh) < tolerance_wh);
        ++compared;
      }
      CHECK(compared > (device == kHouse ? 10U : 0U));
    }
    support::RisingCounters law;
    support::PayloadCheck schemas;
    for (const support::Seen& seen : observer.seen()) {
      law.hear(seen.topic, seen.payload);
      const bool ours = !holds(seen.topic, "/set") && !holds(seen.topic, "/echo/") && !seen.payload.empty();
      if (ours && seen.topic.rfind("emporia/", 0) == 0) schemas.add(seen.topic, seen.payload);
    }
    for (const std::string& fall : law.falls()) CHECK_MESSAGE(false, fall);
    CHECK(law.counters() > 20);
    for (const char* topic : {"emporia/bridge/lease", "emporia/bridge/standby/a", "emporia/bridge/standby/b"}) {
      const auto seen = observer.seen();
      CHECK(std::any_of(seen.begin(), seen.end(), [&](const support::Seen& each) { return each.topic == topic; }));
    }
    const std::string wrong = schemas.wrong("emporia");
    CHECK_MESSAGE(wrong.empty(), wrong);
    for (const auto& final : finals()) {
      CAPTURE(final.first);
      CHECK(final.second <= 1);
    }
    const Json stats = Json::parse(home.service.command("stats").substr(3));
    CHECK_MESSAGE(stats["busiest_hour"] <= kBudget, stats["calls"].dump());
    CHECK(stats["busiest_hour"] > 5);
    // Each term signs in for itself: nobody called who had been replaced.
    CHECK(stats["tokens_issued"] >= 2);
    CHECK(stats["calls_with_an_older_token"] == 0);
  }

  support::FakeClock clock{kFaster};
  Installation home{Installation::with_clock(clock)};
  support::Observer observer{home.broker};
  std::vector<std::unique_ptr<support::FaultyProxy>> to_broker;
  std::vector<std::unique_ptr<Node>> nodes;
  std::map<std::string, std::map<int, std::string>> begun;
  bool lamp_on = true;
  int commands = 0;
};

}  // namespace

TEST_CASE("the working one is killed, again and again: the other goes on with counters, budget and commands") {
  Pair pair;
  pair.start_both();
  CHECK(pair.answered(pair.switch_lamp()));
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    Node& active = pair.active();
    Node& other = pair.other(active);
    active.bridge().signal(SIGKILL);
    CHECK(active.bridge().wait_for_exit() == 128 + SIGKILL);
    // Said while nobody works: not carried out, now or later.
    const std::string lost = pair.switch_lamp();
    pair.lamp_on = !pair.lamp_on;
    REQUIRE_MESSAGE(pair.works(other.name()), other.log());
    CHECK(pair.finals().count(lost) == 0);
    active.start();
    CHECK(pair.answered(pair.switch_lamp()));
    REQUIRE(eventually([&] {
      const std::string topic = "emporia/bridge/standby/" + active.name();
      return pair.home.broker.retained(topic)[topic] == "standing_by";
    }));
  }
  CHECK(eventually([&] {
    const Json told = pair.at("emporia/bridge/health")["standby"];
    return told["number"] == 5 && told["standing_by"].size() == 1;
  }));
  pair.check();
}

TEST_CASE("the working one is stopped: the other works at once, and back again") {
  Pair pair;
  pair.start_both();
  for (int i = 0; i < 2; ++i) {
    Node& active = pair.active();
    Node& other = pair.other(active);
    active.stop();
    // Much sooner than the lease would have ended.
    CHECK(other.bridge().wait_for_line(other.name() + " works from now on, as number " + std::to_string(i + 2), 4s));
    REQUIRE(pair.works(other.name()));
    active.start();
    CHECK(pair.answered(pair.switch_lamp()));
  }
  pair.check();
}

TEST_CASE("the working one is suspended and wakes up late: it does nothing more, and is of use later") {
  Pair pair;
  pair.start_both();
  Node& first = pair.active();
  Node& second = pair.other(first);
  first.bridge().signal(SIGSTOP);
  REQUIRE_MESSAGE(pair.works(second.name()), second.log());
  const auto since = pair.clock.true_time();
  REQUIRE(eventually([&] { return pair.clock.true_time() - since > 30min && pair.up_to_date(); }, 120s));
  first.bridge().signal(SIGCONT);
  CHECK(first.bridge().wait_for_line("stands by: "));
  CHECK(pair.answered(pair.switch_lamp()));
  CHECK(pair.working() == second.name());
  // The first one's ledger has stood still for longer than that, and takes over now.
  second.bridge().signal(SIGKILL);
  CHECK(second.bridge().wait_for_exit() == 128 + SIGKILL);
  REQUIRE_MESSAGE(pair.works(first.name()), first.log());
  second.start();
  const auto then = pair.clock.true_time();
  REQUIRE(eventually([&] { return pair.clock.true_time() - then > 30min && pair.up_to_date(); }, 120s));
  REQUIRE(eventually([&] { return pair.at("emporia/bridge/health")["ledger"]["gaps"].empty(); }, 120s));
  pair.check();
}

TEST_CASE("the working one is parted from the broker: it stops by itself before the other begins") {
  Pair pair;
  pair.start_both();
  Node& first = pair.active();
  Node& second = pair.other(first);
  pair.way_of(first).black_hole();
  CHECK(first.bridge().wait_for_line("stands by: the broker has not confirmed in time that it still works", 60s));
  REQUIRE_MESSAGE(pair.works(second.name()), second.log());
  const auto since = pair.clock.true_time();
  REQUIRE(eventually([&] { return pair.clock.true_time() - since > 20min && pair.up_to_date(); }, 120s));
  pair.way_of(first).forward();
  REQUIRE(eventually([&] {
    const std::string topic = "emporia/bridge/standby/" + first.name();
    return pair.home.broker.retained(topic)[topic] == "standing_by";
  }));
  CHECK(pair.answered(pair.switch_lamp()));
  CHECK(pair.working() == second.name());
  pair.check();
}

TEST_CASE("the broker comes back without its memory: one of them works, with the counters that it has") {
  Pair pair;
  pair.start_both();
  pair.home.broker.kill();
  pair.home.broker.start();
  REQUIRE(eventually([&] { return pair.up_to_date(); }, 120s));
  CHECK(pair.working() == "a");
  pair.nodes[0]->stop();
  pair.nodes[1]->stop();
}
