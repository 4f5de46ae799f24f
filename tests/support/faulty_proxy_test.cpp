#include "support/faulty_proxy.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/child_process.hpp"
#include "support/mosquitto.hpp"

using namespace emporia::support;
using namespace std::chrono_literals;

namespace {

/// Publishes through the proxy; true when the broker has acknowledged it.
bool publish(const FaultyProxy& proxy, const std::string& payload, std::chrono::milliseconds limit = kPatience) {
  ChildProcess child(
      {"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(proxy.port()), "-q", "1", "-t", "a", "-m", payload});
  return child.wait_for_exit(limit) == 0;
}

/// What comes of somebody else's wish to have the port.
int taking(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int error = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

}  // namespace

TEST_CASE("a proxy passes on, delays, holds back, cuts and refuses") {
  Mosquitto broker;
  FaultyProxy proxy(broker.port());
  const Observer observer(broker, {"a"});
  CHECK(publish(proxy, "through"));
  CHECK(observer.wait_for("a", "through"));

  proxy.delay(100ms);
  const auto before = std::chrono::steady_clock::now();
  CHECK(publish(proxy, "late"));
  // CONNECT, CONNACK, PUBLISH, PUBACK.
  CHECK(std::chrono::steady_clock::now() - before >= 400ms);

  proxy.cut_after(20);
  CHECK_FALSE(publish(proxy, std::string(100, 'x')));
  CHECK(proxy.cuts() == 1);

  proxy.black_hole();
  {
    ChildProcess child({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(proxy.port()), "-q", "1", "-t", "a",
                        "-m", "held back"});
    CHECK(eventually([&] { return proxy.connections() == 4; }));
    CHECK(child.running());
    proxy.forward();
    CHECK(child.wait_for_exit() == 0);
    CHECK(observer.wait_for("a", "held back"));
  }

  proxy.refuse();
  CHECK_FALSE(publish(proxy, "nobody there"));
  CHECK(taking(proxy.port()) == EADDRINUSE);
  CHECK(proxy.connections() == 4);
  proxy.forward();
  CHECK(publish(proxy, "again"));
  CHECK(observer.wait_for("a", "again"));

  // What was given up in the hole has never reached the broker: no will of it is carried out.
  proxy.black_hole();
  {
    ChildProcess child({"mosquitto_sub", "-h", "127.0.0.1", "-p", std::to_string(proxy.port()), "-t", "b",
                        "--will-topic", "a", "--will-payload", "given up"});
    CHECK(eventually([&] { return proxy.connections() == 6; }));
  }
  proxy.forward();
  CHECK(publish(proxy, "after it"));
  CHECK(observer.wait_for("a", "after it"));
  for (const Seen& seen : observer.seen()) CHECK(seen.payload != "given up");
  for (const Seen& seen : observer.seen()) CHECK(seen.payload.find('x') == std::string::npos);
}
