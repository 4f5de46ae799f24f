// Certificates that must not be trusted, on the real ways to both peers: each is refused, nothing secret is sent, and
// the log, bridge/health or /health, and doctor name the cause and the next step.
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <optional>

#include "process/installation.hpp"
#include "support/raw_http.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;
using support::holds;
using support::Identity;

namespace {

struct Case {
  const char* name;
  std::function<Identity(support::Authority& trusted)> server;
  const char* cause;
  /// Of the service, and of the broker.
  const char* remedy;
  const char* remedy_at_broker;
};

/// An authority that has the name of the trusted one and another key: what is there after the old one was replaced.
support::Authority& successor() {
  static support::Authority authority;
  return authority;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"expired", [](support::Authority& a) { return a.expired_server(); }, " has expired",
       "check this machine's date; when that is right, the service's operator has to renew it", "renew it there"},
      {"not yet valid", [](support::Authority& a) { return a.future_server(); }, " is not valid yet",
       "check this machine's clock", "check this machine's clock"},
      {"wrong name", [](support::Authority& a) { return a.server({"elsewhere.example.com"}); }, "is for another name",
       "[partner] endpoint", "set [mqtt] host to a name in the certificate"},
      {"self-signed", [](support::Authority& a) { return a.self_signed_server(); },
       " is of an authority that is not trusted", "set [partner] ca_file", "set [mqtt] ca_file"},
      {"of another authority",
       [](support::Authority&) {
         static support::Authority stranger("Stranger");
         return stranger.server();
       },
       " is of an authority that is not trusted", "set [partner] ca_file", "set [mqtt] ca_file"},
      {"of the authority that replaced the trusted one", [](support::Authority&) { return successor().server(); },
       " is of an authority that is not trusted", "set [partner] ca_file", "set [mqtt] ca_file"},
  };
  return all;
}

std::string doctor_says(Installation& home) {
  const auto doctor = home.run({"doctor"});
  CHECK(doctor->wait_for_exit() == 69);
  return doctor->standard_output();
}

}  // namespace

TEST_CASE("a certificate of the service that must not be trusted") {
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    support::Authority authority;
    Installation home(Installation::with_certificate(c.server(authority)));
    home.set_ca_file(authority.certificate_file());
    const auto bridge = home.start();
    CHECK_MESSAGE(bridge->wait_for_line(c.cause), bridge->standard_error());
    CHECK_MESSAGE(bridge->wait_for_line(c.remedy), bridge->standard_error());
    const auto health = [&] { return home.broker.retained("emporia/bridge/health")["emporia/bridge/health"]; };
    CHECK_MESSAGE(eventually([&] { return holds(health(), c.cause) && holds(health(), c.remedy); }), health());
    CHECK(holds(health(), R"("partner":{"state":"unreachable")"));
    const std::string said = doctor_says(home);
    CHECK_MESSAGE(holds(said, std::string("failed   service TLS")), said);
    CHECK_MESSAGE(holds(said, c.cause), said);
    CHECK_MESSAGE(holds(said, c.remedy), said);
    CHECK(holds(home.service.command("stats"), "\"total\":0,"));
  }
}

TEST_CASE("a certificate of the broker that must not be trusted") {
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    support::Authority authority;
    support::MosquittoOptions options;
    options.identity = c.server(authority);
    const support::Mosquitto broker(options);
    Installation home;
    home.set_broker_port(broker.port());
    home.set_broker_host("localhost");
    home.configure("mqtt", "tls = true");
    home.configure("mqtt", "ca_file = \"" + authority.certificate_file() + "\"");
    home.configure("mqtt", "username = \"bridge\"");
    home.configure("mqtt", "password = \"for the broker alone\"");
    const std::uint16_t port = support::free_port();
    home.configure("http", "enabled = true");
    home.configure("http", "listen = \"127.0.0.1:" + std::to_string(port) + "\"");
    const auto bridge = home.start();
    CHECK_MESSAGE(bridge->wait_for_line(c.cause), bridge->standard_error());
    CHECK_MESSAGE(bridge->wait_for_line(c.remedy_at_broker), bridge->standard_error());
    const auto health = [&] { return support::http_get(port, "/health"); };
    CHECK_MESSAGE(eventually([&] { return holds(health(), c.cause) && holds(health(), c.remedy_at_broker); }),
                  health());
    CHECK(support::http_status(health()) == 503);
    const std::string said = doctor_says(home);
    CHECK_MESSAGE(holds(said, std::string("failed   broker")), said);
    CHECK_MESSAGE(holds(said, c.cause), said);
    CHECK_MESSAGE(holds(said, c.remedy_at_broker), said);
    CHECK_FALSE(holds(bridge->standard_error(), "for the broker alone"));
    CHECK(broker.retained("#").empty());
    CHECK(bridge->running());
  }
}

TEST_CASE("a broker that wants a client certificate: none, a wrong one, and the right one") {
  support::Authority authority;
  support::Authority stranger("Stranger");
  support::MosquittoOptions options;
  options.identity = authority.server();
  options.client_authority_file = authority.certificate_file();
  const support::Mosquitto broker(options);
  const auto home_with = [&](const std::optional<Identity>& client) {
    auto home = std::make_unique<Installation>();
    home->set_broker_port(broker.port());
    home->set_broker_host("localhost");
    home->configure("mqtt", "tls = true");
    home->configure("mqtt", "ca_file = \"" + authority.certificate_file() + "\"");
    if (client) {
      home->configure("mqtt", "certificate_file = \"" + client->certificate_file + "\"");
      home->configure("mqtt", "key_file = \"" + client->key_file + "\"");
    }
    return home;
  };
  struct Row {
    std::optional<Identity> client;
    const char* told;
  };
  for (const Row& row : {Row{std::nullopt, "wants a client certificate: set [mqtt] certificate_file and key_file"},
                         Row{stranger.client("bridge"), "does not accept the client certificate"}}) {
    const auto home = home_with(row.client);
    const auto bridge = home->start();
    CHECK_MESSAGE(bridge->wait_for_line(row.told), bridge->standard_error());
    CHECK(holds(doctor_says(*home), row.told));
  }
  const auto home = home_with(authority.client("bridge"));
  const auto bridge = home->start();
  CHECK_MESSAGE(bridge->wait_for_line("mqtt: connected"), bridge->standard_error());
  CHECK(eventually([&] { return broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online"; }));
}
