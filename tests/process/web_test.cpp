// The bridge's pages over HTTP, asked by a client that is not the server's library.
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <signal.h>
#include <sstream>

#include "process/installation.hpp"
#include "support/raw_http.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;
using support::http_body;
using support::http_get;
using support::http_status;

namespace {

/// An installation that serves its pages; the port may be taken by another process between being found and being used,
/// which is a start that fails, not a test.
struct Watched {
  Watched() {
    home.configure("http", "enabled = true");
    home.configure("http", "listen = \"127.0.0.1:" + std::to_string(port) + "\"");
    home.configure("http", "per_device_metrics = true");
  }
  std::string get(const std::string& path) const { return http_get(port, path); }
  /// The value of a metric as Prometheus' text format has it; nothing when it is not there.
  std::optional<double> metric(const std::string& series) const {
    const std::string text = "\n" + http_body(get("/metrics"));
    const auto at = text.find("\n" + series + " ");
    if (at == std::string::npos) return std::nullopt;
    return std::stod(text.substr(at + series.size() + 2));
  }
  bool reaches(const std::string& series, double value) const {
    return eventually([&] { return metric(series) == value; });
  }
  bool health_is(int status, const std::string& part) const {
    return eventually([&] {
      const std::string answer = get("/health");
      return http_status(answer) == status && answer.find(part) != std::string::npos;
    });
  }

  Installation home;
  std::uint16_t port = support::free_port();
};

std::string read(const std::string& path) {
  std::ifstream file(std::string(SOURCE_DIR) + "/" + path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every metric that a text names, a histogram by its own name.
std::set<std::string> metrics_in(const std::string& text) {
  const std::regex name("(emporia2mqtt|process)_[a-z_]+");
  std::set<std::string> found;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), name); at != std::sregex_iterator(); ++at) {
    found.insert(std::regex_replace(at->str(), std::regex("_(bucket|sum|count)$"), ""));
  }
  return found;
}

/// How many TCP sockets of a process wait for connections.
int listening_sockets(pid_t pid) {
  std::set<std::string> listening;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      const std::vector<std::string> columns{std::istream_iterator<std::string>(words), {}};
      if (columns.size() > 9 && columns[3] == "0A") listening.insert("socket:[" + columns[9] + "]");
    }
  }
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code gone;
    if (listening.count(std::filesystem::read_symlink(file, gone).string()) != 0) ++count;
  }
  return count;
}

constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";
constexpr const char* kMinutes = "emporia2mqtt_buckets_booked_total{revised=\"false\",scale=\"minutes\"}";

}  // namespace

TEST_CASE("a run in numbers: calls, bookings, a command, a fault") {
  Watched watched;
  const auto bridge = watched.home.start();
  REQUIRE(bridge->wait_for_line("http://127.0.0.1:"));
  REQUIRE(watched.reaches("emporia2mqtt_devices", 6));
  CHECK(watched.metric("emporia2mqtt_partner_calls_total{code=\"OK\",method=\"GetDevices\"}") == 1);
  CHECK(watched.reaches("emporia2mqtt_partner_call_duration_seconds_count{method=\"GetDevices\"}", 1));
  CHECK(watched.metric("emporia2mqtt_partner_calls_budget") == 95);
  CHECK(watched.metric("emporia2mqtt_partner_state{state=\"ok\"}") == 1);
  CHECK(watched.metric("emporia2mqtt_partner_state{state=\"unreachable\"}") == 0);
  CHECK(eventually([&] { return watched.metric(kMinutes).value_or(0) > 0; }));
  CHECK(watched.metric("emporia2mqtt_ledger_booking_duration_seconds_count").value_or(0) >= 1);
  CHECK(watched.metric("emporia2mqtt_ledger_ok") == 1);
  CHECK(watched.reaches(std::string("emporia2mqtt_device_connected{device=\"") + kLamp + "\"}", 1));

  CHECK(watched.metric("emporia2mqtt_commands_total{status=\"confirmed\"}") == 0);
  watched.home.broker.publish(std::string("emporia/") + kLamp + "/set", R"({"on":false})");
  watched.home.broker.publish(std::string("emporia/") + kLamp + "/set", R"({"on":"perhaps"})");
  CHECK(watched.reaches("emporia2mqtt_commands_total{status=\"refused\"}", 1));
  CHECK(eventually([&] {
    return watched.metric("emporia2mqtt_commands_total{status=\"confirmed\"}").value_or(0) +
               watched.metric("emporia2mqtt_commands_total{status=\"unchanged\"}").value_or(0) ==
           1;
  }));

  watched.home.service.command("fail * UNAVAILABLE 1");
  watched.home.broker.publish("emporia/bridge/request/refresh", "{}");
  CHECK(eventually(
      [&] { return http_body(watched.get("/metrics")).find("{code=\"UNAVAILABLE\",method=") != std::string::npos; }));
}

