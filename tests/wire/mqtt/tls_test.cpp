#include <doctest/doctest.h>

#include "linked.hpp"

namespace emporia::mqtt {
namespace {

using support::Authority;
using support::Identity;
using support::Mosquitto;
using support::MosquittoOptions;

LinkOptions tls_options(const Mosquitto& broker, const Authority& trusted) {
  LinkOptions options = options_for(broker);
  options.host = "localhost";
  options.tls = true;
  options.ca_file = trusted.certificate_file();
  return options;
}

/// Empty when the link comes up.
std::string why_not(const LinkOptions& options) {
  Linked linked(options);
  linked.link().connect();
  support::eventually([&] { return !linked.events().empty(); });
  const auto events = linked.events();
  REQUIRE(events.size() == 1);
  const auto* down = std::get_if<LinkDown>(&events.front());
  return down == nullptr ? "" : down->reason;
}

TEST_CASE("a certificate is checked: its authority, its name, its time") {
  Authority authority;
  Authority stranger("Stranger");
  struct Case {
    const char* what;
    Identity identity;
    const Authority& trusted;
    const char* host;
    const char* reason;
  };
  const Case cases[] = {
      {"right", authority.server(), authority, "localhost", ""},
      {"right by address", authority.server(), authority, "127.0.0.1", ""},
      {"of a stranger", authority.server(), stranger, "localhost", "set [mqtt] ca_file"},
      {"other name", authority.server({"broker.example.com"}), authority, "localhost",
       "is for another name than localhost: set [mqtt] host to a name in the certificate"},
      {"other address", authority.server({"localhost"}), authority, "127.0.0.1", "is for another name than 127.0.0.1"},
      {"expired", authority.expired_server(), authority, "localhost", "has expired"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    MosquittoOptions secured;
    secured.identity = c.identity;
    Mosquitto broker(secured);
    for (const int version : {5, 3}) {
      LinkOptions options = tls_options(broker, c.trusted);
      options.host = c.host;
      options.version = version;
      const std::string reason = why_not(options);
      CAPTURE(reason);
      CHECK(reason.empty() == (std::string(c.reason).empty()));
      CHECK(holds(reason, c.reason));
    }
  }
}

TEST_CASE("without a configured authority the system's are trusted, and not a test's") {
  Authority authority;
  MosquittoOptions secured;
  secured.identity = authority.server();
  Mosquitto broker(secured);
  LinkOptions options = tls_options(broker, authority);
  options.ca_file.clear();
  CHECK(holds(why_not(options), "set [mqtt] ca_file"));
}

TEST_CASE("a broker that wants a client certificate gets it, and says what is wrong with it") {
  Authority authority;
  Authority stranger("Stranger");
  MosquittoOptions secured;
  secured.identity = authority.server();
  secured.client_authority_file = authority.certificate_file();
  Mosquitto broker(secured);
  LinkOptions options = tls_options(broker, authority);
  CHECK(holds(why_not(options), "wants a client certificate: set [mqtt] certificate_file"));
  const Identity good = authority.client("bridge");
  options.certificate_file = good.certificate_file;
  options.key_file = good.key_file;
  CHECK(why_not(options).empty());
  const Identity bad = stranger.client("bridge");
  options.certificate_file = bad.certificate_file;
  CHECK(holds(why_not(options), "cannot be read, or they do not belong together"));
  options.key_file = bad.key_file;
  CHECK(holds(why_not(options), "does not accept the client certificate"));
}

TEST_CASE("TLS on one side only, and files that cannot be read, are named") {
  Authority authority;
  Mosquitto open;
  LinkOptions options = tls_options(open, authority);
  options.host = "127.0.0.1";
  CHECK(holds(why_not(options), "no TLS at 127.0.0.1:" + std::to_string(open.port())));
  options.ca_file = "/nowhere/authority.pem";
  CHECK(holds(why_not(options), "/nowhere/authority.pem: check [mqtt] ca_file"));
  MosquittoOptions secured;
  secured.identity = authority.server();
  Mosquitto closed(secured);
  options = tls_options(closed, authority);
  options.tls = false;
  CHECK(holds(why_not(options), "does it want TLS ([mqtt] tls)?"));
}

}  // namespace
}  // namespace emporia::mqtt
