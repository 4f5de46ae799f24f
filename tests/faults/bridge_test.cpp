// What may happen to the bridge itself and to the machine it runs on.
#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <random>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "faults/story.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using support::eventually;

namespace {

void limit(const support::ChildProcess& process, __rlimit_resource what, rlim_t soft) {
  rlimit limits{};
  REQUIRE(::prlimit(process.pid(), what, nullptr, &limits) == 0);
  limits.rlim_cur = soft;
  REQUIRE(::prlimit(process.pid(), what, &limits, nullptr) == 0);
}

/// Ends with a code and a reason, or comes up, or goes on and says what it has too little of: nothing else is right.
void check_loud_or_well(Installation& home, support::ChildProcess& bridge) {
  const auto online = [&] {
    return home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online" &&
           // The bridge's own is among them.
           home.broker.retained("emporia/+/state").size() == home.device_ids().size() + 1;
  };
  CHECK_MESSAGE(
      eventually(
          [&] { return !bridge.running() || bridge.standard_error().find("memory") != std::string::npos || online(); },
          60s),
      bridge.standard_error());
  const bool ends = bridge.standard_error().find("the start hangs") != std::string::npos;
  if (bridge.running() && !ends) {
    bridge.signal(SIGTERM);
    CHECK_MESSAGE(bridge.wait_for_exit() == 0, bridge.standard_error());
  } else {
    CHECK(bridge.wait_for_exit() != 0);
    CHECK_FALSE(bridge.standard_error().empty());
  }
}

}  // namespace

// Long form: E2M_FAULT_KILLS=200, and E2M_SEED=n for another series.
TEST_CASE("killed at random moments: it goes on where it was") {
  const char* kills = std::getenv("E2M_FAULT_KILLS");
  const char* seed = std::getenv("E2M_SEED");
  const int count = kills == nullptr ? 5 : std::atoi(kills);
  std::mt19937 random(seed == nullptr ? 1 : static_cast<unsigned>(std::atoi(seed)));
  Story story;
  story.laws.begin();
  for (int i = 0; i < count; ++i) {
    story.laws.digest();
    if (random() % 2 == 0) story.laws.switch_lamp(false);
    const std::size_t moment = story.laws.happened() + random() % 60 + 1;
    CAPTURE(moment);
    CHECK(eventually([&] { return story.laws.happened() >= moment; }, story.laws.patience()));
    story.laws.bridge().signal(SIGKILL);
    CHECK(story.laws.bridge().wait_for_exit() == 128 + SIGKILL);
    story.laws.start();
  }
  CHECK(story.laws.peace());
  story.laws.switch_lamp();
  story.laws.check();
}

TEST_CASE("suspended for longer than the broker waits") {
  Story story;
  story.home.configure("mqtt", "keep_alive_s = 5");
  story.laws.begin();
  story.laws.bridge().signal(SIGSTOP);
  CHECK(eventually(
      [&] { return story.home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "offline"; },
      story.laws.patience()));
  // Nobody is there, so it is not carried out, and has no result: the law allows that of what is not sure.
  story.laws.switch_lamp(false);
  story.laws.bridge().signal(SIGCONT);
  CHECK(story.laws.booked_for(3min));
  story.laws.switch_lamp();
  story.laws.check();
}

TEST_CASE("the clock is set forward and back, while it runs and between two runs") {
  Story story;
  story.laws.begin();
  const auto asked_again = [&] {
    const auto calls = [&] { return number_in(story.home.service.command("stats"), "total"); };
    const double before = calls();
    story.home.broker.publish("emporia/bridge/request/refresh", "{}");
    return eventually([&] { return calls() >= before + 8; }, story.laws.patience());
  };
  for (const auto wrong : {3h, -3h, 90 * 24h, -90 * 24h}) {
    CAPTURE(wrong.count());
    story.clock.set(wrong);
    CHECK(asked_again());
    story.clock.set(0s);
    CHECK_MESSAGE(story.laws.peace(), story.laws.unrest());
  }
  story.clock.set(-2h);
  story.laws.stop();
  story.laws.start();
  CHECK(asked_again());
  story.clock.set(0s);
  CHECK(story.laws.booked_for(3min));
  story.laws.switch_lamp();
  story.laws.check();
}

