#include <doctest/doctest.h>
#include <signal.h>

#include "support/child_process.hpp"
#include "support/mosquitto.hpp"

namespace emporia::support {
namespace {

TEST_CASE("a child's lines of both streams, its environment, its input and its exit code are seen") {
  ChildProcess child(ChildOptions{
      {"sh", "-c", "cat; echo \"$GREETING\" >&2; exit 3"}, {{"GREETING", "good morning"}}, "from outside\n"});
  CHECK(child.wait_for_exit() == 3);
  CHECK(child.standard_output() == "from outside\n");
  CHECK(child.standard_error() == "good morning\n");
  CHECK(child.wait_for_line("morning"));
  CHECK_FALSE(child.wait_for_line("evening"));
}

TEST_CASE("a child that does not end by itself is ended by a signal, and by the end of its object") {
  ChildProcess child({"sleep", "1000"});
  CHECK_FALSE(child.wait_for_exit(std::chrono::milliseconds(10)).has_value());
  child.signal(SIGTERM);
  CHECK(child.wait_for_exit() == 128 + SIGTERM);
  const ChildProcess forgotten({"sleep", "1000"});
}

TEST_CASE("a program that does not exist ends with 127") {
  ChildProcess child({"/nowhere/at/all"});
  CHECK(child.wait_for_exit() == 127);
}

TEST_CASE("a broker keeps retained messages until it is killed, and an observer sees all of them at once") {
  Mosquitto broker;
  broker.publish("a/b", "1", true);
  broker.publish("a/c", "line\nand \xc3\xa9", true);
  CHECK(broker.retained("a/#") == std::map<std::string, std::string>{{"a/b", "1"}, {"a/c", "line\nand \xc3\xa9"}});
  const Observer observer(broker, {"x/#"});
  broker.publish("x/y z", "now");
  CHECK(observer.wait_for("x/y z", "now"));
  CHECK_FALSE(observer.seen().front().retained);
  const auto port = broker.port();
  broker.kill();
  broker.start();
  CHECK(broker.port() == port);
  CHECK(broker.retained().empty());
}

TEST_CASE("certificates are what they claim to be to another implementation") {
  Authority authority;
  Authority stranger("Stranger");
  const auto verify = [&](const std::string& trusted, const Identity& identity, const std::string& name) {
    ChildProcess openssl(
        {"openssl", "verify", "-CAfile", trusted, "-verify_hostname", name, identity.certificate_file});
    return openssl.wait_for_exit() == 0;
  };
  const Identity server = authority.server({"broker.example.com"});
  CHECK(verify(authority.certificate_file(), server, "broker.example.com"));
  CHECK_FALSE(verify(authority.certificate_file(), server, "other.example.com"));
  CHECK_FALSE(verify(stranger.certificate_file(), server, "broker.example.com"));
  CHECK_FALSE(
      verify(authority.certificate_file(), authority.expired_server({"broker.example.com"}), "broker.example.com"));
}

}  // namespace
}  // namespace emporia::support
