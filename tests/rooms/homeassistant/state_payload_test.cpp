#include "homeassistant/state_payload.hpp"

#include <doctest/doctest.h>

#include "sample_home.hpp"

namespace emporia::homeassistant {
namespace {

std::string text(const model::DevicePicture& picture) {
  return json::to_text(shown_state(picture));
}

TEST_CASE("a monitor shows mains, legs, balance and circuits, generation positive") {
  CHECK(text(sample_monitor()) ==
        R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
        R"("today_since":"2026-11-23T05:00:00Z","cycle_since":"2026-11-01T04:00:00Z",)"
        R"("mains":{"power_w":-312.4,"import_kwh":1234.567,"export_kwh":345.678,)"
        R"("import_today_kwh":0.01,"import_cycle_kwh":30.0,"export_today_kwh":0.002,"export_cycle_kwh":4.0},)"
        R"("legs":{"1":{"power_w":-200.0,"import_kwh":600.0,"export_kwh":300.0,)"
        R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null},)"
        R"("2":{"power_w":-112.4,"import_kwh":634.567,"export_kwh":45.678,)"
        R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null}},)"
        R"("balance":{"power_w":120.5,"energy_kwh":88.125,"energy_today_kwh":-0.005,"energy_cycle_kwh":1.5},)"
        R"("circuits":{)"
        R"("4":{"name":"Heat Pump","direction":"consumption","power_w":812.3,"energy_kwh":12.345,)"
        R"("energy_today_kwh":0.025,"energy_cycle_kwh":6.0},)"
        R"("5":{"name":"Solar","direction":"generation","power_w":2450.0,"energy_kwh":3456.789,)"
        R"("energy_today_kwh":0.0125,"energy_cycle_kwh":70.0},)"
        R"("6":{"name":"Circuit 3","direction":"consumption","power_w":null,"energy_kwh":null,)"
        R"("energy_today_kwh":null,"energy_cycle_kwh":null},)"
        R"("7":{"name":"Shed","direction":"bidirectional","power_w":-20.0,"energy_kwh":1.0,)"
        R"("import_kwh":1.0,"export_kwh":2.000001,)"
        R"("energy_today_kwh":0.001,"energy_cycle_kwh":0.1,)"
        R"("import_today_kwh":0.001,"import_cycle_kwh":0.1,"export_today_kwh":0.002,"export_cycle_kwh":0.2}}})");
}

TEST_CASE("the models with settings show them") {
  CHECK(
      text(sample_outlet()) ==
      R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
      R"("today_since":"2026-11-23T05:00:00Z","cycle_since":"2026-11-01T04:00:00Z","on":true,"power_w":42.5,"energy_kwh":7.125,)"
      R"("energy_today_kwh":0.00425,"energy_cycle_kwh":7.125})");
  CHECK(text(sample_charger()) ==
        R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
        R"("today_since":null,"cycle_since":null,"on":true,"charge_rate_a":24,"max_charge_rate_a":40,)"
        R"("car_connected":true,"car_charging":false,"power_w":0.0,"energy_kwh":512.25,)"
        R"("energy_today_kwh":null,"energy_cycle_kwh":null})");
  CHECK(
      text(sample_battery()) ==
      R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
      R"("today_since":"2026-11-23T05:00:00Z","cycle_since":"2026-11-01T04:00:00Z","soc_pct":67.0,"reserve_soc_pct":20.0,)"
      R"("dispatch_mode":"charge_to_state_of_charge",)"
      R"("dispatch":{"power_kw":null,"charge_power_kw":3.5,"discharge_power_kw":null,"target_soc_pct":90.0},)"
      R"("capacity_kwh":10.2,"inverter_max_power_kw":7.6,"power_w":-3500.0,"charged_kwh":120.5,)"
      R"("discharged_kwh":98.75,)"
      R"("charged_today_kwh":0.3,"charged_cycle_kwh":9.0,"discharged_today_kwh":0.1,"discharged_cycle_kwh":8.0,"circuits":{)"
      R"("1":{"name":"Battery","direction":"bidirectional","power_w":3500.0,"energy_kwh":120.5,)"
      R"("import_kwh":120.5,"export_kwh":98.75,)"
      R"("energy_today_kwh":0.3,"energy_cycle_kwh":9.0,)"
      R"("import_today_kwh":0.3,"import_cycle_kwh":9.0,"export_today_kwh":0.1,"export_cycle_kwh":8.0},)"
      R"("2":{"name":"Backup loads","direction":"consumption","power_w":400.0,"energy_kwh":5.0,)"
      R"("energy_today_kwh":null,"energy_cycle_kwh":null}}})");
}

