#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"
#include "process/notify_socket.hpp"
#include "support/text.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;
using support::holds;

namespace {

/// An installation under a service manager.
struct Managed {
  explicit Managed(const char* watchdog_usec = nullptr) : manager(home.folder.file("notify")) {
    home.set_environment("NOTIFY_SOCKET", manager.path());
    if (watchdog_usec != nullptr) home.set_environment("WATCHDOG_USEC", watchdog_usec);
  }
  Installation home;
  NotifySocket manager;
};

}  // namespace

TEST_CASE("ready when the broker and the service have been reached, with a status that is a sentence") {
  Managed managed;
  const auto bridge = managed.home.start();
  REQUIRE(managed.manager.hears("READY=1\n"));
  CHECK(managed.home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online");
  CHECK(managed.manager.hears("STATUS=6 devices, data up to 3"));
  CHECK(managed.manager.hears(" calls in the last hour\n"));
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit() == 0);
  CHECK(managed.manager.hears("STOPPING=1\n"));
  CHECK(managed.manager.count("READY=1\n") == 1);
  CHECK(managed.manager.count("WATCHDOG=1") == 0);
  CHECK_FALSE(holds(managed.manager.heard(), kPassword));
}

TEST_CASE("without a broker it is ready too, a little later, and its status says what is missing") {
  Managed managed;
  managed.home.broker.kill();
  const auto bridge = managed.home.start();
  CHECK(managed.manager.hears("no connection to the broker: connection refused: is the broker running at 127.0.0.1:"));
  CHECK(managed.manager.hears("READY=1\n"));
}

TEST_CASE("never ready with a password that is refused") {
  Managed managed;
  managed.home.set_password("not the password");
  const auto bridge = managed.home.start();
  CHECK(bridge->wait_for_exit() == 77);
  CHECK(managed.manager.hears("STOPPING=1\n"));
  CHECK(managed.manager.count("READY=1") == 0);
}

TEST_CASE("the watchdog is fed while the loop turns, and not while the process stands still") {
  Managed managed("1500000");
  const auto bridge = managed.home.start();
  REQUIRE(managed.manager.hears("READY=1\n"));
  CHECK(eventually([&] { return managed.manager.count("WATCHDOG=1\n") >= 5; }));
  // Also while the service is silent and the broker frozen.
  managed.home.service.command("freeze on");
  managed.home.broker.process().signal(SIGSTOP);
  const std::size_t before = managed.manager.count("WATCHDOG=1\n");
  CHECK(eventually([&] { return managed.manager.count("WATCHDOG=1\n") >= before + 5; }));
  managed.home.broker.process().signal(SIGCONT);
}

TEST_CASE("a configuration that is read again is told, before and after, right or wrong") {
  Managed managed;
  const auto bridge = managed.home.start();
  REQUIRE(managed.manager.hears("READY=1\n"));
  managed.manager.forget();
  bridge->signal(SIGHUP);
  REQUIRE(managed.manager.hears("READY=1\n"));
  const std::string& heard = managed.manager.heard();
  CHECK(heard.find("RELOADING=1\nMONOTONIC_USEC=") < heard.find("READY=1\n"));
  managed.manager.forget();
  managed.home.folder.write("emporia2mqtt.toml", "nonsense");
  bridge->signal(SIGHUP);
  CHECK(managed.manager.hears("RELOADING=1\n"));
  CHECK(managed.manager.hears("READY=1\n"));
  CHECK(bridge->running());
}

TEST_CASE("under the journal each line has its priority, and asked for JSON each is an object") {
  Installation home;
  home.configure("log", "format = \"journal\"");
  const auto bridge = home.start();
  CHECK(bridge->wait_for_line("<6>mqtt: connected"));
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit() == 0);
  for (const std::string& line : bridge->lines()) CHECK_MESSAGE(line.front() == '<', line);

  Installation other;
  other.configure("log", "format = \"json\"");
  const auto json = other.start();
  CHECK(json->wait_for_line(R"("level":"info","room":"mqtt","message":"connected"})"));
  json->signal(SIGTERM);
  CHECK(json->wait_for_exit() == 0);
  for (const std::string& line : json->lines()) {
    CHECK_MESSAGE((line.compare(0, 9, R"({"time":")") == 0 && line.back() == '}'), line);
  }
}