TEST_CASE("Prometheus' own checker finds nothing to say, and what dashboard and alerts ask for is there") {
  Watched watched;
  const auto bridge = watched.home.start();
  REQUIRE(bridge->wait_for_line("http://127.0.0.1:"));
  REQUIRE(eventually([&] { return watched.metric(kMinutes).value_or(0) > 0; }));
  REQUIRE(eventually([&] { return watched.metric("emporia2mqtt_missing_data_seconds").has_value(); }));
  const std::string text = http_body(watched.get("/metrics"));

  support::ChildProcess check({{std::string(SOURCE_DIR) + "/tests/support/promtool", "check", "metrics"}, {}, text});
  CHECK(check.wait_for_exit(std::chrono::minutes{2}) == 0);
  CHECK(check.standard_output() + check.standard_error() == "");

  for (const char* file : {"deploy/grafana/emporia2mqtt.json", "deploy/prometheus/alerts.yml"}) {
    CAPTURE(file);
    const std::string asking = std::regex_replace(read(file), std::regex("\"uid\": \"[^\"]*\""), "");
    const auto named = metrics_in(asking);
    CHECK(named.size() > 5);
    for (const std::string& name : named) {
      CAPTURE(name);
      CHECK(text.find("# TYPE " + name + " ") != std::string::npos);
    }
  }
}

TEST_CASE("health says what is wrong, and that it is over") {
  Watched watched;
  const auto bridge = watched.home.start();
  REQUIRE(bridge->wait_for_line("http://127.0.0.1:"));
  CHECK(watched.health_is(200, "\"status\":\"ok\",\"problems\":[]"));
  watched.home.broker.kill();
  CHECK(watched.health_is(503, "{\"part\":\"broker\",\"text\":\""));
  watched.home.broker.start();
  CHECK(eventually([&] { return http_status(watched.get("/health")) == 200; }, std::chrono::seconds{60}));
  watched.home.service.command("fail * UNAVAILABLE 1");
  watched.home.broker.publish("emporia/bridge/request/refresh", "{}");
  CHECK(watched.health_is(503, "{\"part\":\"partner\",\"text\":\""));
  CHECK(eventually([&] { return http_status(watched.get("/health")) == 200; }, std::chrono::seconds{60}));
}

TEST_CASE("off by default: nobody listens, and a port that is taken ends the start with a sentence") {
  Watched watched;
  const auto bridge = watched.home.start();
  REQUIRE(bridge->wait_for_line("http://127.0.0.1:"));

  Installation plain;
  const auto silent = plain.start();
  REQUIRE(eventually([&] { return plain.broker.retained("emporia/bridge/state").size() == 1; }));
  CHECK(listening_sockets(silent->pid()) == 0);
  CHECK(listening_sockets(bridge->pid()) == 1);

  silent->signal(SIGTERM);
  REQUIRE(silent->wait_for_exit() == 0);
  plain.configure("http", "enabled = true");
  plain.configure("http", "listen = \"127.0.0.1:" + std::to_string(watched.port) + "\"");
  const auto second = plain.start();
  CHECK(second->wait_for_exit() == 78);
  CHECK(second->standard_error().find("set [http] listen to a free one") != std::string::npos);
}

TEST_CASE("a stop is not kept waiting by those who hang on") {
  Watched watched;
  const auto bridge = watched.home.start();
  REQUIRE(bridge->wait_for_line("http://127.0.0.1:"));
  REQUIRE(watched.health_is(200, "ok"));
  const support::RawConnection one(watched.port);
  const support::RawConnection two(watched.port);
  one.send("GET /metr");
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit(std::chrono::seconds{5}) == 0);
}
