#include "homeassistant/period_table.hpp"

namespace emporia::homeassistant {
namespace {

using model::DeviceModel;

EntityRow period(const char* since, const char* metric, const char* path, const char* name) {
  return {.metric = metric,
          .path = path,
          .name = name,
          .device_class = "energy",
          .state_class = "total",
          .unit = "kWh",
          .since = since,
          .precision = 3};
}
EntityRow today(const char* metric, const char* path, const char* name) {
  return period("today_since", metric, path, name);
}
EntityRow cycle(const char* metric, const char* path, const char* name) {
  return period("cycle_since", metric, path, name);
}

EntityRow of_circuit(EntityRow row, const char* own_name) {
  row.own_name = own_name;
  row.enabled = false;
  return row;
}

const EntityRows kMonitor{
    today("mains_import_today", "mains.import_today_kwh", "Mains import today"),
    today("mains_export_today", "mains.export_today_kwh", "Mains export today"),
    today("balance_energy_today", "balance.energy_today_kwh", "Balance energy today"),
    cycle("mains_import_cycle", "mains.import_cycle_kwh", "Mains import this cycle"),
    cycle("mains_export_cycle", "mains.export_cycle_kwh", "Mains export this cycle"),
    cycle("balance_energy_cycle", "balance.energy_cycle_kwh", "Balance energy this cycle"),
};

/// Outlets, chargers, and groups that flow one way.
const EntityRows kOneWay{
    today("energy_today", "energy_today_kwh", "Energy today"),
    cycle("energy_cycle", "energy_cycle_kwh", "Energy this cycle"),
};

/// Meters, and groups that flow both ways.
const EntityRows kMeter{
    today("import_today", "import_today_kwh", "Energy import today"),
    today("export_today", "export_today_kwh", "Energy export today"),
    cycle("import_cycle", "import_cycle_kwh", "Energy import this cycle"),
    cycle("export_cycle", "export_cycle_kwh", "Energy export this cycle"),
};

const EntityRows kBattery{
    today("charged_today", "charged_today_kwh", "Energy charged today"),
    today("discharged_today", "discharged_today_kwh", "Energy discharged today"),
    cycle("charged_cycle", "charged_cycle_kwh", "Energy charged this cycle"),
    cycle("discharged_cycle", "discharged_cycle_kwh", "Energy discharged this cycle"),
};

const EntityRows kOneWayCircuit{
    of_circuit(today("energy_today", "energy_today_kwh", "energy today"), "Energy today"),
    of_circuit(cycle("energy_cycle", "energy_cycle_kwh", "energy this cycle"), "Energy this cycle"),
};

const EntityRows kTwoWayCircuit{
    of_circuit(today("import_today", "import_today_kwh", "import today"), "Import today"),
    of_circuit(today("export_today", "export_today_kwh", "export today"), "Export today"),
    of_circuit(cycle("import_cycle", "import_cycle_kwh", "import this cycle"), "Import this cycle"),
    of_circuit(cycle("export_cycle", "export_cycle_kwh", "export this cycle"), "Export this cycle"),
};

}  // namespace

const EntityRows& period_rows(DeviceModel device_model) {
  static const EntityRows kNone;
  switch (device_model) {
    case DeviceModel::vue1:
    case DeviceModel::vue2:
    case DeviceModel::vue3:
      return kMonitor;
    case DeviceModel::utility_connect:
      return kMeter;
    case DeviceModel::outlet:
    case DeviceModel::ev_charger:
      return kOneWay;
    case DeviceModel::battery:
    case DeviceModel::group:
    case DeviceModel::unknown:
      break;
  }
  return kNone;
}

const EntityRows& battery_period_rows() {
  return kBattery;
}

const EntityRows& group_period_rows(model::EnergyDirection direction) {
  return direction == model::EnergyDirection::bidirectional ? kMeter : kOneWay;
}

const EntityRows& circuit_period_rows(model::EnergyDirection direction) {
  return direction == model::EnergyDirection::bidirectional ? kTwoWayCircuit : kOneWayCircuit;
}

}  // namespace emporia::homeassistant
