#include <chrono>
#include <csignal>
#include <doctest/doctest.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

constexpr std::chrono::seconds kWholeStart{60};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string configuration(const support::TempDir& folder, unsigned port) {
  return folder.write("emporia2mqtt.toml",
                      "[partner]\nemail = \"partner@example.com\"\npassword = \"simulated\"\n"
                      "[mqtt]\nhost = \"127.0.0.1\"\nport = " +
                          std::to_string(port) + "\n[state]\ndirectory = \"state\"\n");
}

}  // namespace

TEST_CASE("watch --once prints the home as it stands at the broker, and disturbs nobody") {
  Installation home;
  const auto bridge = home.start();
  const auto watch = home.run({"watch", "--once"});
  REQUIRE(watch->wait_for_exit(kWholeStart) == 0);
  const std::string picture = watch->standard_output();
  CAPTURE(picture);
  for (const char* part :
       {"bridge online", "Partner API ok", " of 95 in the last hour", "House", "Vue 3", "Heat pump", "Floor lamp",
        "Garage freezer", "rate 32 A of 40 A", "reserve 20 %   load following", "Electric meter"}) {
    CAPTURE(part);
    CHECK(says(picture, part));
  }
  CHECK_FALSE(says(picture, "\x1b"));
  CHECK(watch->standard_error().empty());
  CHECK(bridge->running());
  // The watcher is not the bridge: its going is not announced.
  const auto again = home.run({"watch", "--once"});
  REQUIRE(again->wait_for_exit(kWholeStart) == 0);
  CHECK(says(again->standard_output(), "bridge online"));
}

TEST_CASE("watch --once without a bridge says what is missing and ends with 1") {
  const support::Mosquitto broker;
  const support::TempDir folder;
  support::ChildProcess watch(
      {BRIDGE_PROGRAM, "watch", "--once", "--timeout", "1", "--config", configuration(folder, broker.port())});
  CHECK(watch.wait_for_exit() == 1);
  CHECK(says(watch.standard_error(), "no complete picture"));
  CHECK(says(watch.standard_error(), "emporia/bridge/state: nothing there; does a bridge run"));
  CHECK(watch.standard_output().empty());
}

TEST_CASE("watch without a broker: once it says so and ends, live it goes on until it is stopped") {
  const support::TempDir folder;
  // Nothing of ours ever listens on port 1.
  const std::string file = configuration(folder, 1);
  support::ChildProcess once({BRIDGE_PROGRAM, "watch", "--once", "--config", file});
  CHECK(once.wait_for_exit() == 1);
  CHECK(says(once.standard_error(), "127.0.0.1:1: connection refused"));
  support::ChildProcess live({BRIDGE_PROGRAM, "watch", "--config", file});
  CHECK(live.wait_for_line("is the broker running at"));
  CHECK(live.running());
  live.signal(SIGTERM);
  CHECK(live.wait_for_exit() == 0);
}
