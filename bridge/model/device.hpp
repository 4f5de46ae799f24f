#pragma once

#include <string>
#include <vector>

#include "model/ids.hpp"

namespace emporia::model {

/// `group` is no product but a configured sum of circuits, whose only channel is 1. `unknown` stands for models newer
/// than this program as well: such a device is shown with what the inventory tells.
enum class DeviceModel { unknown, vue1, vue2, vue3, utility_connect, outlet, ev_charger, battery, group };

enum class CircuitType { unknown, main_200a, expansion_50a, main, battery };

/// As the customer configured it. Decides the sign of the values: consumption >= 0, generation <= 0, both otherwise.
enum class EnergyDirection { unknown, consumption, generation, bidirectional };

struct Circuit {
  Channel channel = 0;
  CircuitType type = CircuitType::unknown;
  EnergyDirection direction = EnergyDirection::unknown;
  /// The service's label of the appliance, or of what a battery circuit measures. May be empty.
  std::string sub_type;
  /// The customer's text, any bytes that are valid UTF-8, may be empty.
  std::string name;
  friend bool operator==(const Circuit&, const Circuit&) = default;
};

/// One entry of the inventory.
struct Device {
  DeviceId id;
  DeviceModel model = DeviceModel::unknown;
  std::string firmware;
  /// The site has generation: its mains flow both ways.
  bool solar = false;
  /// The customer's text, changeable, may be empty.
  std::string name;
  /// IANA name; "UTC" where the customer never chose one.
  std::string timezone;
  /// The device's link to the cloud is up now.
  bool connected = false;
  /// 1 to 28; 0 where the service does not tell.
  unsigned billing_cycle_start_day = 0;
  std::vector<std::string> customer_emails;
  /// By ascending channel, each channel once.
  std::vector<Circuit> circuits;
  friend bool operator==(const Device&, const Device&) = default;
};

constexpr bool is_monitor(DeviceModel model) {
  return model == DeviceModel::vue1 || model == DeviceModel::vue2 || model == DeviceModel::vue3;
}

/// The models whose state is read with a List call of their own.
constexpr bool has_settings(DeviceModel model) {
  return model == DeviceModel::outlet || model == DeviceModel::ev_charger || model == DeviceModel::battery;
}

/// Channels 1 to 3 of a monitor are its mains.
constexpr bool is_mains(DeviceModel model, Channel channel) {
  return is_monitor(model) && channel >= 1 && channel <= 3;
}

/// The number printed beside the socket on the monitor: circuit 1 is channel 4.
constexpr Channel printed_number(DeviceModel model, Channel channel) {
  return is_monitor(model) && channel > 3 ? channel - 3 : channel;
}

/// "Vue 2", "Smart Outlet" ...: what the product is called in shops.
const char* product_name(DeviceModel model);
/// "vue2", "outlet" ...: the stable word of our configuration and payloads.
const char* word(DeviceModel model);
const char* word(EnergyDirection direction);

}  // namespace emporia::model
