// deploy/mosquitto/acl.example at a real broker: each of its users can do what it needs, and nothing else.
#include <algorithm>
#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";
constexpr const char* kHouse = "F2310A04B4240AC4A1B2C3";
constexpr const char* kUsers[] = {"emporia2mqtt", "homeassistant", "nodered", "display"};

std::string password_of(const std::string& user) {
  return user + "'s password";
}

/// A broker with the example's rules, and every user of the example.
class GuardedBroker {
 public:
  GuardedBroker() : broker(options(folder)) {}

  /// The arguments of a client that is this user; of somebody unknown for an empty name.
  std::vector<std::string> client(const char* program, const std::string& user) const {
    std::vector<std::string> argv{program, "-h", "127.0.0.1", "-p", std::to_string(broker.port()),
                                  "-V",    "5",  "-q",        "1"};
    if (!user.empty()) argv.insert(argv.end(), {"-u", user, "-P", password_of(user)});
    return argv;
  }

  /// As this user, and to the end: whether the broker took it has to be looked at by somebody else.
  void say(const std::string& user, const std::string& topic, const std::string& payload, bool retain = false) const {
    std::vector<std::string> argv = client("mosquitto_pub", user);
    argv.insert(argv.end(), {"-t", topic, "-m", payload});
    if (retain) argv.emplace_back("-r");
    support::ChildProcess child(std::move(argv));
    REQUIRE(child.wait_for_exit().has_value());
  }

  /// Whether a message of this user arrives at the broker.
  bool takes(const std::string& user, const std::string& topic) const {
    const support::Observer observer(broker, {topic, "end"});
    say(user, topic, "from " + user);
    broker.publish("end", "of it");
    REQUIRE(observer.wait_for("end", "of it"));
    const auto seen = observer.seen();
    return std::any_of(seen.begin(), seen.end(), [&](const support::Seen& message) { return message.topic == topic; });
  }

  /// Which of these topics this user hears, who asks for everything.
  std::vector<std::string> heard(const std::string& user, const std::vector<std::string>& topics,
                                 const std::string& allowed) const {
    std::vector<std::string> argv = client("mosquitto_sub", user);
    argv.insert(argv.end(), {"-t", "#", "-F", "%t %p"});
    support::ChildProcess child(std::move(argv));
    // The subscription stands once a message comes through; its number tells it from the one that ends the test.
    int number = 0;
    REQUIRE(eventually([&] {
      broker.publish(allowed, "begins " + std::to_string(++number));
      return !child.lines().empty();
    }));
    for (const std::string& topic : topics) broker.publish(topic, "told");
    broker.publish(allowed, "ends");
    REQUIRE(child.wait_for_line(allowed + " ends"));
    std::vector<std::string> heard;
    const auto lines = child.lines();
    for (const std::string& topic : topics) {
      if (std::find(lines.begin(), lines.end(), topic + " told") != lines.end()) heard.push_back(topic);
    }
    return heard;
  }

  support::TempDir folder;
  support::Mosquitto broker;

 private:
  static support::MosquittoOptions options(const support::TempDir& folder) {
    const std::string passwords = folder.file("passwords");
    folder.write("passwords", "");
    for (const char* user : kUsers) support::run({"mosquitto_passwd", "-b", passwords, user, password_of(user)});
    support::MosquittoOptions options;
    options.extra = {"allow_anonymous false", "password_file " + passwords,
                     std::string("acl_file ") + SOURCE_DIR + "/deploy/mosquitto/acl.example"};
    return options;
  }
};

/// The bridge as the example's user.
struct GuardedBridge {
  GuardedBridge() {
    home.set_broker_port(guarded.broker.port());
    home.configure("mqtt", "username = \"emporia2mqtt\"");
    home.configure("mqtt", "password = \"" + password_of("emporia2mqtt") + "\"");
  }
  void start() {
    bridge = home.start();
    REQUIRE(eventually([this] {
      return retained("emporia/+/state").size() == 7 && retained("homeassistant/device/+/config").size() == 7 &&
             state(kHouse).find("\"as_of\":\"") != std::string::npos;
    }));
  }
  std::map<std::string, std::string> retained(const std::string& filter) const {
    return guarded.broker.retained(filter);
  }
  std::string state(const std::string& device) const {
    const std::string topic = "emporia/" + device + "/state";
    return retained(topic)[topic];
  }
  /// Nothing that it published was refused, and nothing it asked for stayed away.
  void check_nothing_refused() const {
    CHECK(bridge->standard_error().find("refuses messages") == std::string::npos);
    CHECK(bridge->standard_error().find("has not said in time") == std::string::npos);
  }

  GuardedBroker guarded;
  Installation home;
  std::unique_ptr<support::ChildProcess> bridge;
};

}  // namespace

