#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/state.hpp"
#include "runtime/clock.hpp"
#include "runtime/result.hpp"

namespace emporia::commands {

/// Each kind has an Update and a List call of its own; calls of one kind follow one another, kinds go side by side.
enum class CallKind : std::uint8_t { outlets, chargers, batteries };
inline constexpr std::size_t kCallKinds = 3;

/// What to change. What is empty was not asked for and must not be sent.
struct OutletChange {
  model::DeviceId device;
  bool on = false;
  friend bool operator==(const OutletChange&, const OutletChange&) = default;
};
struct ChargerChange {
  model::DeviceId device;
  std::optional<bool> on;
  std::optional<std::uint32_t> charge_rate_a;
  friend bool operator==(const ChargerChange&, const ChargerChange&) = default;
};
struct BatteryChange {
  model::DeviceId device;
  std::optional<double> reserve_soc_pct;
  /// Complete: a mode with each of its settings, because the service replaces the mode as a whole.
  std::optional<model::Dispatch> dispatch;
  friend bool operator==(const BatteryChange&, const BatteryChange&) = default;
};

struct UpdateOutlets {
  std::vector<OutletChange> changes;
};
struct UpdateChargers {
  std::vector<ChargerChange> changes;
};
struct UpdateBatteries {
  std::vector<BatteryChange> changes;
};
/// The List call of the kind, for exactly these devices.
struct ReadBack {
  CallKind kind = CallKind::outlets;
  std::vector<model::DeviceId> devices;
};
/// The inventory, because it alone tells who is connected. Its outcome carries no states: it is to be in the Home by
/// then.
struct ReadInventory {};
using Request = std::variant<UpdateOutlets, UpdateChargers, UpdateBatteries, ReadBack, ReadInventory>;

using CallId = std::uint64_t;
struct Call {
  CallId id = 0;
  Request request;
};

/// Why a call brought nothing.
struct CallFailure {
  enum class Kind {
    /// Out of reach, broken or busy; whether it was carried out is not known.
    try_later,
    /// The call budget or the service's quota is used up; it was not carried out.
    over_budget,
    /// The service does not want this request; the text goes to the user.
    refused,
    /// There was a reply that cannot be understood; it may have been carried out.
    unclear
  };
  Kind kind = Kind::try_later;
  /// For people; one line, without secrets.
  std::string text;
  /// Not to be tried before; nothing leaves it to the queue.
  std::optional<runtime::SteadyTime> earliest;
};

using State = std::variant<model::OutletState, model::ChargerState, model::BatteryState>;
/// What the reply of an Update or List call contained.
using Outcome = runtime::Result<std::vector<State>, CallFailure>;

const model::DeviceId& device_of(const State& state);

}  // namespace emporia::commands