TEST_CASE("a meter and a model that is not known") {
  CHECK(
      text(sample_meter()) ==
      R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
      R"("today_since":null,"cycle_since":null,"power_w":-310.0,"import_kwh":5000.125,)"
      R"("export_kwh":800.5,)"
      R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null,"zigbee_mac":"00:11:22:33:44:55:66:77"})");
  CHECK(text(sample_unknown()) ==
        R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
        R"("today_since":null,"cycle_since":null,"firmware":"1.2.3",)"
        R"("circuits":{"1":{"name":"Feed","direction":"unknown","power_w":5.0,"energy_kwh":0.01,)"
        R"("energy_today_kwh":null,"energy_cycle_kwh":null}}})");
}

TEST_CASE("a group is shown like a circuit of the same direction, and always with import and export") {
  using model::EnergyDirection;
  const std::string start = R"({"as_of":"2026-11-23T05:10:00Z","connected":true,"exact_kwh":{},)"
                            R"("today_since":null,"cycle_since":null,"name":"Upper Flat",)";
  const std::string end =
      R"(,"import_kwh":5000.125,"export_kwh":800.5,"energy_today_kwh":null,"energy_cycle_kwh":null,)"
      R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null})";
  CHECK(text(sample_group("flat", EnergyDirection::consumption)) ==
        start + R"("direction":"consumption","power_w":-310.0,"energy_kwh":5000.125)" + end);
  CHECK(text(sample_group("roof", EnergyDirection::generation)) ==
        start + R"("direction":"generation","power_w":310.0,"energy_kwh":800.5)" + end);
  CHECK(text(sample_group("street", EnergyDirection::bidirectional)) ==
        start + R"("direction":"bidirectional","power_w":-310.0,"energy_kwh":5000.125)" + end);
}

TEST_CASE("what is not known yet is null under the same keys, never 0") {
  using model::DeviceModel;
  const auto nothing = [](DeviceModel device_model) { return text(fresh(device_model, "X1", "X")); };
  CHECK(nothing(DeviceModel::vue3) ==
        R"({"as_of":null,"connected":true,"exact_kwh":{},)"
        R"("today_since":null,"cycle_since":null,"mains":{"power_w":null,"import_kwh":null,"export_kwh":null,)"
        R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null},)"
        R"("legs":{},"balance":{"power_w":null,"energy_kwh":null,)"
        R"("energy_today_kwh":null,"energy_cycle_kwh":null},"circuits":{}})");
  CHECK(nothing(DeviceModel::outlet) ==
        R"({"as_of":null,"connected":true,"exact_kwh":{},)"
        R"("today_since":null,"cycle_since":null,"on":null,"power_w":null,"energy_kwh":null,)"
        R"("energy_today_kwh":null,"energy_cycle_kwh":null})");
  CHECK(nothing(DeviceModel::ev_charger) ==
        R"({"as_of":null,"connected":true,"exact_kwh":{},)"
        R"("today_since":null,"cycle_since":null,"on":null,"charge_rate_a":null,"max_charge_rate_a":null,)"
        R"("car_connected":null,"car_charging":null,"power_w":null,"energy_kwh":null,)"
        R"("energy_today_kwh":null,"energy_cycle_kwh":null})");
  CHECK(
      nothing(DeviceModel::battery) ==
      R"({"as_of":null,"connected":true,"exact_kwh":{},)"
      R"("today_since":null,"cycle_since":null,"soc_pct":null,"reserve_soc_pct":null,"dispatch_mode":null,)"
      R"("dispatch":{"power_kw":null,"charge_power_kw":null,"discharge_power_kw":null,"target_soc_pct":null},)"
      R"("capacity_kwh":null,"inverter_max_power_kw":null,"power_w":null,"charged_kwh":null,)"
      R"("discharged_kwh":null,)"
      R"("charged_today_kwh":null,"charged_cycle_kwh":null,"discharged_today_kwh":null,"discharged_cycle_kwh":null,"circuits":{}})");
  CHECK(
      nothing(DeviceModel::utility_connect) ==
      R"({"as_of":null,"connected":true,"exact_kwh":{},)"
      R"("today_since":null,"cycle_since":null,"power_w":null,"import_kwh":null,"export_kwh":null,)"
      R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null,"zigbee_mac":null})");
}

