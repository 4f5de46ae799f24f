#include "cli/device_list.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::cli;

namespace {

model::Device device(const char* id, model::DeviceModel device_model, const char* name, bool connected) {
  model::Device made;
  made.id = model::DeviceId(id);
  made.model = device_model;
  made.name = name;
  made.connected = connected;
  return made;
}

DeviceList small_home() {
  settings::Devices configured;
  configured.names = {{"S1", "Cellar"}};
  configured.exclude = {"B2"};
  DeviceList list(configured);
  list.add(device("S1", model::DeviceModel::battery, "Battery", true));
  list.add(device("B1", model::DeviceModel::outlet, "Lamp\x1b[31m", true));
  list.add(device("B2", model::DeviceModel::outlet, "", false));
  model::BatteryState battery;
  battery.device = model::DeviceId("S1");
  battery.soc_pct = 56;
  list.add(battery);
  list.add(model::OutletState{model::DeviceId("B1"), true});
  list.add(model::OutletState{model::DeviceId("nobody"), true});
  return list;
}

}  // namespace

TEST_CASE("a table for people, without what a stranger's name might do to the terminal") {
  std::string text;
  for (const std::string& line : small_home().to_lines(0, false)) text += line + "\n";
  CHECK(text ==
        "NAME             MODEL         ID  CLOUD      SETTINGS\n"
        "Lamp [31m        Smart Outlet  B1  connected  on\n"
        "Smart Outlet B2  Smart Outlet  B2  offline    left out by [devices]\n"
        "Cellar           Battery       S1  connected  56 %, reserve -\n"
        "3 devices, 2 connected\n");
  CHECK(DeviceList({}).to_lines(0, false) ==
        std::vector<std::string>{
            "The account has no devices: add customers in the partner portal, or check [partner] customers."});
}

TEST_CASE("JSON for programs: what is not known is null, what is left out says so") {
  const json::Value value = small_home().to_json();
  REQUIRE(value.as_array() != nullptr);
  REQUIRE(value.as_array()->size() == 3);
  const json::Value& excluded = value.as_array()->at(1);
  CHECK(json::to_text(*excluded.find("id")) == "\"B2\"");
  CHECK(json::to_text(*excluded.find("shown")) == "false");
  CHECK(excluded.find("settings")->is_null());
  const json::Value& battery = value.as_array()->at(2);
  CHECK(json::to_text(*battery.find("name")) == "\"Cellar\"");
  CHECK(json::to_text(*battery.find("settings")->find("soc_pct")) == "56.0");
  CHECK(battery.find("settings")->find("reserve_soc_pct")->is_null());
}
