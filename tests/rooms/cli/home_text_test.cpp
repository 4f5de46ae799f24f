#include "cli/home_text.hpp"

#include <algorithm>
#include <doctest/doctest.h>

#include "cli/cells.hpp"
#include "runtime/time_text.hpp"
#include "told_home.hpp"

using namespace emporia;
using namespace emporia::cli;
using Lines = std::vector<std::string>;

namespace {

const auto kNow = *runtime::parse_iso8601("2026-11-23T09:05:30Z");

/// One device of each model, with values that a person can check.
ToldHome every_model() {
  ToldHome home;
  home.tell_bridge();
  home.tell("bridge/devices", R"([{"id":"O1","model":"outlet","name":"Floor lamp","connected":true},)"
                              R"({"id":"C1","model":"ev_charger","name":"Driveway","connected":true},)"
                              R"({"id":"V1","model":"vue3","name":"House","connected":true},)"
                              R"({"id":"B1","model":"battery","name":"Cellar","connected":true},)"
                              R"({"id":"group:street","model":"group","name":"Street","connected":true},)"
                              R"({"id":"group:flat","model":"group","name":"Flat","connected":true},)"
                              R"({"id":"N1","model":"unknown","name":"Novelty","connected":true},)"
                              R"({"id":"U1","model":"utility_connect","name":"Meter","connected":false}])");
  for (const char* id : {"O1", "C1", "V1", "B1", "N1", "group--street", "group--flat"})
    home.tell(std::string(id) + "/availability", "online");
  home.tell("U1/availability", "offline");
  home.tell("V1/state",
            R"({"as_of":"2026-11-23T08:34:00Z","mains":{"power_w":-1200.4,"import_kwh":12.5,"export_kwh":3.25},)"
            R"("balance":{"power_w":180,"energy_kwh":1},"circuits":{)"
            R"("4":{"name":"Solar","direction":"generation","power_w":2500,"energy_kwh":7.5},)"
            R"("5":{"name":"Oven","direction":"consumption","power_w":null,"energy_kwh":null},)"
            R"("6":{"name":"Barn","direction":"bidirectional","power_w":-20,"import_kwh":1.5,"export_kwh":0.5},)"
            R"("7":{"name":"Fridge","direction":"consumption","power_w":95,"energy_kwh":0.125}}})");
  home.tell("B1/state", R"({"as_of":"2026-11-23T08:35:00Z","soc_pct":64,"reserve_soc_pct":20,)"
                        R"("dispatch_mode":"load_following","power_w":-900,"charged_kwh":4,"discharged_kwh":2})");
  home.tell("C1/state", R"({"as_of":"2026-11-23T08:35:00Z","on":true,"charge_rate_a":32,"max_charge_rate_a":40,)"
                        R"("car_connected":true,"car_charging":false,"power_w":3,"energy_kwh":41.5})");
  home.tell("O1/state", R"({"as_of":"2026-11-23T08:35:00Z","on":false,"power_w":0,"energy_kwh":0.25})");
  home.tell("U1/state", R"({"as_of":null,"power_w":null,"import_kwh":0,"export_kwh":null})");
  home.tell("group--flat/state", R"({"as_of":"2026-11-23T08:35:00Z","direction":"consumption","power_w":501,)"
                                 R"("energy_kwh":0.125})");
  home.tell("group--street/state", R"({"as_of":"2026-11-23T08:35:00Z","direction":"bidirectional","power_w":-20,)"
                                   R"("energy_kwh":1.5,"import_kwh":1.5,"export_kwh":0.5})");
  home.tell("N1/state", R"({"as_of":null,"firmware":"X-1"})");
  return home;
}

std::size_t widest(const Lines& lines) {
  std::size_t columns = 0;
  for (const std::string& line : lines) columns = std::max(columns, columns_of(line));
  return columns;
}

}  // namespace

