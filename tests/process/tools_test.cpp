#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "process/installation.hpp"

// The commands of the command line besides run, check-config, doctor and watch, as a person gives them.

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

struct Said {
  int exit_code = -1;
  std::string out;
  std::string err;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Said give(Installation& home, std::vector<std::string> arguments) {
  home.write_configuration();
  const auto child = home.run(std::move(arguments));
  Said said;
  said.exit_code = child->wait_for_exit(std::chrono::seconds{60}).value_or(-1);
  said.out = child->standard_output();
  said.err = child->standard_error();
  return said;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A bridge that has told its devices.
std::unique_ptr<support::ChildProcess> running_bridge(Installation& home) {
  auto bridge = home.start();
  REQUIRE(
      eventually([&] { return home.broker.retained("emporia/bridge/devices").count("emporia/bridge/devices") > 0; }));
  REQUIRE(eventually([&] {
    return home.broker.retained("emporia/bridge/state")["emporia/bridge/state"] == "online" &&
           home.broker.retained("emporia/+/state").size() >= 7;
  }));
  return bridge;
}

}  // namespace

TEST_CASE("devices tells the account as the service does, as a table and as JSON") {
  Installation home;
  const Said table = give(home, {"devices"});
  CAPTURE(table.out);
  CHECK(table.exit_code == 0);
  CHECK(table.err.empty());
  CHECK(has(table.out, "Driveway          EV Charger       D2245A7C2E30AEA4D5E6F7  connected  on, 32 of 40 A"));
  CHECK(has(table.out, "6 devices, 6 connected\n"));
  const Said json = give(home, {"devices", "--json"});
  CHECK(json.exit_code == 0);
  CHECK(json.out.rfind("[{\"id\":\"B2136B0204240AC4E1F2A3\",\"model\":\"outlet\",\"name\":\"Floor lamp\"", 0) == 0);
  CHECK(has(json.out, "\"reserve_soc_pct\":20"));
}

TEST_CASE("devices with the hour's calls made: at once with --no-wait, else it says until when it waits") {
  Installation home;
  home.configure("budget", "calls_per_hour = 10\ncommand_reserve = 6");
  // Two of the four that are left to polls, and then too few.
  CHECK(give(home, {"usage", "House", "--from", "1h"}).exit_code == 0);
  const Said at_once = give(home, {"devices", "--no-wait"});
  CHECK(at_once.exit_code == 75);
  CHECK(has(at_once.err, "4 of the 4 calls an hour"));
  CHECK(has(at_once.err, "the next is free at 20"));
  const auto waits = home.run({"devices"});
  CHECK(waits->wait_for_line("4 of 4 calls of this hour are made; waiting until 20"));
  CHECK(waits->running());
  waits->signal(SIGINT);
  CHECK(waits->wait_for_exit() == 130);
}

TEST_CASE("usage as CSV on standard output, and its mistakes each with a remedy") {
  Installation home;
  const Said hours = give(home, {"usage", "house", "--from", "2026-03-01T00:00Z", "--to", "2026-03-03T00:00Z"});
  const auto lines = lines_of(hours.out);
  CHECK(hours.exit_code == 0);
  // Two days of hours that are long past: the scale is chosen, quarter hours are kept for a year.
  REQUIRE(lines.size() > 48);
  CHECK(lines[0].rfind("start,Mains (Wh),Balance (Wh),1 Leg 1 (Wh),2 Leg 2 (Wh),3 Leg 3 (Wh),4 Solar (Wh)", 0) == 0);
  CHECK(lines[1].rfind("2026-03-01T00:00:00Z,", 0) == 0);
  // The third leg is not fitted: empty, not 0.
  CHECK(has(lines[1], ",,"));
  struct Mistake {
    std::vector<std::string> arguments;
    int exit_code;
    const char* says;
  };
  const Mistake mistakes[] = {
      {{"usage", "Huose"}, 66, "did you mean \"House\"?"},
      {{"usage", "House", "--from", "never"}, 2, "--from \"never\" is no time: write 2026-03-08"},
      {{"usage", "House", "--from", "60d", "--scale", "minutes"}, 2, "use --scale fifteen_minutes"},
      {{"usage", "House", "--scale", "houres"}, 2, "there are minutes, fifteen_minutes"},
      {{"usage", "House", "--format", "xml"}, 2, "there are csv, json and plot"},
      {{"usage"}, 2, "DEVICE is required"},
  };
  for (const Mistake& mistake : mistakes) {
    const Said said = give(home, mistake.arguments);
    CAPTURE(said.err);
    CHECK(said.exit_code == mistake.exit_code);
    CHECK(has(said.err, mistake.says));
    CHECK(said.out.empty());
  }
}

TEST_CASE("a usage file that was cut off is the same in the end as one that was written at once") {
  Installation home;
  const auto into = [&](const char* file, const char* to) {
    return give(home, {"usage", "House", "--from", "2026-01-01T00:00Z", "--to", to, "--scale", "hours", "--output",
                       home.folder.file(file)});
  };
  CHECK(into("whole.csv", "2026-03-01T00:00Z").exit_code == 0);
  const std::string whole = support::read_file(home.folder.file("whole.csv"));
  CHECK(lines_of(whole).size() == 1 + 59 * 24);
  CHECK(into("parts.csv", "2026-01-20T00:00Z").exit_code == 0);
  // Cut within a line, as by a kill.
  std::filesystem::resize_file(home.folder.file("parts.csv"),
                               std::filesystem::file_size(home.folder.file("parts.csv")) - 7);
  const Said rest = into("parts.csv", "2026-03-01T00:00Z");
  CHECK(rest.exit_code == 0);
  CHECK(has(rest.err, "goes up to 2026-01-19T22:00:00Z and is continued there"));
  CHECK(support::read_file(home.folder.file("parts.csv")) == whole);
  CHECK(into("parts.csv", "2026-03-01T00:00Z").exit_code == 0);
  CHECK(support::read_file(home.folder.file("parts.csv")) == whole);
}

TEST_CASE("set prints what came of it, with an exit code of its own") {
  Installation home;
  SUBCASE("MQTT 5") {}
  SUBCASE("MQTT 3.1.1") {
    home.configure("mqtt", "version = 3");
  }
  const auto bridge = running_bridge(home);
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    const char* says;
  };
  const Case cases[] = {
      {{"set", "Floor lamp", "on", "OFF"}, 0, "Floor lamp: on is set: {\"on\":false}"},
      {{"set", "floor", "on", "off"}, 0, "Floor lamp: on was so already: {\"on\":false}"},
      {{"set", "Driveway", "charge_rate_a", "16.4"}, 65, "charge_rate_a takes whole amperes from 6 to 40, not 16.4"},
      {{"set", "Driveway", "charge_rate", "16"}, 66, "did you mean \"charge_rate_a\"?"},
      {{"set", "House", "on", "ON"}, 66, "nothing can be set of House, a Vue 3"},
      {{"set", "Basement", "reserve_soc_pct", "-5"}, 65, "a percentage from 1 to 100, not -5"},
      {{"set", "Hall", "on", "ON"}, 66, "no device \"Hall\""},
      {{"set", "Floor lamp", "on"}, 2, "VALUE is required"},
  };
  for (const Case& each : cases) {
    const Said said = give(home, each.arguments);
    CAPTURE(said.out);
    CAPTURE(said.err);
    CHECK(said.exit_code == each.exit_code);
    CHECK(has(each.exit_code == 0 ? said.out : said.err, each.says));
  }
  CHECK(has(home.service.command("state B2136B0204240AC4E1F2A3"), "\"on\":false"));
}

