#include "model/device.hpp"

namespace emporia::model {

const char* product_name(DeviceModel model) {
  switch (model) {
    case DeviceModel::vue1:
      return "Vue 1";
    case DeviceModel::vue2:
      return "Vue 2";
    case DeviceModel::vue3:
      return "Vue 3";
    case DeviceModel::utility_connect:
      return "Utility Connect";
    case DeviceModel::outlet:
      return "Smart Outlet";
    case DeviceModel::ev_charger:
      return "EV Charger";
    case DeviceModel::battery:
      return "Battery";
    case DeviceModel::group:
      return "Group";
    case DeviceModel::unknown:
      break;
  }
  return "Unknown device";
}

const char* word(DeviceModel model) {
  switch (model) {
    case DeviceModel::vue1:
      return "vue1";
    case DeviceModel::vue2:
      return "vue2";
    case DeviceModel::vue3:
      return "vue3";
    case DeviceModel::utility_connect:
      return "utility_connect";
    case DeviceModel::outlet:
      return "outlet";
    case DeviceModel::ev_charger:
      return "ev_charger";
    case DeviceModel::battery:
      return "battery";
    case DeviceModel::group:
      return "group";
    case DeviceModel::unknown:
      break;
  }
  return "unknown";
}

const char* word(EnergyDirection direction) {
  switch (direction) {
    case EnergyDirection::consumption:
      return "consumption";
    case EnergyDirection::generation:
      return "generation";
    case EnergyDirection::bidirectional:
      return "bidirectional";
    case EnergyDirection::unknown:
      break;
  }
  return "unknown";
}

}  // namespace emporia::model