TEST_CASE("a counter that is held above its exact sum is told with both, and nothing else is") {
  model::DevicePicture monitor = sample_monitor();
  for (auto& [channel, reading] : monitor.readings) {
    reading.exact_positive_wh = reading.positive_wh;
    reading.exact_negative_wh = reading.negative_wh;
  }
  monitor.readings[4].exact_positive_wh = 12000;
  monitor.readings[5].exact_negative_wh = 3456000.5;
  monitor.readings[7].exact_positive_wh = 900;
  monitor.readings[model::kMergedMains].exact_negative_wh = 345000;
  CHECK(text(monitor).find(R"("connected":true,"exact_kwh":{"mains.export_kwh":345.0,"circuits.4.energy_kwh":12.0,)"
                           R"("circuits.5.energy_kwh":3456.0005,"circuits.7.energy_kwh":0.9,)"
                           R"("circuits.7.import_kwh":0.9},)"
                           R"("today_since":"2026-11-23T05:00:00Z","cycle_since":"2026-11-01T04:00:00Z",)"
                           R"("mains":{"power_w":-312.4,"import_kwh":1234.567,)"
                           R"("export_kwh":345.678,)") != std::string::npos);
}

TEST_CASE("a channel that lingers keeps every key an entity may still read") {
  model::DevicePicture picture = fresh(model::DeviceModel::vue2, "VUE0001", "Panel");
  const std::vector<model::Circuit> shown{circuit(4, "Oven", model::EnergyDirection::consumption)};
  const auto state = device_state(picture, shown, {{4, "Oven"}}, {1, 4, 9});
  CHECK(json::to_text(*state.find("legs")) ==
        R"({"1":{"power_w":null,"import_kwh":null,"export_kwh":null,)"
        R"("import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null}})");
  CHECK(
      json::to_text(*state.find("circuits")) ==
      R"({"4":{"name":"Oven","direction":"consumption","power_w":null,"energy_kwh":null,)"
      R"("import_kwh":null,"export_kwh":null,)"
      R"("energy_today_kwh":null,"energy_cycle_kwh":null,"import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null},)"
      R"("9":{"name":"Circuit 6","direction":"unknown","power_w":null,"energy_kwh":null,)"
      R"("import_kwh":null,"export_kwh":null,)"
      R"("energy_today_kwh":null,"energy_cycle_kwh":null,"import_today_kwh":null,"import_cycle_kwh":null,"export_today_kwh":null,"export_cycle_kwh":null}})");
}

TEST_CASE("texts from the service are bounded") {
  model::DevicePicture picture = sample_meter();
  std::get<model::UtilityConnectState>(picture.state).zigbee_mac = std::string(5000, 'f') + "\x01";
  const std::string mac = *shown_state(picture).find("zigbee_mac")->as_string();
  CHECK(mac == std::string(80, 'f'));
}

}  // namespace
}  // namespace emporia::homeassistant
