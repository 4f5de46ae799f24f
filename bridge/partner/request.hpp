#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/device.hpp"
#include "model/energy.hpp"
#include "model/state.hpp"

namespace emporia::partner {

/// The ten calls of the Partner API in our own types. Lists of ids are always explicit: revisions of the service
/// differ on what an empty list means, and the gateway refuses to send one.
struct SignIn {
  std::string email;
  std::string password;
};
struct ListDevices {
  /// Narrows the inventory to these customers; empty asks for all that the account may see.
  std::vector<std::string> customer_emails;
};
struct FetchUsage {
  std::vector<model::DeviceId> devices;
  model::Scale scale = model::Scale::minutes;
  /// First bucket and end, UTC; the service includes the bucket that holds the end, so `end` is the start of the last
  /// bucket that is wanted.
  model::UtcSeconds start;
  model::UtcSeconds end;
};
enum class StateKind { outlets, ev_chargers, batteries, utility_connects };
struct ListStates {
  StateKind kind = StateKind::outlets;
  std::vector<model::DeviceId> devices;
};
struct OutletUpdate {
  model::DeviceId device;
  bool on = false;
};
struct UpdateOutlets {
  std::vector<OutletUpdate> updates;
};
/// What is empty is left as it is.
struct ChargerUpdate {
  model::DeviceId device;
  std::optional<bool> on;
  std::optional<std::uint32_t> charge_rate_a;
};
struct UpdateChargers {
  std::vector<ChargerUpdate> updates;
};
struct BatteryUpdate {
  model::DeviceId device;
  std::optional<double> reserve_soc_pct;
  std::optional<model::Dispatch> dispatch;
};
struct UpdateBatteries {
  std::vector<BatteryUpdate> updates;
};
using Request =
    std::variant<SignIn, ListDevices, FetchUsage, ListStates, UpdateOutlets, UpdateChargers, UpdateBatteries>;

/// Answers. Each holds only what was sound.
struct Token {
  std::string text;
};
struct Inventory {
  std::vector<model::Device> devices;
};
struct Usage {
  /// A device without data in the range is left out.
  std::vector<model::DeviceUsage> devices;
};
using DeviceState =
    std::variant<model::OutletState, model::ChargerState, model::BatteryState, model::UtilityConnectState>;
struct States {
  std::vector<DeviceState> states;
};
using Answer = std::variant<Token, Inventory, Usage, States>;

/// The method's name at the service, for logs and metrics.
const char* method_name(const Request& request);

}  // namespace emporia::partner
