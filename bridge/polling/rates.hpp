#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace emporia::polling {

enum class PollKind : std::size_t { inventory, usage, outlets, ev_chargers, batteries, utility_connects };
inline constexpr std::size_t kPollKinds = 6;
/// "inventory", "usage" ...: the word of bridge/health.
const char* word(PollKind kind);

/// How often each kind is asked, by kind; nothing where there is nothing to ask.
using Intervals = std::array<std::optional<std::chrono::seconds>, kPollKinds>;

/// What the rates follow from.
struct Demand {
  /// Calls an hour that polls may make, commands' reserve and sign-ins already taken off.
  unsigned calls_per_hour = 78;
  /// Calls that one round of each kind takes; 0 where no device of the kind exists.
  std::array<unsigned, kPollKinds> calls_per_round{};
  /// A person's wish; nothing for automatic.
  Intervals configured{};
};

/// Shares the calls of an hour among the polls: by weight, no kind more often than its floor (usage not more often than
/// once a minute, as the vendor asks), none more seldom than its ceiling (the inventory at least hourly). What a floor
/// leaves over goes to the others. What a person configured is taken as it is and comes off first.
Intervals share_calls(const Demand& demand);

}  // namespace emporia::polling
