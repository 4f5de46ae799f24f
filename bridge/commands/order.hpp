#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "commands/call.hpp"
#include "commands/command.hpp"
#include "commands/setting.hpp"
#include "runtime/clock.hpp"

namespace emporia::commands {

using OrderId = std::uint64_t;

/// An accepted command until its final result.
struct Order {
  enum class Phase {
    /// Not sent, or to be sent again: a newer command may take a setting over.
    waiting,
    /// Sent, or sent and being read back: finishes by itself.
    sent
  };
  json::Value id;
  std::string topic_id;
  Origin origin;
  model::DeviceId device;
  CallKind kind = CallKind::outlets;
  /// All of the command, and what of it is still to be sent or shown.
  Settings asked;
  Settings wanted;
  /// Settings taken over by newer commands before they were sent, and those of `wanted` while it was sent.
  std::vector<Setting> taken_over;
  std::vector<Setting> newer_waits;
  /// Settings kept for another mode.
  std::vector<Setting> kept;

  Phase phase = Phase::waiting;
  runtime::SteadyTime arrived;
  runtime::SteadyTime hold_until;
  runtime::SteadyTime deadline;
  std::chrono::milliseconds timeout{0};
  runtime::SystemTime last_sent;
  unsigned sends = 0;
  /// How often it was sent and then not shown.
  unsigned not_shown = 0;
  /// A send may have been carried out without a reply of it: "it already was so" can no longer be told.
  bool unclear = false;
  bool told_when = false;
  /// What is known so far, for a timeout.
  std::string trouble;
};

/// The settings' values in what was read; those it does not tell are left out.
Settings shown_in(const State& state, const Settings& settings);
/// Whether the state tells every one of the settings with that value. Numbers may differ by what the service rounds.
bool shows(const State& state, const Settings& wanted);
/// "charge_rate_a 16, on true".
std::string described(const Settings& settings);

/// Removes the settings, and tells whether any are left.
bool take_away(Settings& settings, const std::vector<Setting>& taken);
bool holds(const std::vector<Setting>& settings, Setting setting);

/// A mode or a setting of one is wanted, so that it goes in one message with what else touches the mode.
bool touches_mode(const Order& order);

/// What must go in one call and what may be refused apart from the rest: for batteries all that touches the mode of one
/// device, else each order.
std::vector<std::vector<OrderId>> units(const std::vector<std::pair<OrderId, const Order*>>& orders);

/// The text of a note about settings that were not sent; empty when all were.
std::string note_of(const Order& order);

}  // namespace emporia::commands
