#include "commands/parse.hpp"

#include <clocale>
#include <doctest/doctest.h>
#include <locale>

#include "sample_home.hpp"

namespace emporia::commands {
namespace {

/// The sample home, where "C9" and "B9" are known by the inventory alone.
model::DevicePicture picture_of(const std::string& id) {
  using model::DeviceModel;
  model::DevicePicture picture;
  const bool bare = id.back() == '9';
  if (id.front() == 'O') {
    picture.device = device(id, DeviceModel::outlet);
    picture.state = outlet(id);
  } else if (id.front() == 'C') {
    picture.device = device(id, DeviceModel::ev_charger);
    if (!bare) picture.state = charger(id);
  } else if (id.front() == 'B') {
    picture.device = device(id, DeviceModel::battery);
    if (!bare) picture.state = battery(id);
  } else {
    picture.device = device(id, DeviceModel::vue3);
  }
  return picture;
}

/// What is understood of a message to "C1/set/on": the settings and what goes with them, or "refused: ..." with the
/// reason, or "nothing".
std::string understood(const std::string& topic, const std::string& payload) {
  const auto first = topic.find('/');
  const auto second = topic.find('/', first + 1);
  std::optional<std::string> setting;
  if (second != std::string::npos) setting = topic.substr(second + 1);
  const auto asked = parse(picture_of(topic.substr(0, first)), setting, payload);
  if (!asked) return "nothing";
  std::string text = asked->error.empty() ? json::to_text(to_json(asked->settings)) : "refused: " + asked->error;
  if (!asked->id.is_null()) text += " id " + json::to_text(asked->id);
  if (asked->timeout) text += " within " + std::to_string(asked->timeout->count()) + " ms";
  return text;
}

struct Case {
  std::string topic;
  std::string payload;
  std::string expected;
};
void check(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    CAPTURE(each.topic);
    CAPTURE(each.payload);
    CHECK(understood(each.topic, each.payload) == each.expected);
  }
}

constexpr const char* kFlag = "refused: on takes ON or OFF, true or false, 1 or 0, not ";
constexpr const char* kRate = "refused: charge_rate_a takes whole amperes from 6 to 40, not ";
constexpr const char* kReserve = "refused: reserve_soc_pct takes a percentage from 1 to 100, not ";
constexpr const char* kMode =
    "refused: dispatch_mode takes load_following, charge_with_excess_solar, charge_to_state_of_charge, "
    "discharge_to_state_of_charge or idle, not ";
constexpr const char* kPower = "refused: power_kw takes kilowatts above 0 up to 5, not ";
constexpr const char* kTarget = "refused: target_soc_pct takes a percentage from 20 (the reserve) to 100, not ";

TEST_CASE("a flag in every form") {
  for (const char* yes :
       {"ON", "on", "On", "true", "True", "TRUE", "1", "1.0", " on\r\n", "\"ON\"", "\"true\"", "\"1\"",
        R"({"value": true})", R"({"value": "on"})", R"({"value": 1})", R"({"value": 1.0})"}) {
    CAPTURE(yes);
    CHECK(understood("O1/set/on", yes) == R"({"on":true})");
  }
  for (const char* no : {"OFF", "off", "oFF", "false", "False", "0", "0.0", "-0", "\toff ", "\"OFF\"",
                         R"({"value": false})", R"({"value": "Off"})", R"({"value": 0})"}) {
    CAPTURE(no);
    CHECK(understood("C1/set/on", no) == R"({"on":false})");
  }
  check({{"O1/set/on", "maybe", kFlag + std::string("\"maybe\"")},
         {"O1/set/on", "2", kFlag + std::string("2")},
         {"O1/set/on", "-1", kFlag + std::string("-1")},
         {"O1/set/on", "yes", kFlag + std::string("\"yes\"")},
         {"O1/set/on", "on off", kFlag + std::string("\"on off\"")},
         {"O1/set/on", "null", kFlag + std::string("null")},
         {"O1/set/on", "[true]", kFlag + std::string("a list")},
         {"O1/set/on", "{\"value\": {}}", kFlag + std::string("an object")},
         {"O1/set/on", "\"\"", kFlag + std::string("\"\"")},
         {"O1/set/on", "NaN", kFlag + std::string("\"NaN\"")}});
}

TEST_CASE("a charge rate in every form") {
  for (const char* rate : {"24", "24.0", " 24 ", "2.4e1", "240E-1", "\"24\"", "024", R"({"value": 24})",
                           R"({"value": 24.0})", R"({"value": "24"})"}) {
    CAPTURE(rate);
    CHECK(understood("C1/set/charge_rate_a", rate) == R"({"charge_rate_a":24})");
  }
  check({{"C1/set/charge_rate_a", "6", R"({"charge_rate_a":6})"},
         {"C1/set/charge_rate_a", "40", R"({"charge_rate_a":40})"},
         {"C1/set/charge_rate_a", "5", kRate + std::string("5")},
         {"C1/set/charge_rate_a", "41", kRate + std::string("41")},
         // Home Assistant's number service sends this at a step of 1.
         {"C1/set/charge_rate_a", "16.4", kRate + std::string("16.4")},
         {"C1/set/charge_rate_a", R"({"value": 16.4})", kRate + std::string("16.4")},
         {"C1/set/charge_rate_a", "-16", kRate + std::string("-16")},
         {"C1/set/charge_rate_a", "0", kRate + std::string("0")},
         {"C1/set/charge_rate_a", "+16", kRate + std::string("\"+16\"")},
         {"C1/set/charge_rate_a", "16,0", kRate + std::string("\"16,0\"")},
         {"C1/set/charge_rate_a", "16 A", kRate + std::string("\"16 A\"")},
         {"C1/set/charge_rate_a", "0x10", kRate + std::string("\"0x10\"")},
         {"C1/set/charge_rate_a", "16.", kRate + std::string("\"16.\"")},
         {"C1/set/charge_rate_a", ".16", kRate + std::string("\".16\"")},
         {"C1/set/charge_rate_a", "1e", kRate + std::string("\"1e\"")},
         {"C1/set/charge_rate_a", "nan", kRate + std::string("\"nan\"")},
         {"C1/set/charge_rate_a", "Infinity", kRate + std::string("\"Infinity\"")},
         {"C1/set/charge_rate_a", "1e999", kRate + std::string("\"1e999\"")},
         {"C1/set/charge_rate_a", "1e300", kRate + std::string("1e+300")},
         {"C1/set/charge_rate_a", "99999999999999999999", kRate + std::string("1e+20")},
         {"C1/set/charge_rate_a", "true", kRate + std::string("\"true\"")},
         {"C1/set/charge_rate_a", R"({"value": true})", kRate + std::string("true")},
         {"C1/set/charge_rate_a", R"({"value": null})", kRate + std::string("null")},
         // The largest there is, until the charger's own maximum has been read.
         {"C9/set/charge_rate_a", "48", R"({"charge_rate_a":48})"},
         {"C9/set/charge_rate_a", "49", "refused: charge_rate_a takes whole amperes from 6 to 48, not 49"}});
}

TEST_CASE("a battery's numbers") {
  check({{"B1/set/reserve_soc_pct", "1", R"({"reserve_soc_pct":1})"},
         {"B1/set/reserve_soc_pct", "20.5", R"({"reserve_soc_pct":20.5})"},
         {"B1/set/reserve_soc_pct", "100", R"({"reserve_soc_pct":100})"},
         {"B1/set/reserve_soc_pct", "0", kReserve + std::string("0")},
         {"B1/set/reserve_soc_pct", "0.99", kReserve + std::string("0.99")},
         {"B1/set/reserve_soc_pct", "100.1", kReserve + std::string("100.1")},
         {"B1/set/reserve_soc_pct", "20%", kReserve + std::string("\"20%\"")},
         {"B1/set/power_kw", "5", R"({"power_kw":5})"},
         {"B1/set/power_kw", "0.1", R"({"power_kw":0.1})"},
         {"B1/set/power_kw", "0", kPower + std::string("0")},
         {"B1/set/power_kw", "-1", kPower + std::string("-1")},
         {"B1/set/power_kw", "5.01", kPower + std::string("5.01")},
         {"B1/set/charge_power_kw", "2.5", R"({"charge_power_kw":2.5})"},
         {"B1/set/charge_power_kw", "100", "refused: charge_power_kw takes kilowatts above 0 up to 5, not 100"},
         {"B1/set/discharge_power_kw", "3", R"({"discharge_power_kw":3})"},
         {"B1/set/discharge_power_kw", "x", "refused: discharge_power_kw takes kilowatts above 0 up to 5, not \"x\""},
         {"B1/set/target_soc_pct", "20", R"({"target_soc_pct":20})"},
         {"B1/set/target_soc_pct", "100", R"({"target_soc_pct":100})"},
         {"B1/set/target_soc_pct", "19", kTarget + std::string("19")},
         {"B1/set/target_soc_pct", "101", kTarget + std::string("101")},
         // Nothing has been read of this one: no maximum, no reserve.
         {"B9/set/power_kw", "11.5", R"({"power_kw":11.5})"},
         {"B9/set/power_kw", "0", "refused: power_kw takes kilowatts above 0, not 0"},
         {"B9/set/target_soc_pct", "1", R"({"target_soc_pct":1})"}});
}

TEST_CASE("a target is measured by the reserve that comes with it") {
  check(
      {{"B1/set", R"({"target_soc_pct": 15, "reserve_soc_pct": 10})", R"({"reserve_soc_pct":10,"target_soc_pct":15})"},
       {"B1/set", R"({"target_soc_pct": 30, "reserve_soc_pct": 50})",
        "refused: target_soc_pct takes a percentage from 50 (the reserve) to 100, not 30"}});
  const auto on_its_way = parse(picture_of("B1"), "target_soc_pct", "15", 10.0);
  REQUIRE(on_its_way);
  CHECK(on_its_way->error.empty());
}

TEST_CASE("a mode in every form") {
  for (const char* mode : {"charge_to_state_of_charge", "Charge to state of charge", "CHARGE TO STATE OF CHARGE",
                           "charge-to-state-of-charge", " Charge to state_of-charge ", "\"Charge to state of charge\"",
                           R"({"value": "charge_to_state_of_charge"})"}) {
    CAPTURE(mode);
    CHECK(understood("B1/set/dispatch_mode", mode) == R"({"dispatch_mode":"charge_to_state_of_charge"})");
  }
  check(
      {{"B1/set/dispatch_mode", "Load following", R"({"dispatch_mode":"load_following"})"},
       {"B1/set/dispatch_mode", "Charge with excess solar", R"({"dispatch_mode":"charge_with_excess_solar"})"},
       {"B1/set/dispatch_mode", "Discharge to state of charge", R"({"dispatch_mode":"discharge_to_state_of_charge"})"},
       {"B1/set/dispatch_mode", "Idle", R"({"dispatch_mode":"idle"})"},
       {"B1/set/dispatch_mode", "turbo", kMode + std::string("\"turbo\"")},
       {"B1/set/dispatch_mode", "3", kMode + std::string("3")},
       {"B1/set/dispatch_mode", "{\"value\": 3}", kMode + std::string("3")},
       {"B1/set/dispatch_mode", "id\nle", kMode + std::string("\"id?le\"")}});
}

TEST_CASE("an object of settings, with what goes with them") {
  check({{"C1/set", R"({"on": true, "charge_rate_a": 24})", R"({"on":true,"charge_rate_a":24})"},
         {"C1/set", R"({"charge_rate_a": "24", "on": "OFF"})", R"({"on":false,"charge_rate_a":24})"},
         {"C1/set", R"({"on": 1, "id": "a b"})", R"({"on":true} id "a b")"},
         {"C1/set", R"({"on": 1, "id": 17})", R"({"on":true} id 17)"},
         {"C1/set", R"({"on": 1, "id": 1.5})", R"({"on":true} id 1.5)"},
         {"C1/set", R"({"on": 1, "id": null})", R"({"on":true})"},
         {"C1/set", R"({"on": 1, "timeout_s": 90})", R"({"on":true} within 90000 ms)"},
         {"C1/set", R"({"on": 1, "timeout_s": "1.5"})", R"({"on":true} within 1500 ms)"},
         {"C1/set/on", R"({"value": "ON", "id": "x", "timeout_s": 600})", R"({"on":true} id "x" within 600000 ms)"},
         {"B1/set", R"({"dispatch_mode": "charge_to_state_of_charge", "target_soc_pct": 80, "charge_power_kw": 3})",
          R"({"dispatch_mode":"charge_to_state_of_charge","charge_power_kw":3,"target_soc_pct":80})"}});
  check({{"C1/set", R"({"on": 1, "timeout_s": 0})", "refused: timeout_s takes seconds from 1 to 600, not 0"},
         {"C1/set", R"({"on": 1, "timeout_s": 601})", "refused: timeout_s takes seconds from 1 to 600, not 601"},
         {"C1/set", R"({"on": 1, "timeout_s": []})", "refused: timeout_s takes seconds from 1 to 600, not a list"},
         {"C1/set", R"({"on": 1, "id": [1]})", "refused: id takes a number or a text of at most 128 bytes"},
         {"C1/set", R"({"on": 1, "id": ")" + std::string(129, 'x') + R"("})",
          "refused: id takes a number or a text of at most 128 bytes"},
         {"C1/set", "{}", "refused: names no setting: this EV Charger has on and charge_rate_a"},
         {"C1/set", R"({"id": 3})", "refused: names no setting: this EV Charger has on and charge_rate_a id 3"},
         {"C1/set", R"({"onn": true, "id": 3})",
          "refused: no setting \"onn\": this EV Charger has on and charge_rate_a id 3"},
         {"C1/set", R"({"on": true, "on": false})",
          "refused: a key stands there twice: this EV Charger has on and charge_rate_a"},
         {"C1/set", "ON", "refused: not valid JSON at byte 1: this EV Charger has on and charge_rate_a"},
         {"C1/set", "24", "refused: a JSON object is wanted here, not 24: this EV Charger has on and charge_rate_a"},
         {"C1/set", "[{}]",
          "refused: a JSON object is wanted here, not a list: this EV Charger has on and charge_rate_a"},
         {"C1/set/on", R"({"on": true})",
          "refused: unknown key \"on\": an object on this topic has \"value\", \"id\" and \"timeout_s\""},
         {"C1/set/on", "{}", "refused: \"value\" is missing: on takes ON or OFF, true or false, 1 or 0"}});
}

TEST_CASE("a setting the device does not have") {
  check({{"O1/set/charge_rate_a", "24", "refused: no setting \"charge_rate_a\": this Smart Outlet has on"},
         {"C1/set/reserve_soc_pct", "24",
          "refused: no setting \"reserve_soc_pct\": this EV Charger has on and charge_rate_a"},
         {"B1/set/on", "ON",
          "refused: no setting \"on\": this Battery has reserve_soc_pct, dispatch_mode, power_kw, charge_power_kw, "
          "discharge_power_kw and target_soc_pct"},
         {"C1/set/ON", "ON", "refused: no setting \"ON\": this EV Charger has on and charge_rate_a"},
         {"V1/set/on", "ON", "refused: no setting \"on\": a Vue 3 has no settings"},
         {"V1/set", "{}", "refused: names no setting: a Vue 3 has no settings"},
         {"O1/set/" + std::string(100, 'x'), "1",
          "refused: no setting \"" + std::string(60, 'x') + "...\": this Smart Outlet has on"}});
}

TEST_CASE("nothing is nothing") {
  for (const std::string& payload : {std::string(), std::string(" "), std::string("\r\n\t "), std::string(9000, ' ')}) {
    CHECK(understood("O1/set", payload) == "nothing");
    CHECK(understood("O1/set/on", payload) == "nothing");
  }
}

TEST_CASE("hostile payloads") {
  const std::string deep = std::string(5000, '[') + std::string(5000 - 2000, ']');
  check(
      {{"O1/set/on", std::string(8193, '1'), "refused: the payload has 8193 bytes, at most 8192 are read"},
       {"O1/set", std::string(100'000, '{'), "refused: the payload has 100000 bytes, at most 8192 are read"},
       {"O1/set/on", std::string(8192, 'x'), kFlag + ("\"" + std::string(60, 'x') + "...\"")},
       {"O1/set", deep, "refused: nested deeper than 4 levels: this Smart Outlet has on"},
       {"O1/set/on", "[[[[[1]]]]]", "refused: nested deeper than 4 levels: on takes ON or OFF, true or false, 1 or 0"},
       {"O1/set/on", "\xff\xfe\x80", kFlag + std::string("\"???\"")},
       {"O1/set/on", "\"\xff\"", "refused: not valid JSON at byte 2: on takes ON or OFF, true or false, 1 or 0"},
       {"O1/set", "{\"on\xc3\x28\": 1}", "refused: not valid JSON at byte 6: this Smart Outlet has on"},
       {"O1/set/on", std::string("on\0off", 6), kFlag + std::string("\"on?off\"")},
       {"O1/set", std::string("{\"on\": 1}\0", 10), "refused: not valid JSON at byte 10: this Smart Outlet has on"},
       {"O1/set/on", "\x1b[31mred\x7f", kFlag + std::string("\"?[31mred?\"")},
       {"O1/set", R"({"on": 1e999})", "refused: not valid JSON at byte 12: this Smart Outlet has on"},
       {"O1/set", R"({"on": NaN})", "refused: not valid JSON at byte 8: this Smart Outlet has on"},
       {"O1/set", R"({"on": true)", "refused: not valid JSON at byte 12: this Smart Outlet has on"}});
}

struct Comma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
};

TEST_CASE("numbers are read the same in every locale") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  const std::locale global = std::locale::global(std::locale(std::locale(), new Comma));
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) {
    MESSAGE("only half tried: the locale de_DE.UTF-8 is not installed");
  }
  CHECK(understood("B1/set/power_kw", "2.5") == R"({"power_kw":2.5})");
  CHECK(understood("B1/set/power_kw", "2,5") == kPower + std::string("\"2,5\""));
  CHECK(understood("B1/set", R"({"power_kw": 2.5})") == R"({"power_kw":2.5})");
  CHECK(understood("B1/set/power_kw", "7.25") == kPower + std::string("7.25"));
  std::locale::global(global);
  std::setlocale(LC_ALL, before.c_str());
}

}  // namespace
}  // namespace emporia::commands