TEST_CASE("the disk is full for a while") {
  Story story;
  story.laws.begin();
  limit(story.laws.bridge(), RLIMIT_FSIZE, 0);
  CHECK(story.laws.bridge().wait_for_line("energy could not be stored", story.laws.patience()));
  const std::string id = story.laws.switch_lamp();
  CHECK_FALSE(story.laws.result(id).empty());
  CHECK(story.laws.health("/ledger/ok") == "false");
  CHECK(story.laws.bridge().running());
  limit(story.laws.bridge(), RLIMIT_FSIZE, RLIM_INFINITY);
  CHECK(story.laws.booked_for(3min));
  story.laws.check();
}

TEST_CASE("a full disk at the moment of a kill") {
  Story story;
  story.laws.begin();
  limit(story.laws.bridge(), RLIMIT_FSIZE, 0);
  CHECK(story.laws.bridge().wait_for_line("energy could not be stored", story.laws.patience()));
  story.laws.bridge().signal(SIGKILL);
  story.laws.start();
  CHECK(story.laws.peace());
  story.laws.check();
}

TEST_CASE("no file descriptor is left while it runs: told with what to do, and it comes back when there are some") {
  Story story;
  story.laws.begin();
  limit(story.laws.bridge(), RLIMIT_NOFILE, 3);
  // The way back to both peers needs one.
  story.laws.to_broker.refuse();
  story.laws.to_service.refuse();
  story.laws.to_broker.forward();
  story.laws.to_service.forward();
  CHECK_MESSAGE(
      story.laws.bridge().wait_for_line("no more open files: raise LimitNOFILE= of the service", story.laws.patience()),
      story.laws.bridge().standard_error());
  CHECK(story.laws.bridge().running());
  limit(story.laws.bridge(), RLIMIT_NOFILE, 1024);
  CHECK_MESSAGE(story.laws.peace(), story.laws.unrest());
  story.laws.switch_lamp();
  story.laws.check();
}

TEST_CASE("too few file descriptors from the start: said with what to do; enough are enough") {
  for (const char* files : {"8", "14", "24"}) {
    CAPTURE(files);
    Installation home;
    home.set_wrapper({"prlimit", std::string("--nofile=") + files, "--"});
    const auto bridge = home.start();
    CHECK(bridge->wait_for_exit() == 78);
    CHECK_MESSAGE(bridge->wait_for_line("raise LimitNOFILE= of the service"), bridge->standard_error());
  }
  Installation home;
  home.set_wrapper({"prlimit", "--nofile=32", "--"});
  const auto bridge = home.start();
  check_loud_or_well(home, *bridge);
  CHECK(bridge->wait_for_exit() == 0);
}

TEST_CASE("too little memory: said, or enough, and the ledger stays whole") {
  Installation home;
  for (const std::string megabytes : {"60", "100", "140", "220", "300", "350", "400", "500", "600"}) {
    CAPTURE(megabytes);
    home.set_wrapper({"prlimit", "--as=" + megabytes + "000000", "--"});
    const auto bridge = home.start();
    check_loud_or_well(home, *bridge);
  }
  home.set_wrapper({});
  const auto bridge = home.start();
  CHECK(eventually([&] {
    return home.broker.retained("emporia/bridge/health")["emporia/bridge/health"].find(R"("ledger":{"ok":true)") !=
           std::string::npos;
  }));
  CHECK(bridge->standard_error().find("damaged") == std::string::npos);
}

TEST_CASE("a state directory that may not be written") {
  Installation home;
  std::filesystem::create_directory(home.folder.path() / "state");
  std::filesystem::permissions(home.folder.path() / "state", std::filesystem::perms(0555));
  home.write_configuration();
  // The superuser is asked for rights only without his capabilities.
  if (::geteuid() == 0) home.set_wrapper({"setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"});
  const auto bridge = home.run({"run"});
  CHECK_MESSAGE(bridge->wait_for_exit() == 73, bridge->standard_error());
  CHECK(bridge->wait_for_line("the state directory " + home.folder.file("state") + " cannot be written"));
}
