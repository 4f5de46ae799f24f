#include "process/laws.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <signal.h>

#include "support/text.hpp"

namespace emporia::tests {
namespace {

using Json = nlohmann::json;
using support::eventually;
using support::holds;

constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";
constexpr int kBudget = 95;

Json parsed(const std::string& text) {
  return Json::parse(text, nullptr, false);
}

/// The value at a pointer, null where there is none.
Json at(const Json& json, const std::string& pointer) {
  const Json::json_pointer where(pointer);
  return json.is_object() && json.contains(where) ? json.at(where) : Json();
}

/// Of a time such as 2026-03-08T07:00:00Z, for comparisons by the minute.
std::chrono::sys_seconds time_of(const std::string& text) {
  std::tm parts{};
  REQUIRE(::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) != nullptr);
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

/// A device's id in a topic: the ids of the tests need no escaping.
std::string topic_of(const std::string& device, const char* leaf) {
  return "emporia/" + device + "/" + leaf;
}

struct Sums {
  double positive_wh = 0;
  double negative_wh = 0;
  double minutes = 0;
};

/// What the service has, minute by minute, whatever it showed.
Sums truth(Installation& home, const std::string& device, const Json& channel) {
  const std::string from = channel["booked_from"];
  const std::string until = channel["booked_until"];
  const auto last = (time_of(until) - std::chrono::minutes{1}).time_since_epoch().count();
  const std::string answer = home.service.command("usage " + device + " " + channel["channel"].dump() + " " + from +
                                                  " " + std::to_string(last) + " 0");
  REQUIRE_MESSAGE(answer.rfind("ok ", 0) == 0, answer);
  Sums sums;
  const Json told = parsed(answer.substr(3));
  for (const Json& value : told["wh"]) {
    const double wh = value.get<double>();
    (wh < 0 ? sums.negative_wh : sums.positive_wh) += std::fabs(wh);
    ++sums.minutes;
  }
  CHECK(sums.minutes > 0);
  return sums;
}

}  // namespace

Laws::Laws(Installation& home, const support::FakeClock& clock)
    : to_broker(home.broker.port()),
      to_service(home.service.port()),
      home_(home),
      clock_(clock),
      observer_(std::make_unique<support::Observer>(home.broker)) {
  home.set_clock(clock);
  home.set_broker_port(to_broker.port());
  home.set_endpoint("localhost:" + std::to_string(to_service.port()));
  home.configure("log", "level = \"debug\"");
  // A minute that the service never has is not booked, which other tests are about.
  home.service.command("behaviour gaps off");
  secrets_.emplace_back(kPassword);
}

support::ChildProcess& Laws::start() {
  bridges_.push_back(home_.start());
  // What everybody sees who lists the processes of the machine.
  std::ifstream arguments("/proc/" + std::to_string(bridge().pid()) + "/cmdline", std::ios::binary);
  arguments_seen_.emplace_back(std::istreambuf_iterator<char>(arguments), std::istreambuf_iterator<char>());
  return bridge();
}

void Laws::stop() {
  bridge().signal(SIGTERM);
  CHECK_MESSAGE(bridge().wait_for_exit() == 0, bridge().standard_error());
}

void Laws::begin() {
  start();
  REQUIRE_MESSAGE(peace(), unrest(), "\n", bridge().standard_error());
}

std::string Laws::health() const {
  return home_.broker.retained("emporia/bridge/health")["emporia/bridge/health"];
}

std::string Laws::health(const std::string& pointer) const {
  const Json value = at(parsed(health()), pointer);
  return value.is_null() ? std::string() : value.is_string() ? value.get<std::string>() : value.dump();
}

std::string Laws::unrest() {
  if (!bridge().running()) return "the bridge has ended";
  const auto retained = home_.broker.retained();
  const auto text = [&](const std::string& topic) {
    const auto found = retained.find(topic);
    return found == retained.end() ? std::string() : found->second;
  };
  if (text("emporia/bridge/state") != "online") return "emporia/bridge/state is " + text("emporia/bridge/state");
  const Json told = parsed(text("emporia/bridge/health"));
  if (at(told, "/partner/state") != "ok") return "the service is " + at(told, "/partner").dump();
  if (at(told, "/ledger/ok") != true || at(told, "/ledger/gaps") != Json::array()) return at(told, "/ledger").dump();
  const auto newest = clock_.true_time() - std::chrono::minutes{45};
  for (const std::string& device : home_.device_ids()) {
    if (text(topic_of(device, "availability")) != "online") return device + " is not available";
    const Json as_of = at(parsed(text(topic_of(device, "state"))), "/as_of");
    if (!as_of.is_string()) return device + " has no energy";
    if (time_of(as_of) < newest) return device + " has energy only up to " + as_of.dump();
    if (text("homeassistant/device/emporia_" + device + "/config").empty()) return device + " is not announced";
  }
  return {};
}

std::chrono::milliseconds Laws::patience() const {
  return std::max<std::chrono::milliseconds>(std::chrono::minutes{2}, clock_.real(std::chrono::minutes{90}));
}

bool Laws::peace() {
  return eventually([&] { return unrest().empty(); }, patience());
}

bool Laws::booked_for(std::chrono::seconds longer) {
  const std::string topic = topic_of(home_.device_ids().front(), "state");
  const auto as_of = [&] { return at(parsed(home_.broker.retained(topic)[topic]), "/as_of"); };
  const Json before = as_of();
  if (!before.is_string()) return false;
  return eventually(
      [&] {
        const Json now = as_of();
        return now.is_string() && time_of(now) - time_of(before) >= longer;
      },
      patience());
}

std::string Laws::command(const std::string& device, const std::string& settings, bool surely) {
  const std::string id = "command-" + std::to_string(commands_.size() + 1);
  commands_[id] = surely;
  home_.broker.publish(topic_of(device, "set"), "{" + settings + ",\"id\":\"" + id + "\"}");
  return id;
}

std::string Laws::switch_lamp(bool surely) {
  lamp_on_ = !lamp_on_;
  return command(kLamp, std::string("\"on\":") + (lamp_on_ ? "true" : "false"), surely);
}

std::string Laws::result(const std::string& id, std::chrono::milliseconds limit) {
  eventually(
      [&] {
        digest();
        return !finals_[id].empty();
      },
      limit);
  return finals_[id].empty() ? std::string() : finals_[id].front();
}

void Laws::kill_broker() {
  to_broker.refuse();
  digest();
  observer_.reset();
  home_.broker.kill();
}

void Laws::return_broker() {
  home_.broker.start();
  observer_ = std::make_unique<support::Observer>(home_.broker);
  to_broker.forward();
}

void Laws::digest() {
  if (observer_ == nullptr) return;
  const Json tokens = parsed(home_.service.command("tokens").substr(3));
  for (const Json& token : tokens) {
    if (std::find(secrets_.begin(), secrets_.end(), token) == secrets_.end()) secrets_.push_back(token);
  }
  for (const support::Seen& message : observer_->take()) {
    look_for_secrets("a topic", message.topic);
    look_for_secrets("a message to " + message.topic, message.payload);
    rising_.hear(message.topic, message.payload);
    // An echo is what `emporia2mqtt ledger` sends to itself, to know when it has read all that is retained.
    const bool ours =
        !holds(message.topic, "/set") && !holds(message.topic, "/request/") && !holds(message.topic, "/echo/");
    if (ours && message.topic.rfind("emporia/", 0) == 0 && !message.payload.empty()) {
      schemas_.add(message.topic, message.payload);
    }
    if (!holds(message.topic, "/result")) continue;
    const Json told = parsed(message.payload);
    if (at(told, "/status") != "accepted" && at(told, "/id").is_string()) {
      finals_[at(told, "/id")].push_back(at(told, "/status"));
    }
  }
}

void Laws::check() {
  REQUIRE_MESSAGE(peace(), unrest(), "\n", bridge().standard_error());
  for (const auto& command : commands_) {
    if (command.second) CHECK_MESSAGE(!result(command.first).empty(), command.first);
  }
  check_picture(home_.broker.retained());
  stop();
  digest();
  for (const std::string& fall : rising_.falls()) CHECK_MESSAGE(false, fall);
  CHECK(rising_.counters() > 20);
  check_counters();
  check_results();
  check_secrets();
  const Json stats = parsed(home_.service.command("stats").substr(3));
  CHECK_MESSAGE(stats["busiest_hour"] <= kBudget, stats["calls"].dump());
  CHECK(stats["busiest_hour"] > 5);
}

void Laws::check_picture(const std::map<std::string, std::string>& retained) {
  digest();
  std::set<std::string> expected;
  for (const char* leaf : {"state", "info", "health", "devices"}) expected.insert(topic_of("bridge", leaf));
  for (const std::string& device : home_.device_ids()) {
    for (const char* leaf : {"state", "availability"}) expected.insert(topic_of(device, leaf));
    expected.insert("homeassistant/device/emporia_" + device + "/config");
  }
  for (const std::string& topic : expected) CHECK_MESSAGE(retained.count(topic) == 1, topic, " is missing");
  std::size_t own = 0;
  for (const auto& kept : retained) {
    if (expected.count(kept.first) != 0) continue;
    // The bridge's own announcement has the base topic in its name.
    CHECK_MESSAGE(kept.first.rfind("homeassistant/device/emporia_", 0) == 0, kept.first, " is left over");
    CHECK_MESSAGE(holds(kept.second, "\"emporia2mqtt\""), kept.first, " is left over");
    ++own;
  }
  CHECK(own == 1);

  const std::string wrong = schemas_.wrong("emporia");
  CHECK_MESSAGE(wrong.empty(), wrong);
}

std::string Laws::ledger(const std::string& device) {
  const auto program = home_.run({"ledger", device, "--json"});
  REQUIRE_MESSAGE(program->wait_for_exit() == 0, program->standard_error());
  return program->standard_output();
}

void Laws::note_beginning() {
  for (const std::string& device : home_.device_ids()) {
    const Json booked = parsed(ledger(device));
    for (const Json& channel : booked["channels"]) begun_[device][channel["channel"]] = channel["booked_from"];
  }
}

void Laws::check_counters() {
  for (const std::string& device : home_.device_ids()) check_device(device);
}

void Laws::check_device(const std::string& device) {
  CAPTURE(device);
  const Json booked = parsed(ledger(device));
  REQUIRE(booked.is_object());
  CHECK_MESSAGE(booked["gaps"].empty(), booked["gaps"].dump());
  const std::string topic = topic_of(device, "state");
  const std::string state = home_.broker.retained(topic)[topic];
  CHECK(at(parsed(state), "/as_of") == booked["booked_until"]);
  const support::Counters shown = support::counters_of(state);
  std::size_t compared = 0;
  constexpr int kLastOfService = 19;
  for (Json channel : booked["channels"]) {
    const int number = channel["channel"];
    if (number > kLastOfService) continue;
    if (begun_[device].count(number) != 0) channel["booked_from"] = begun_[device][number];
    CAPTURE(number);
    const Sums sums = truth(home_, device, channel);
    // Each minute is booked to the millionth of a watt-hour; a thousandth of one is what is asked for.
    const double tolerance_wh = 0.001 + sums.minutes * 1e-6;
    CHECK(std::fabs(channel["positive_wh"].get<double>() - sums.positive_wh) < tolerance_wh);
    CHECK(std::fabs(channel["negative_wh"].get<double>() - sums.negative_wh) < tolerance_wh);
    ++compared;
    const std::string of = std::to_string(number) + ".";
    for (const std::string& path : {"legs." + of, "circuits." + of, std::string()}) {
      if (path.empty() && booked["channels"].size() > 1) continue;
      const auto same = [&](const char* key, const char* as) {
        const auto found = shown.find(path + key);
        if (found == shown.end()) return;
        CHECK_MESSAGE(std::fabs(found->second * 1000 - channel[as].get<double>()) < 0.001, found->first);
      };
      const auto energy = shown.find(path + "energy_kwh");
      if (energy != shown.end()) {
        const double wh = energy->second * 1000;
        CHECK(std::min(std::fabs(wh - channel["shown_positive_wh"].get<double>()),
                       std::fabs(wh - channel["shown_negative_wh"].get<double>())) < 0.001);
      }
      same("import_kwh", "shown_positive_wh");
      same("export_kwh", "shown_negative_wh");
    }
  }
  CHECK(compared > 0);
  CHECK_FALSE(shown.empty());
}

void Laws::check_results() {
  for (const auto& command : commands_) {
    CAPTURE(command.first);
    const std::size_t count = finals_[command.first].size();
    CHECK(count <= 1);
    if (command.second) CHECK(count == 1);
  }
}

void Laws::look_for_secrets(const std::string& where, const std::string& text) const {
  // The newest tokens are those that may be about.
  constexpr std::size_t kMost = 12;
  for (std::size_t i = 0; i < secrets_.size(); ++i) {
    const bool looked_for = i < kMost / 2 || i + kMost / 2 >= secrets_.size();
    if (looked_for && holds(text, secrets_[i])) FAIL_CHECK("a secret is in ", where);
  }
}

void Laws::check_secrets() {
  // The password and at least one token.
  CHECK(secrets_.size() >= 2);
  for (const auto& bridge : bridges_) {
    look_for_secrets("the log", bridge->standard_error());
    look_for_secrets("the output", bridge->standard_output());
  }
  for (const std::string& arguments : arguments_seen_) look_for_secrets("the arguments", arguments);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home_.folder.path())) {
    if (!entry.is_regular_file() || entry.path().filename() == "password") continue;
    look_for_secrets(entry.path().string(), support::read_file(entry.path().string()));
    ++files;
  }
  CHECK(files >= 3);
}

}  // namespace emporia::tests
