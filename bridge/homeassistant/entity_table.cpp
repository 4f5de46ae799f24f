#include "homeassistant/entity_table.hpp"

#include "homeassistant/period_table.hpp"
#include "model/state.hpp"

namespace emporia::homeassistant {
namespace {

using model::DeviceModel;
using model::DispatchMode;

// Rows that differ in little more than a name are built by these; the rest is spelled out.

EntityRow power(const char* metric, const char* path, const char* name) {
  return {.metric = metric,
          .path = path,
          .naming = *name == '\0' ? Naming::by_class : Naming::given,
          .name = name,
          .device_class = "power",
          .state_class = "measurement",
          .unit = "W",
          .precision = 0};
}

EntityRow energy(const char* metric, const char* path, const char* name, const char* own_name = "") {
  return {.metric = metric,
          .path = path,
          .naming = *name == '\0' ? Naming::by_class : Naming::given,
          .name = name,
          .own_name = own_name,
          .device_class = "energy",
          .state_class = "total_increasing",
          .unit = "kWh",
          .precision = 3};
}

EntityRow percent_setting(const char* metric, const char* path, const char* name, const char* setting) {
  return {.platform = Platform::number,
          .metric = metric,
          .path = path,
          .name = name,
          .device_class = "battery",
          .unit = "%",
          .category = "config",
          .setting = setting,
          .bounds = Bounds::percent};
}

EntityRow power_setting(const char* metric, const char* path, const char* name, const char* setting) {
  return {.platform = Platform::number,
          .metric = metric,
          .path = path,
          .name = name,
          .device_class = "power",
          .unit = "kW",
          .category = "config",
          .setting = setting,
          .bounds = Bounds::battery_power};
}

EntityRow health(EntityRow row) {
  row.source = Source::bridge_health;
  row.category = "diagnostic";
  return row;
}

const EntityRows kEveryDevice{
    {.metric = "as_of", .path = "as_of", .name = "Data up to", .device_class = "timestamp", .category = "diagnostic"},
    {.platform = Platform::binary_sensor,
     .metric = "connected",
     .path = "connected",
     .naming = Naming::by_class,
     .device_class = "connectivity",
     .category = "diagnostic",
     .reachable = Reachable::bridge_only},
};

const EntityRows kMonitor{
    power("mains_power", "mains.power_w", "Mains power"),
    energy("mains_import", "mains.import_kwh", "Mains import"),
    energy("mains_export", "mains.export_kwh", "Mains export"),
    power("balance_power", "balance.power_w", "Balance power"),
    energy("balance_energy", "balance.energy_kwh", "Balance energy"),
};

const EntityRows kLeg{
    {.metric = "power",
     .path = "power_w",
     .name = "power",
     .device_class = "power",
     .state_class = "measurement",
     .unit = "W",
     .precision = 0,
     .enabled = false},
};

const EntityRows kOneWayCircuit{
    power("power", "power_w", "power"),
    energy("energy", "energy_kwh", "energy"),
};

const EntityRows kTwoWayCircuit{
    power("power", "power_w", "power"),
    energy("import", "import_kwh", "import", "Import"),
    energy("export", "export_kwh", "export", "Export"),
};

const EntityRows kOutlet{
    {.platform = Platform::switching,
     .metric = "on",
     .path = "on",
     .naming = Naming::as_device,
     .device_class = "outlet",
     .setting = "on"},
    power("power", "power_w", ""),
    energy("energy", "energy_kwh", ""),
};

const EntityRows kCharger{
    {.platform = Platform::switching,
     .metric = "on",
     .path = "on",
     .naming = Naming::as_device,
     .icon = "mdi:ev-station",
     .setting = "on"},
    {.platform = Platform::number,
     .metric = "charge_rate",
     .path = "charge_rate_a",
     .name = "Charge rate",
     .device_class = "current",
     .unit = "A",
     .setting = "charge_rate_a",
     .bounds = Bounds::charge_rate},
    {.metric = "max_charge_rate",
     .path = "max_charge_rate_a",
     .name = "Maximum charge rate",
     .device_class = "current",
     .unit = "A",
     .precision = 0,
     .category = "diagnostic"},
    {.platform = Platform::binary_sensor,
     .metric = "car_connected",
     .path = "car_connected",
     .name = "Car connected",
     .device_class = "plug"},
    {.platform = Platform::binary_sensor,
     .metric = "car_charging",
     .path = "car_charging",
     .naming = Naming::by_class,
     .device_class = "battery_charging"},
    power("power", "power_w", ""),
    energy("energy", "energy_kwh", ""),
};

const EntityRows kBattery{
    {.metric = "soc",
     .path = "soc_pct",
     .naming = Naming::by_class,
     .device_class = "battery",
     .state_class = "measurement",
     .unit = "%",
     .precision = 0},
    percent_setting("reserve_soc", "reserve_soc_pct", "Reserve", "reserve_soc_pct"),
    {.platform = Platform::select,
     .metric = "dispatch_mode",
     .path = "dispatch_mode",
     .name = "Dispatch mode",
     .setting = "dispatch_mode",
     .choices = Choices::dispatch_mode},
    power_setting("dispatch_power", "dispatch.power_kw", "Power limit", "power_kw"),
    power_setting("dispatch_charge_power", "dispatch.charge_power_kw", "Charge power", "charge_power_kw"),
    power_setting("dispatch_discharge_power", "dispatch.discharge_power_kw", "Discharge power", "discharge_power_kw"),
    percent_setting("dispatch_target_soc", "dispatch.target_soc_pct", "Target state of charge", "target_soc_pct"),
    {.metric = "capacity",
     .path = "capacity_kwh",
     .name = "Capacity",
     .device_class = "energy_storage",
     .unit = "kWh",
     .category = "diagnostic"},
    {.metric = "inverter_max_power",
     .path = "inverter_max_power_kw",
     .name = "Inverter maximum power",
     .device_class = "power",
     .unit = "kW",
     .category = "diagnostic"},
};

const EntityRows kBatteryEnergy{
    power("power", "power_w", ""),
    energy("charged", "charged_kwh", "Energy charged"),
    energy("discharged", "discharged_kwh", "Energy discharged"),
};

const EntityRows kMeter{
    power("power", "power_w", ""),
    energy("import", "import_kwh", "Energy import"),
    energy("export", "export_kwh", "Energy export"),
    {.metric = "zigbee_mac", .path = "zigbee_mac", .name = "Zigbee MAC", .category = "diagnostic", .enabled = false},
};

const EntityRows kOneWayGroup{power("power", "power_w", ""), energy("energy", "energy_kwh", "")};

const EntityRows kTwoWayGroup{power("power", "power_w", ""), energy("import", "import_kwh", "Energy import"),
                              energy("export", "export_kwh", "Energy export")};

const EntityRows kBridge{
    {.platform = Platform::binary_sensor,
     .metric = "running",
     .name = "Running",
     .device_class = "connectivity",
     .category = "diagnostic",
     .source = Source::bridge_state,
     .reachable = Reachable::always},
    health({.platform = Platform::binary_sensor,
            .metric = "cloud",
            .path = "partner.state",
            .name = "Partner API",
            .device_class = "connectivity",
            .condition = "== 'ok'"}),
    health({.metric = "partner_state",
            .path = "partner.state",
            .name = "Partner API state",
            .device_class = "enum",
            .choices = Choices::partner_state}),
    health({.metric = "calls_used",
            .path = "calls.used_last_hour",
            .name = "Calls in the last hour",
            .state_class = "measurement",
            .unit = "calls",
            .icon = "mdi:counter"}),
    health({.metric = "calls_left",
            .path = "calls.left",
            .name = "Calls left",
            .state_class = "measurement",
            .unit = "calls",
            .icon = "mdi:counter"}),
    health({.metric = "data_lag",
            .path = "data_lag_s",
            .name = "Data lag",
            .device_class = "duration",
            .state_class = "measurement",
            .unit = "s"}),
    health({.metric = "last_success",
            .path = "partner.last_success",
            .name = "Last success",
            .device_class = "timestamp"}),
    health({.metric = "last_error", .path = "partner.last_error", .name = "Last error", .icon = "mdi:alert-circle"}),
    health({.metric = "memory",
            .path = "resident_memory_bytes",
            .name = "Memory",
            .device_class = "data_size",
            .state_class = "measurement",
            .unit = "B",
            .precision = 0}),
    {.metric = "started",
     .path = "started",
     .name = "Started",
     .device_class = "timestamp",
     .category = "diagnostic",
     .source = Source::bridge_info},
    {.platform = Platform::button,
     .metric = "refresh",
     .name = "Refresh",
     .icon = "mdi:refresh",
     .setting = "refresh",
     .source = Source::none},
    {.platform = Platform::event, .metric = "event", .name = "Activity", .source = Source::bridge_event},
};

const EntityRows& model_rows(DeviceModel device_model) {
  static const EntityRows kNone;
  switch (device_model) {
    case DeviceModel::vue1:
    case DeviceModel::vue2:
    case DeviceModel::vue3:
      return kMonitor;
    case DeviceModel::utility_connect:
      return kMeter;
    case DeviceModel::outlet:
      return kOutlet;
    case DeviceModel::ev_charger:
      return kCharger;
    case DeviceModel::battery:
      return kBattery;
    case DeviceModel::group:
    case DeviceModel::unknown:
      break;
  }
  return kNone;
}

}  // namespace

EntityRows device_rows(DeviceModel device_model) {
  EntityRows rows = model_rows(device_model);
  const EntityRows& periods = period_rows(device_model);
  rows.insert(rows.end(), periods.begin(), periods.end());
  rows.insert(rows.end(), kEveryDevice.begin(), kEveryDevice.end());
  return rows;
}

const EntityRows& battery_energy_rows() {
  return kBatteryEnergy;
}

const EntityRows& group_rows(model::EnergyDirection direction) {
  return direction == model::EnergyDirection::bidirectional ? kTwoWayGroup : kOneWayGroup;
}

const EntityRows& circuit_rows(model::EnergyDirection direction) {
  return direction == model::EnergyDirection::bidirectional ? kTwoWayCircuit : kOneWayCircuit;
}

const EntityRows& leg_rows() {
  return kLeg;
}

const EntityRows& bridge_rows() {
  return kBridge;
}

const std::vector<Choice>& choices_of(Choices choices) {
  static const std::vector<Choice> kDispatchModes{
      {word(DispatchMode::load_following), "Load following"},
      {word(DispatchMode::charge_with_excess_solar), "Charge with excess solar"},
      {word(DispatchMode::charge_to_state_of_charge), "Charge to state of charge"},
      {word(DispatchMode::discharge_to_state_of_charge), "Discharge to state of charge"},
      {word(DispatchMode::idle), "Idle"}};
  static const std::vector<Choice> kPartnerStates{{"ok", "ok"},
                                                  {"signing_in", "signing_in"},
                                                  {"auth_refused", "auth_refused"},
                                                  {"unreachable", "unreachable"},
                                                  {"throttled", "throttled"}};
  static const std::vector<Choice> kNone;
  switch (choices) {
    case Choices::dispatch_mode:
      return kDispatchModes;
    case Choices::partner_state:
      return kPartnerStates;
    case Choices::none:
      break;
  }
  return kNone;
}

const std::vector<const char*>& event_types() {
  static const std::vector<const char*> kTypes{
      "device_offline",   "device_online",     "device_added",       "device_removed",  "device_renamed",
      "circuit_added",    "circuit_removed",   "circuit_renamed",    "data_late",       "data_resumed",
      "gap_filled",       "budget_reached",    "command_failed",     "sign_in_refused", "service_unreachable",
      "service_restored", "statistics_failed", "statistics_restored"};
  return kTypes;
}

const char* word(Platform platform) {
  switch (platform) {
    case Platform::sensor:
      return "sensor";
    case Platform::binary_sensor:
      return "binary_sensor";
    case Platform::switching:
      return "switch";
    case Platform::number:
      return "number";
    case Platform::select:
      return "select";
    case Platform::button:
      return "button";
    case Platform::event:
      break;
  }
  return "event";
}

}  // namespace emporia::homeassistant