TEST_CASE("the example's rules: who may publish where") {
  const GuardedBroker guarded;
  struct Row {
    const char* topic;
    /// The users that may, among those of kUsers.
    std::vector<std::string> may;
  };
  const std::vector<Row> rows{
      {"emporia/B1/set", {"emporia2mqtt", "homeassistant", "nodered"}},
      {"emporia/B1/set/on", {"emporia2mqtt", "homeassistant", "nodered"}},
      {"emporia/bridge/request/refresh", {"emporia2mqtt", "homeassistant", "nodered"}},
      {"emporia/B1/state", {"emporia2mqtt"}},
      {"emporia/B1/availability", {"emporia2mqtt"}},
      {"emporia/B1/usage", {"emporia2mqtt"}},
      {"emporia/B1/result", {"emporia2mqtt"}},
      {"emporia/bridge/state", {"emporia2mqtt"}},
      {"emporia/bridge/event", {"emporia2mqtt"}},
      {"emporia/bridge/response/usage", {"emporia2mqtt"}},
      {"homeassistant/device/emporia_B1/config", {"emporia2mqtt"}},
      {"homeassistant/sensor/other/config", {}},
      {"homeassistant/status", {"homeassistant"}},
      {"nodered/emporia/result", {"emporia2mqtt", "nodered"}},
      {"nodered/other", {"nodered"}},
      {"zigbee2mqtt/lamp/set", {}},
  };
  for (const Row& row : rows) {
    for (const char* user : kUsers) {
      const bool may = std::find(row.may.begin(), row.may.end(), user) != row.may.end();
      CHECK_MESSAGE(guarded.takes(user, row.topic) == may, user, may ? " may not" : " may", " publish to ", row.topic);
    }
    CHECK_MESSAGE(!guarded.takes("", row.topic), "somebody unknown may publish to ", row.topic);
  }
}

TEST_CASE("the example's rules: who hears what") {
  const GuardedBroker guarded;
  using Topics = std::vector<std::string>;
  const Topics topics{"emporia/B1/state",      "emporia/B1/availability",
                      "emporia/B1/usage",      "emporia/B1/result",
                      "emporia/B1/set/on",     "emporia/bridge/state",
                      "emporia/bridge/info",   "homeassistant/device/emporia_B1/config",
                      "homeassistant/status",  "homeassistant/sensor/other/config",
                      "nodered/emporia/usage", "zigbee2mqtt/lamp"};
  const Topics emporia(topics.begin(), topics.begin() + 7);
  const auto with = [](Topics some, const Topics& more) {
    some.insert(some.end(), more.begin(), more.end());
    return some;
  };
  CHECK(guarded.heard("emporia2mqtt", topics, "emporia/end") ==
        with(emporia, {"homeassistant/device/emporia_B1/config", "homeassistant/status"}));
  CHECK(guarded.heard("homeassistant", topics, "emporia/end") ==
        with(emporia,
             {"homeassistant/device/emporia_B1/config", "homeassistant/status", "homeassistant/sensor/other/config"}));
  CHECK(guarded.heard("nodered", topics, "emporia/end") == with(emporia, {"nodered/emporia/usage"}));
  CHECK(guarded.heard("display", topics, "emporia/end/state") ==
        Topics{"emporia/B1/state", "emporia/B1/availability", "emporia/bridge/state"});
}

TEST_CASE("under the example's rules the bridge starts, announces again, obeys and answers") {
  GuardedBridge at;
  at.start();
  const auto& broker = at.guarded.broker;

  // Home Assistant was started again: an announcement that was lost meanwhile comes back.
  broker.publish(std::string("homeassistant/device/emporia_") + kLamp + "/config", "", true);
  at.guarded.say("homeassistant", "homeassistant/status", "online");
  CHECK(eventually([&] { return at.retained("homeassistant/device/+/config").size() == 7; }));

  at.guarded.say("homeassistant", std::string("emporia/") + kLamp + "/set/on", "OFF");
  CHECK(eventually([&] { return at.state(kLamp).find("\"on\":false") != std::string::npos; }));

  // Node-RED asks with a response topic of its own, and hears the answer there.
  std::vector<std::string> asks = at.guarded.client("mosquitto_rr", "nodered");
  asks.insert(asks.end(), {"-W", "20", "-t", "emporia/bridge/request/devices", "-e", "nodered/emporia/usage", "-n"});
  CHECK(support::run(std::move(asks)).find("\"status\":\"ok\"") != std::string::npos);

  at.check_nothing_refused();
  at.bridge->signal(SIGTERM);
  CHECK(at.bridge->wait_for_exit() == 0);
  CHECK(at.retained("emporia/bridge/state")["emporia/bridge/state"] == "offline");
}

TEST_CASE("under the example's rules a lost ledger goes on from the broker, and the tools work") {
  GuardedBridge at;
  at.start();
  const auto told = at.home.run({"watch", "--once"});
  CHECK(told->wait_for_exit() == 0);
  const auto doctor = at.home.run({"doctor"});
  CHECK(doctor->wait_for_exit() == 0);
  const auto set = at.home.run({"set", "Floor lamp", "on", "OFF"});
  CHECK(set->wait_for_exit() == 0);
  at.bridge->signal(SIGTERM);
  REQUIRE(at.bridge->wait_for_exit() == 0);

  support::run({"rm", "-r", at.home.folder.file("state")});
  at.start();
  CHECK(at.bridge->wait_for_line(std::string("the ledger knew nothing of ") + kHouse));
  at.check_nothing_refused();
  at.bridge->signal(SIGTERM);
  REQUIRE(at.bridge->wait_for_exit() == 0);

  const auto removed = at.home.run({"discovery", "--remove", "--yes"});
  CHECK(removed->wait_for_exit() == 0);
  CHECK(at.retained("#").empty());
}

TEST_CASE("a bridge that the broker's rules refuse says so, with what to do") {
  GuardedBridge at;
  // As the display: let in, and allowed nothing.
  at.home.configure("mqtt", "username = \"display\"");
  at.home.configure("mqtt", "password = \"" + password_of("display") + "\"");
  at.bridge = at.home.start();
  CHECK(at.bridge->wait_for_line("the broker refuses messages: check that it lets this user publish"));
  CHECK(at.retained("#").empty());
}
