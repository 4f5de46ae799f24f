// Groups with the real program: configured, killed, changed and taken away.
#include <doctest/doctest.h>
#include <signal.h>

#include "process/installation.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

const std::string kHouse = "F2310A04B4240AC4A1B2C3";
const std::string kLamp = "B2136B0204240AC4E1F2A3";

const std::string kHeating = "[[group]]\nid = \"heating\"\nname = \"Heating\"\nplus = [\"" + kHouse + ":5\", \"" +
                             kHouse + ":6\", { circuit = \"" + kLamp + ":1\", share = 0.5 }]\n";
const std::string kRest = "[[group]]\nid = \"rest\"\nname = \"Rest\"\nplus = [\"" + kHouse + ":mains\"]\nminus = [\"" +
                          kHouse + ":5\", \"" + kHouse + ":6\"]\ndirection = \"bidirectional\"\n";

std::string state_of(Installation& home, const std::string& level) {
  const std::string topic = "emporia/" + level + "/state";
  return home.broker.retained(topic)[topic];
}

std::string as_of(const std::string& state) {
  const auto at = state.find("\"as_of\":\"");
  return at == std::string::npos ? "" : state.substr(at + 9, 20);
}

/// The part of a monitor's state that is about one circuit.
std::string circuit(const std::string& state, const std::string& channel) {
  const auto circuits = state.find("\"circuits\":");
  return circuits == std::string::npos ? "" : state.substr(state.find("\"" + channel + "\":", circuits));
}

/// The group's counter is the sum of its members' at one time.
bool sums_up(Installation& home) {
  const std::string house = state_of(home, kHouse);
  const std::string lamp = state_of(home, kLamp);
  const std::string group = state_of(home, "group--heating");
  if (as_of(group).empty() || as_of(house) != as_of(group) || as_of(lamp) != as_of(group)) return false;
  const double sum = number_in(circuit(house, "5"), "energy_kwh") + number_in(circuit(house, "6"), "energy_kwh") +
                     0.5 * number_in(lamp, "energy_kwh");
  return sum > 0 && number_in(group, "energy_kwh") == doctest::Approx(sum).epsilon(1e-4);
}

bool stands(Installation& home, const std::string& object) {
  return !home.broker.retained("homeassistant/device/" + object + "/config").empty();
}

}  // namespace

TEST_CASE("groups are announced, sum up, outlive a kill, follow the configuration and go with it") {
  Installation home;
  home.set_groups(kHeating + kRest);
  auto bridge = home.start();
  REQUIRE(eventually([&] { return sums_up(home); }));
  CHECK(eventually([&] { return stands(home, "emporia_group--heating") && stands(home, "emporia_group--rest"); }));
  CHECK(home.broker.retained("emporia/group--rest/availability").begin()->second == "online");
  const double before = number_in(state_of(home, "group--heating"), "energy_kwh");

  bridge->signal(SIGKILL);
  bridge->wait_for_exit();
  home.set_groups(kHeating);
  bridge = home.start();
  CHECK(eventually([&] { return !stands(home, "emporia_group--rest") && state_of(home, "group--rest").empty(); }));
  CHECK(home.broker.retained("emporia/group--rest/#").empty());
  CHECK(stands(home, "emporia_group--heating"));
  CHECK(number_in(state_of(home, "group--heating"), "energy_kwh") >= before);
  CHECK(eventually([&] { return sums_up(home); }));
}

TEST_CASE("a member that the account does not have: a warning with the nearest id, and the group is unavailable") {
  Installation home;
  home.set_groups("[[group]]\nid = \"flat\"\nplus = [\"F2310A04B4240AC4A1B2C4:mains\", \"" + kHouse + ":99\", \"" +
                  kLamp + ":1\"]\n");
  auto bridge = home.start();
  REQUIRE(eventually([&] { return !as_of(state_of(home, kLamp)).empty(); }));
  CHECK(home.broker.retained("emporia/group--flat/availability")["emporia/group--flat/availability"] == "offline");
  CHECK(state_of(home, "group--flat").find("\"energy_kwh\":null") != std::string::npos);
  home.service.command("reset-stats");
  home.broker.publish("emporia/bridge/request/refresh", "{}");
  CHECK(eventually([&] { return home.service.command("stats").find("\"GetDevices\"") != std::string::npos; }));
  bridge->signal(SIGTERM);
  CHECK(bridge->wait_for_exit() == 0);
  const std::string said = bridge->standard_output() + bridge->standard_error();
  CHECK(said.find("did you mean \"" + kHouse + "\"?") != std::string::npos);
  CHECK(said.find("has no channel 99; it has 1, 2, 3, 4, 5,") != std::string::npos);
  int warnings = 0;
  for (auto at = said.find("\"flat\" is unavailable"); at != std::string::npos; ++warnings) {
    at = said.find("\"flat\" is unavailable", at + 1);
  }
  CHECK(warnings == 2);  // one for each, however often the list of devices is read
}

TEST_CASE("wrong groups are refused with their places before anything starts") {
  Installation home;
  home.set_groups("[[group]]\nid = \"Flat\"\nplus = [\"" + kLamp + "\"]\n");
  auto bridge = home.start();
  CHECK(bridge->wait_for_exit() == 78);
  const std::string said = bridge->standard_error();
  CHECK(said.find("[[group]] id: is \"Flat\", expected a short word") != std::string::npos);
  CHECK(said.find("[[group]] plus: holds \"" + kLamp + "\", expected \"device id:channel\"") != std::string::npos);
}