TEST_CASE("a home of every model reads like a table") {
  const Lines expected{
      "emporia2mqtt  bridge online   Partner API ok",
      "calls 2 of 95 in the last hour, 93 left   data up to 08:34 UTC, 31 min ago",
      "",
      "DEVICE                     MODEL            STATE            POWER        ENERGY",
      "House                      Vue 3            online         -1200 W",
      "  exporting 1200 W   import 12.500 kWh   export 3.250 kWh   balance 180 W",
      "  Solar            2500 W     7.500 kWh  Fridge             95 W     0.125 kWh",
      "  Barn              -20 W +1.5/-0.5 kWh  Oven                  -             -",
      "",
      "Cellar                     Battery          online          -900 W",
      "  [######----] 64 %   reserve 20 %   load following   charging 900 W",
      "  charged 4.000 kWh   discharged 2.000 kWh",
      "Driveway                   EV Charger       online, on         3 W    41.500 kWh",
      "  car connected, not charging   rate 32 A of 40 A",
      "Floor lamp                 Smart Outlet     online, off        0 W     0.250 kWh",
      "Meter                      Utility Connect  offline              -",
      "  import 0.000 kWh   export -",
      "Flat                       Group            online           501 W     0.125 kWh",
      "Street                     Group            online           -20 W     1.500 kWh",
      "  exporting 20 W   import 1.500 kWh   export 0.500 kWh",
      "Novelty                    Unknown device   online               -",
      "  this model is not known to this version   firmware X-1",
  };
  const Lines shown = home_text(every_model().view, {}, kNow);
  REQUIRE(shown.size() == expected.size());
  for (std::size_t line = 0; line < expected.size(); ++line) CHECK(shown[line] == expected[line]);
}

TEST_CASE("the picture fits every window") {
  const ToldHome home = every_model();
  for (const std::size_t columns : {1U, 7U, 20U, 40U, 60U, 75U, 76U, 80U, 132U, 500U}) {
    for (const std::size_t rows : {1U, 2U, 3U, 5U, 10U, 15U, 24U, 100U}) {
      CAPTURE(columns);
      CAPTURE(rows);
      Frame frame;
      frame.columns = columns;
      frame.rows = rows;
      frame.hint = "ctrl-C ends";
      frame.trouble = "broker broker.example.com: connection refused: is the broker running there? trying again";
      const Lines shown = home_text(home.view, frame, kNow);
      CHECK(shown.size() <= rows);
      CHECK(widest(shown) <= columns);
    }
  }
}

TEST_CASE("a low window loses blank lines first, then the circuits that use least") {
  Frame frame;
  frame.rows = 16;
  const Lines shown = home_text(every_model().view, frame, kNow);
  REQUIRE(shown.size() == 16);
  CHECK(shown[2].substr(0, 6) == "DEVICE");
  CHECK(shown[5] == "  and 4 more circuits");
  frame.rows = 10;
  CHECK(home_text(every_model().view, frame, kNow).back() == "The rest does not fit: make the window taller.");
}

TEST_CASE("names of any script leave the columns straight and the terminal whole") {
  ToldHome home;
  home.tell_bridge();
  home.tell("bridge/devices", R"([{"id":"A","model":"outlet","name":"\u001b[2J\u0007evil\r\nline"},)"
                              R"({"id":"B","model":"outlet","name":"台所の照明と冷蔵庫と食器洗い機と電子レンジ"},)"
                              R"({"id":"C","model":"outlet","name":"מטבח"}])");
  for (const char* id : {"A", "B", "C"}) {
    home.tell(std::string(id) + "/availability", "online");
    home.tell(std::string(id) + "/state", R"({"on":true,"power_w":5,"energy_kwh":1})");
  }
  const Lines shown = home_text(home.view, {}, kNow);
  REQUIRE(shown.size() == 7);
  CHECK(shown[4] == "[2J evil line              Smart Outlet     online, on         5 W     1.000 kWh");
  for (std::size_t line = 4; line < 7; ++line) {
    CAPTURE(shown[line]);
    CHECK(columns_of(shown[line]) == 80);
    CHECK(shown[line].find('\x1b') == std::string::npos);
    CHECK(shown[line].find("Smart Outlet     online, on         5 W     1.000 kWh") != std::string::npos);
  }
}

TEST_CASE("trouble is said above the home") {
  ToldHome home;
  home.tell("bridge/state", "offline");
  home.tell("bridge/health", R"({"partner":{"state":"unreachable","last_error":"no route\u001b[31m"},)"
                             R"("calls":{"used_last_hour":80,"budget":95,"left":15,"postponed":3}})");
  Frame frame;
  frame.trouble = "broker localhost:1883: gone; trying again";
  const Lines shown = home_text(home.view, frame, kNow);
  CHECK(shown == Lines{"emporia2mqtt  bridge offline   Partner API unreachable   3 polls waiting",
                       "calls 80 of 95 in the last hour, 15 left   no data yet", "no route [31m",
                       "broker localhost:1883: gone; trying again", "No devices yet."});
}
