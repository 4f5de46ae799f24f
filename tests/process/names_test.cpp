// Names that a customer, or somebody who means harm, has typed in: the real program with a home full of them, and
// everything that it says, on every way out.
#include <csignal>
#include <doctest/doctest.h>
#include <set>
#include <sstream>

#include "json/value.hpp"
#include "mqtt/message.hpp"
#include "process/installation.hpp"
#include "support/payload_check.hpp"
#include "support/raw_http.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

/// Text that is not UTF-8 is not among them: the service's library cannot send it, see the fuzzer of names.
const std::string kNames[] = {
    "a/b/+/#",
    "$SYS/broker",
    "\"quoted\" 'name' \\ \\n %s %n ${HOME} `id`",
    std::string("null\0byte\x01\x1b[2J\x7f\r\nnext line", 26),
    std::string(10'000, 'x'),
    "\xE2\x80\xAE"
    "turned round\xE2\x80\xA8"
    "and broken",
    "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD8\xB3\xD9\x84\xD8\xA7\xD9\x85",
    "=cmd|' /C calc'!A0",
    "{{ states('sensor.x') }} {% raw %}",
    "<script>alert(1)</script>",
    "null",
    "Twice",
    "Twice",
    "twice ",
    "   ",
    "\xF0\x9F\x94\x8C\xEF\xB8\x8F"
    "e\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81",
};

simulator::Home hostile_home() {
  simulator::Home home = simulator::load_home(std::string(SOURCE_DIR) + "/tests/simulator/homes/odd.toml");
  home.email = "partner@example.com";
  home.password = kPassword;
  const simulator::DeviceSpec model = home.devices.front();
  int number = 0;
  for (const std::string& name : kNames) {
    simulator::DeviceSpec device = model;
    device.id = "H" + std::to_string(1000 + ++number);
    device.name = name;
    device.firmware = name;
    std::size_t next = 0;
    for (simulator::CircuitSpec& circuit : device.circuits) {
      circuit.name = kNames[next++ % std::size(kNames)];
      circuit.sub_type = name;
    }
    home.devices.push_back(device);
  }
  // Ids are the service's own, and still nothing to rely on.
  for (const char* id : {"a/b+#", "\"; drop table",
                         "\xE2\x80\xAE"
                         "di",
                         "bridge", "group:x", "=1+1"}) {
    simulator::DeviceSpec device = model;
    device.id = id;
    home.devices.push_back(device);
  }
  return home;
}

/// What is wrong with text that a terminal, a viewer of logs or a spreadsheet is to show; empty: nothing.
std::string wrong_with(const std::string& text) {
  if (!mqtt::valid_utf8(text)) return "not UTF-8";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7f) return "a control character";
  }
  for (const char* turning : {"\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2028"}) {
    if (text.find(turning) != std::string::npos) return "a mark that turns or breaks the line";
  }
  return {};
}

std::string output_of(Installation& home, std::vector<std::string> arguments) {
  const std::string command = arguments.front();
  const auto child = home.run(std::move(arguments));
  const auto code = child->wait_for_exit(std::chrono::seconds{60});
  CAPTURE(command);
  CHECK(code == 0);
  CHECK(wrong_with(child->standard_error()) == "");
  return child->standard_output();
}

/// A cell that a spreadsheet would carry out. Numbers may be negative.
bool has_formula(const std::string& csv) {
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    bool begins = true;
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
        continue;
      }
      if (begins && std::string_view("=+@").find(c) != std::string_view::npos) return true;
      begins = c == ',' && !quoted;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("hostile names: everything that is said of them is legal") {
  Installation home(hostile_home());
  const std::uint16_t port = support::free_port();
  home.configure("http", "enabled = true");
  home.configure("http", "listen = \"127.0.0.1:" + std::to_string(port) + "\"");
  home.configure("http", "per_device_metrics = true");
  const support::Observer observer(home.broker, {"emporia/#"});
  auto bridge = home.start();
  const std::size_t devices = hostile_home().devices.size() - 1;  // without the one that looks like a group
  REQUIRE(eventually([&] { return home.broker.retained("emporia/+/state").size() == devices + 1; }));
  REQUIRE(eventually([&] { return home.broker.retained("homeassistant/device/+/config").size() == devices + 1; }));
  home.broker.publish("emporia/bridge/request/usage", R"({"device": "=1+1", "from": "2026-01-01"})");
  home.broker.publish("emporia/B0000B0204c45bbefa948b/set/on", "=cmd\x01");
  REQUIRE(observer.wait_for_topic("emporia/bridge/response/usage"));
  REQUIRE(observer.wait_for_topic("emporia/B0000B0204c45bbefa948b/result"));

  support::PayloadCheck payloads;
  for (const support::Seen& seen : observer.seen()) {
    CAPTURE(seen.topic);
    CHECK(mqtt::legal_topic(seen.topic));
    CHECK(mqtt::valid_utf8(seen.payload));
    CHECK(seen.payload.find('\0') == std::string::npos);
    if (seen.payload.empty() || seen.topic.find("/request/") != std::string::npos) continue;
    if (seen.topic.find("/set/") != std::string::npos) continue;
    payloads.add(seen.topic, seen.payload);
  }
  CHECK(payloads.wrong("emporia") == "");

  std::set<std::string> ids;
  std::set<std::string> names;
  for (const auto& announced : home.broker.retained("homeassistant/#")) {
    const std::string& topic = announced.first;
    const std::string& payload = announced.second;
    CAPTURE(topic);
    CHECK(mqtt::legal_topic(topic));
    const auto config = json::parse(payload, {1024 * 1024, 8, false});
    REQUIRE(config.ok());
    const std::string name = *config.value().find("device")->find("name")->as_string();
    CHECK_FALSE(name.empty());
    CHECK(name.size() <= 320);
    CHECK(wrong_with(name) == "");
    for (const auto& [key, component] : *config.value().find("components")->as_object()) {
      CHECK(ids.insert(*component.find("unique_id")->as_string()).second);
    }
  }

  const std::string metrics = support::http_body(support::http_get(port, "/metrics"));
  CHECK(mqtt::valid_utf8(metrics));
  // One line a series, whatever its label holds.
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((line.rfind("# ", 0) == 0 || line.rfind("emporia2mqtt_", 0) == 0 || line.rfind("process_", 0) == 0));
  }
  CHECK(wrong_with(output_of(home, {"devices"})) == "");
  CHECK(json::parse(output_of(home, {"devices", "--json"}), {8 * 1024 * 1024, 16}).ok());
  CHECK(wrong_with(output_of(home, {"watch", "--once"})) == "");
  for (const char* device : {"H1008", "H1004", "=1+1", "B0000B0204c45bbefa948b"}) {
    const std::string csv = output_of(home, {"usage", device, "--from", "2h", "--format", "csv"});
    CHECK(wrong_with(csv) == "");
    CHECK_FALSE(has_formula(csv));
  }
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit() == 0);
  CHECK(wrong_with(bridge->standard_error()) == "");
}
