#include "homeassistant/names.hpp"

#include <doctest/doctest.h>

#include "sample_home.hpp"

namespace emporia::homeassistant {
namespace {

using model::DeviceModel;
using model::EnergyDirection;

TEST_CASE("a name is cleaned of what a screen cannot show") {
  struct Case {
    const char* what;
    std::string text;
    std::string clean;
  };
  const Case kCases[] = {
      {"plain", "Heat Pump", "Heat Pump"},
      {"blanks around and within", " \t Heat \n\n Pump  ", "Heat Pump"},
      {"only blanks", " \r\n\t ", ""},
      {"NUL", std::string("a\0b", 3), "a b"},
      {"other alphabets", "W\xC3\xA4rmepumpe \xE7\x83\xAD \xF0\x9F\x94\xA5",
       "W\xC3\xA4rmepumpe \xE7\x83\xAD \xF0\x9F\x94\xA5"},
      {"no-break and ideographic blanks",
       "\xC2\xA0"
       "A\xE3\x80\x80"
       "B",
       "A B"},
      {"control of the second range",
       "A\xC2\x85"
       "B",
       "A B"},
      {"zero width and byte order mark",
       "\xEF\xBB\xBF"
       "A\xE2\x80\x8B"
       "B",
       "AB"},
      {"direction turned round",
       "A\xE2\x80\xAE"
       "B",
       "AB"},
      {"only zero width", "\xE2\x80\x8B\xE2\x80\x8D", ""},
      {"a stray continuation",
       "A\x80"
       "B",
       "A\xEF\xBF\xBD"
       "B"},
      {"cut off", "A\xE2\x82", "A\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"overlong", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"a surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"past the last code", "\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"braces of a template", "{{ states }} {% x %}", "{{ states }} {% x %}"},
      {"long", std::string(5000, 'x'), std::string(80, 'x')},
  };
  for (const Case& each : kCases) {
    CAPTURE(each.what);
    CHECK(clean_name(each.text) == each.clean);
  }
  std::string umlauts;
  for (int count = 0; count < 200; ++count) umlauts += "\xC3\xA4";
  CHECK(clean_name(umlauts) == umlauts.substr(0, 160));
}

TEST_CASE("a device always has a name") {
  const auto label = [](DeviceModel device_model, const char* id, const char* name, const char* override_name) {
    return device_label(fresh(device_model, id, name).device,
                        *override_name == '\0' ? std::nullopt : std::optional<std::string>(override_name));
  };
  CHECK(label(DeviceModel::vue2, "A2107A04B4B8F009A6CEC4", "Panel", "") == "Panel");
  CHECK(label(DeviceModel::vue2, "A2107A04B4B8F009A6CEC4", "Panel", "Cellar") == "Cellar");
  CHECK(label(DeviceModel::vue2, "A2107A04B4B8F009A6CEC4", "Panel", " \n ") == "Panel");
  CHECK(label(DeviceModel::vue2, "A2107A04B4B8F009A6CEC4", "", "") == "Vue 2 CEC4");
  CHECK(label(DeviceModel::outlet, "B7", " ", "") == "Smart Outlet B7");
  CHECK(label(DeviceModel::unknown, "", "", "") == "Unknown device");
  CHECK(label(DeviceModel::battery,
              "xx\xC3\xA4"
              "bc",
              "", "") ==
        "Battery \xC3\xA4"
        "bc");
}

TEST_CASE("each circuit has a label of its own") {
  struct Case {
    const char* what;
    DeviceModel device_model;
    std::string device;
    std::vector<std::pair<model::Channel, std::string>> names;
    std::map<model::Channel, std::string> labels;
  };
  const Case kCases[] = {
      {"unnamed: the number on the monitor",
       DeviceModel::vue2,
       "Home",
       {{4, ""}, {19, "  "}},
       {{4, "Circuit 1"}, {19, "Circuit 16"}}},
      {"unnamed on what has no mains", DeviceModel::battery, "Home", {{1, ""}}, {{1, "Circuit 1"}}},
      {"the same name twice",
       DeviceModel::vue2,
       "Home",
       {{4, "Oven"}, {5, "oven "}, {6, "Fridge"}},
       {{4, "Oven (circuit 1)"}, {5, "oven (circuit 2)"}, {6, "Fridge"}}},
      {"a name that looks numbered already",
       DeviceModel::vue2,
       "Home",
       {{4, "Oven"}, {5, "Oven"}, {9, "Oven (circuit 1)"}},
       {{4, "Oven (circuit 1) (circuit 1)"}, {5, "Oven (circuit 2)"}, {9, "Oven (circuit 1) (circuit 6)"}}},
      {"named as an unnamed one",
       DeviceModel::vue2,
       "Home",
       {{4, ""}, {5, "Circuit 1"}},
       {{4, "Circuit 1 (circuit 1)"}, {5, "Circuit 1 (circuit 2)"}}},
      {"after the device",
       DeviceModel::vue2,
       "Garage",
       {{4, "garage Door"}, {5, "Garage"}, {6, "Garages"}},
       {{4, "Door"}, {5, "Circuit 2"}, {6, "Garages"}}},
      {"after the device, and then the same",
       DeviceModel::vue2,
       "Garage",
       {{4, "Garage Door"}, {5, "Door"}},
       {{4, "Door (circuit 1)"}, {5, "Door (circuit 2)"}}},
  };
  for (const Case& each : kCases) {
    CAPTURE(each.what);
    std::vector<model::Circuit> circuits;
    for (const auto& [channel, name] : each.names) {
      circuits.push_back(circuit(channel, name, EnergyDirection::consumption));
    }
    CHECK(circuit_labels(circuits, each.device_model, each.device) == each.labels);
  }
}

TEST_CASE("what the service calls a battery's circuit names it") {
  const std::vector<model::Circuit> circuits{
      circuit(1, "", EnergyDirection::consumption, model::CircuitType::battery, "Loads"),
      circuit(2, "Mine", EnergyDirection::consumption, model::CircuitType::battery, "Grid"),
      circuit(3, "", EnergyDirection::consumption, model::CircuitType::expansion_50a, "Dryer")};
  CHECK(circuit_labels(circuits, DeviceModel::battery, "B") ==
        std::map<model::Channel, std::string>{{1, "Loads"}, {2, "Mine"}, {3, "Circuit 3"}});
}

TEST_CASE("a hundred equal names end up different") {
  std::vector<model::Circuit> circuits;
  for (model::Channel channel = 4; channel < 104; ++channel) {
    circuits.push_back(circuit(channel, std::string(300, 'x'), EnergyDirection::consumption));
  }
  std::set<std::string> labels;
  for (const auto& [channel, label] : circuit_labels(circuits, DeviceModel::vue2, "Home")) {
    CHECK(label.size() <= 100);
    labels.insert(label);
  }
  CHECK(labels.size() == 100);
}

}  // namespace
}  // namespace emporia::homeassistant
