#include "support/home_assistant.hpp"

#include <nlohmann/json.hpp>
#include <signal.h>
#include <stdexcept>

#include "support/raw_http.hpp"
#include "support/wait.hpp"

namespace emporia::support {
namespace {

std::uint16_t number_after(const std::string& line, const std::string& key) {
  const auto at = line.find(key);
  if (at == std::string::npos) throw std::runtime_error("no " + key + " in " + line);
  return static_cast<std::uint16_t>(std::stoi(line.substr(at + key.size())));
}

std::optional<double> number(const nlohmann::json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

}  // namespace

HomeAssistant::HomeAssistant(HomeAssistantOptions options) : options_(std::move(options)) {
  constexpr int kAttempts = 5;
  for (int i = 0; i < kAttempts; ++i) {
    port_ = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error("no Home Assistant: is python3-aiohttp installed? " + process_->standard_error());
}

bool HomeAssistant::try_start() {
  std::vector<std::string> argv{"/usr/bin/python3",
                                "-B",
                                std::string(SOURCE_DIR) + "/tests/homeassistant/recorder.py",
                                "--port",
                                std::to_string(port_),
                                "--version",
                                options_.version,
                                "--token",
                                kToken,
                                "--database",
                                folder_.file("statistics.sqlite"),
                                "--write-after-ms",
                                std::to_string(options_.write_after.count())};
  if (options_.no_admin) argv.emplace_back("--no-admin");
  if (!options_.identity.certificate_file.empty()) {
    argv.insert(argv.end(), {"--certificate", options_.identity.certificate_file, "--key", options_.identity.key_file});
  }
  process_ = std::make_unique<ChildProcess>(std::move(argv));
  if (!process_->wait_for_line("listening port=")) return false;
  control_port_ = number_after(process_->standard_output(), "control=");
  return true;
}

std::string HomeAssistant::url() const {
  const bool tls = !options_.identity.certificate_file.empty();
  return (tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_);
}

void HomeAssistant::kill() {
  process_->signal(SIGKILL);
  process_->wait_for_exit();
}

void HomeAssistant::start(const std::string& version) {
  if (!version.empty()) options_.version = version;
  if (!eventually([this] { return try_start(); })) throw std::runtime_error("Home Assistant does not come back");
}

std::string HomeAssistant::ask(const std::string& path) const {
  const std::string answer =
      http_ask(control_port_, "GET /stand-in/" + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  if (http_status(answer) != 200) throw std::runtime_error(path + ": " + answer);
  return http_body(answer);
}

StatisticRows HomeAssistant::rows(const std::string& id) const {
  StatisticRows rows;
  for (const auto& row : nlohmann::json::parse(ask("rows?id=" + id))) {
    rows[std::chrono::sys_seconds{std::chrono::seconds{row.at(0).get<std::int64_t>()}}] = {
        number(row.at(1)), number(row.at(2)), number(row.at(3)), number(row.at(4)), number(row.at(5))};
  }
  return rows;
}

std::map<std::string, std::string> HomeAssistant::names() const {
  std::map<std::string, std::string> names;
  for (const auto& entry : nlohmann::json::parse(ask("metadata"))) names[entry.at("statistic_id")] = entry.at("name");
  return names;
}

long HomeAssistant::count(const std::string& what) const {
  return nlohmann::json::parse(ask("counts")).value(what, 0L);
}

void HomeAssistant::lose(std::chrono::sys_seconds from, std::chrono::sys_seconds until) const {
  ask("lose?from=" + std::to_string(from.time_since_epoch().count()) +
      "&until=" + std::to_string(until.time_since_epoch().count()));
}

void HomeAssistant::hold(bool on) const {
  ask(std::string("hold?on=") + (on ? "1" : "0"));
}

}  // namespace emporia::support
