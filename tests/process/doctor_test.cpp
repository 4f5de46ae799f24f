#include <doctest/doctest.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

struct Case {
  const char* what;
  /// What of the configuration is wrong: each line's first text is replaced by its second.
  std::vector<std::pair<std::string, std::string>> wrong;
  std::vector<std::string> lines;
  int exit_code;
};

/// Replaces in the configuration; throws when there is nothing to replace.
void correct(const Installation& home, const std::string& from, const std::string& to) {
  std::string text = support::read_file(home.config_file());
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("no " + from + " in the configuration");
  home.folder.write("emporia2mqtt.toml", text.replace(at, from.size(), to));
}

bool has_line(const std::string& output, const std::string& begin, const std::string& part) {
  std::size_t at = 0;
  while (at < output.size()) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    if (line.rfind(begin, 0) == 0 && line.find(part) != std::string::npos) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

TEST_CASE("doctor finds everything well, beside a running bridge, and leaves nothing behind") {
  Installation home;
  const auto bridge = home.start();
  REQUIRE(bridge->wait_for_line("connected"));
  REQUIRE(support::eventually(
      [&] { return home.broker.retained("emporia/bridge/state").count("emporia/bridge/state") > 0; }));
  const auto doctor = home.run({"doctor"});
  REQUIRE(doctor->wait_for_exit() == 0);
  const std::string said = doctor->standard_output();
  CAPTURE(said);
  for (const char* step : {"configuration", "state", "service name", "service TLS", "sign-in", "devices", "broker",
                           "publish", "discovery", "bridge"}) {
    CAPTURE(step);
    CHECK(has_line(said, "ok ", step));
  }
  CHECK(doctor->standard_error().empty());
  CHECK(bridge->running());
  for (const auto& [topic, payload] : home.broker.retained()) CHECK(topic.find("doctor") == std::string::npos);
}

TEST_CASE("doctor names the cause of each trouble with what to do, and ends with a code of its own") {
  const Case cases[] = {
      {"password", {}, {"failed   sign-in        the service refuses the e-mail or password", "partner portal"}, 77},
      {"service's name",
       {{"endpoint = \"localhost:", "endpoint = \"service.invalid:"}},
       {"failed   service name   the host service.invalid is not found", "[partner] endpoint", "skipped  sign-in"},
       69},
      {"authority",
       {{"ca_file = \"", "tls_server_name = \"\"\n#"}},
       {"failed   service TLS    the certificate of the service", "not trusted: set [partner] ca_file"},
       69},
      {"certificate's name",
       {{"ca_file", "tls_server_name = \"partner.example.com\"\nca_file"}},
       {"failed   service TLS    the certificate of the service is for another name than partner.example.com"},
       69},
      {"state directory",
       {{"directory = \"", "directory = \"/proc/none/"}},
       {"failed   state          the state directory /proc/none/", "ok       sign-in"},
       73},
      {"broker",
       {{"host = \"127.0.0.1\"", "host = \"broker.invalid\""}},
       {"ok       sign-in", "failed   broker", "broker.invalid is not found", "[mqtt] host", "skipped  publish"},
       69},
      {"configuration", {{"endpoint", "endpoin"}}, {"failed   configuration  correct "}, 78},
  };
  Installation home;
  for (const Case& trouble : cases) {
    CAPTURE(trouble.what);
    home.set_password(trouble.wrong.empty() ? "not this one" : kPassword);
    home.write_configuration();
    for (const auto& [from, to] : trouble.wrong) correct(home, from, to);
    const auto doctor = home.run({"doctor"});
    CHECK(doctor->wait_for_exit() == trouble.exit_code);
    const std::string said = doctor->standard_output();
    CAPTURE(said);
    for (const std::string& line : trouble.lines) CHECK(said.find(line) != std::string::npos);
    CHECK(said.find("not this one") == std::string::npos);
  }
}

TEST_CASE("doctor tells an expired certificate of the service from one of a wrong authority, and nobody there") {
  support::Authority authority;
  const support::Identity expired = authority.expired_server();
  simulator::Options options;
  options.home = Installation::typical_home();
  options.certificate = expired.certificate_file;
  options.key = expired.key_file;
  Installation home;
  home.set_ca_file(authority.certificate_file());
  home.write_configuration();
  {
    const simulator::Simulator service(options);
    correct(home, home.service.endpoint(), service.endpoint());
    const auto doctor = home.run({"doctor"});
    CHECK(doctor->wait_for_exit() == 69);
    CHECK(has_line(doctor->standard_output(), "failed   service TLS", "has expired"));
  }
  const auto doctor = home.run({"doctor"});
  CHECK(doctor->wait_for_exit() == 69);
  CHECK(has_line(doctor->standard_output(), "failed   service TLS", "connection refused: is the service running at"));
}

TEST_CASE("doctor tells a broker's refusal, its expired certificate, and access rules that let nothing through") {
  Installation home;
  const auto examine = [&](const support::Mosquitto& broker, const std::string& more) {
    home.write_configuration();
    correct(home, "port = " + std::to_string(home.broker.port()),
            "port = " + std::to_string(broker.port()) + "\n" + more);
    const auto doctor = home.run({"doctor"});
    CHECK(doctor->wait_for_exit() == 69);
    return doctor->standard_output();
  };
  SUBCASE("password") {
    support::MosquittoOptions options;
    options.username = "bridge";
    options.password = "a secret";
    const support::Mosquitto broker(options);
    const std::string said = examine(broker, "username = \"bridge\"\npassword = \"another secret\"");
    CAPTURE(said);
    CHECK(has_line(said, "failed   broker", "check [mqtt] username and password"));
    CHECK(said.find("another secret") == std::string::npos);
  }
  SUBCASE("expired certificate") {
    support::Authority authority;
    support::MosquittoOptions options;
    options.identity = authority.expired_server();
    const support::Mosquitto broker(options);
    const std::string said = examine(broker, "tls = true\nca_file = \"" + authority.certificate_file() + "\"");
    CAPTURE(said);
    CHECK(has_line(said, "failed   broker", "has expired: renew it there"));
  }
  SUBCASE("access rules") {
    const support::TempDir folder;
    support::MosquittoOptions options;
    options.extra = {"acl_file " + folder.write("acl", "topic readwrite emporia/#\n")};
    const support::Mosquitto broker(options);
    const std::string said = examine(broker, "");
    CAPTURE(said);
    CHECK(has_line(said, "ok       publish", "emporia/bridge/doctor"));
    CHECK(has_line(said, "failed   discovery", "let the broker's user read and write homeassistant/#"));
  }
}