TEST_CASE("set without a bridge, or without a broker, says which") {
  Installation home;
  const Said nobody = give(home, {"set", "Floor lamp", "on", "OFF"});
  CHECK(nobody.exit_code == 69);
  CHECK(has(nobody.err, "no bridge runs with base topic emporia at 127.0.0.1:"));
  home.broker.kill();
  const Said nothing = give(home, {"set", "Floor lamp", "on", "OFF"});
  CHECK(nothing.exit_code == 69);
  CHECK(has(nothing.err, "is the broker running at 127.0.0.1:"));
}

TEST_CASE("discovery prints what is announced; --remove takes everything away, but not under a running bridge") {
  Installation home;
  auto bridge = running_bridge(home);
  home.broker.publish("homeassistant/device/somebody/config", R"({"origin":{"name":"somebody"}})", true);
  home.broker.publish("emporia/notes", "mine", true);
  REQUIRE(eventually([&] { return home.broker.retained("homeassistant/device/+/config").size() == 8; }));
  const Said printed = give(home, {"discovery"});
  CHECK(printed.exit_code == 0);
  CHECK(lines_of(printed.out).size() == 7);
  CHECK(has(printed.out, "homeassistant/device/emporia_bridge/config {\"device\":"));
  CHECK_FALSE(has(printed.out, "somebody"));

  const Said running = give(home, {"discovery", "--remove", "--yes"});
  CHECK(running.exit_code == 65);
  CHECK(has(running.err, "a bridge runs with base topic emporia"));
  CHECK(home.broker.retained("homeassistant/#").size() == 8);

  bridge->signal(SIGTERM);
  REQUIRE(bridge->wait_for_exit() == 0);
  const Said nobody = give(home, {"discovery", "--remove"});
  CHECK(nobody.exit_code == 2);
  CHECK(has(nobody.err, "7 announcements to Home Assistant"));
  CHECK(has(nobody.err, "nothing was removed: there is nobody to ask, so give --yes as well"));
  CHECK(home.broker.retained("homeassistant/#").size() == 8);

  const Said removed = give(home, {"discovery", "--remove", "--yes"});
  CHECK(removed.exit_code == 0);
  CHECK(has(removed.err, "Left alone, for it is not the bridge's: emporia/notes"));
  const auto left = home.broker.retained();
  CHECK(left.size() == 2);
  CHECK(left.count("emporia/notes") == 1);
  CHECK(left.count("homeassistant/device/somebody/config") == 1);
  CHECK(give(home, {"discovery"}).exit_code == 66);
}

TEST_CASE("the bridge and the commands beside it keep within the limit together") {
  Installation home;
  home.configure("budget", "calls_per_hour = 14\ncommand_reserve = 4");
  const auto bridge = running_bridge(home);
  for (int i = 0; i < 4; ++i) {
    const Said said = give(home, {"devices", "--no-wait"});
    CHECK((said.exit_code == 0 || said.exit_code == 75));
  }
  CHECK(give(home, {"devices", "--no-wait"}).exit_code == 75);
  // The reserve is the bridge's still.
  const Said set = give(home, {"set", "Floor lamp", "on", "OFF"});
  CAPTURE(set.err);
  CHECK(set.exit_code == 0);
  const std::string stats = home.service.command("stats");
  CAPTURE(stats);
  CHECK(number_in(stats, "total") <= 14);
}

TEST_CASE("--version tells the commit and every library") {
  support::ChildProcess version({BRIDGE_PROGRAM, "--version"});
  REQUIRE(version.wait_for_exit() == 0);
  const auto lines = lines_of(version.standard_output());
  REQUIRE(lines.size() == 10);
  CHECK(lines[0].rfind("emporia2mqtt ", 0) == 0);
  CHECK(has(lines[0], " (commit "));
  for (const std::string& line : lines) CHECK(line.find_first_of("0123456789") != std::string::npos);
}
