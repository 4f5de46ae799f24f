#include "app/supervision.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace emporia;
using namespace std::chrono_literals;

namespace {

/// A service manager that notes what it is told, and a clock that is set by hand.
struct Watched {
  explicit Watched(std::optional<std::chrono::microseconds> watchdog = std::nullopt)
      : supervision([this](const std::string& lines) { heard += lines; }, watchdog, now) {}
  /// One turn of the loop so much later; what was told in it.
  std::string turn(std::chrono::milliseconds later, bool settled, const std::string& status = "") {
    now.steady += later;
    heard.clear();
    supervision.on_time(settled, status, now);
    return heard;
  }

  runtime::Now now{runtime::SteadyTime{1h}, {}};
  std::string heard;
  app::Supervision supervision;
};

}  // namespace

TEST_CASE("ready once, when the start is over or has taken long enough") {
  Watched settles;
  CHECK(settles.turn(1s, false).empty());
  CHECK(settles.turn(1s, true) == "READY=1\n");
  CHECK(settles.turn(1s, true).empty());
  CHECK(settles.supervision.next_deadline() == runtime::kNever);

  Watched waits;
  CHECK(waits.turn(9999ms, false).empty());
  CHECK(waits.supervision.next_deadline() == waits.now.steady + 1ms);
  CHECK(waits.turn(1ms, false) == "READY=1\n");
}

TEST_CASE("the status is told when it changes, as one line") {
  Watched watched;
  CHECK(watched.turn(1s, true, "6 devices") == "READY=1\nSTATUS=6 devices\n");
  CHECK(watched.turn(1s, true, "6 devices").empty());
  // A stranger's text must not become a message of its own.
  CHECK(watched.turn(1s, true, "no broker\nREADY=0") == "STATUS=no broker READY=0\n");
}

TEST_CASE("the watchdog is fed three times in its interval, by turns of the loop alone") {
  Watched watched(3s);
  CHECK(watched.turn(0s, true) == "READY=1\nWATCHDOG=1\n");
  CHECK(watched.supervision.next_deadline() == watched.now.steady + 1s);
  CHECK(watched.turn(999ms, true).empty());
  CHECK(watched.turn(1ms, true) == "WATCHDOG=1\n");
  // While the loop is stuck nothing is told; then it goes on.
  CHECK(watched.turn(60s, true) == "WATCHDOG=1\n");
  CHECK(watched.turn(1ms, true).empty());
}

TEST_CASE("reloading and stopping") {
  Watched watched;
  watched.turn(1s, true, "6 devices");
  watched.heard.clear();
  watched.supervision.reloading(watched.now);
  CHECK(watched.heard == "RELOADING=1\nMONOTONIC_USEC=3601000000\n");
  watched.heard.clear();
  watched.supervision.reloaded();
  CHECK(watched.heard == "READY=1\n");
  watched.heard.clear();
  watched.supervision.stopping();
  watched.supervision.stopping();
  CHECK(watched.heard == "STOPPING=1\nSTATUS=saying goodbye to the broker\n");
  CHECK(watched.turn(1s, true, "7 devices").empty());
}

TEST_CASE("told to stop before it was ready, it never is") {
  Watched watched;
  watched.supervision.stopping();
  CHECK(watched.turn(1h, true).empty());
}
