#pragma once

#include <optional>
#include <string_view>

#include "settings/settings.hpp"

namespace emporia::settings {

/// One of several bridges that share the devices of one account.
struct Shard {
  /// From 1 to count.
  unsigned number = 1;
  unsigned count = 1;
  friend bool operator==(const Shard&, const Shard&) = default;
};

/// Bridges that may share an account: at the largest calls_per_hour each has the smallest.
inline constexpr unsigned kMostShards = 100;
/// The least calls_per_hour with which a bridge works: the smallest that the option takes.
inline constexpr int kLeastCallsPerHour = 10;

/// "2/8"; nothing for any other text.
std::optional<Shard> parse_shard(std::string_view text);
/// What [fleet] shard says; nothing when the bridge has all devices.
std::optional<Shard> shard(const Settings& settings);

/// The number of the bridge that has the device of this key, one of `count`: jump consistent hash (Lamping and Veach,
/// 2014) of the 64-bit FNV-1a hash of the key's bytes, in whole numbers, so that it is the same on every machine. With
/// one bridge more, only devices that go to the new one change hands. It must never change: devices would move.
unsigned shard_of(std::string_view key, unsigned count);

/// What one bridge may spend of the account's budget: an equal part of the calls, the first bridges one more where it
/// does not divide, so that all together spend the account's; and of the reserve at least one call, if there is any.
Budget part_of(const Budget& account, const Shard& shard);
/// [budget] as it is, or this bridge's part of it.
Budget own_budget(const Settings& settings);

}  // namespace emporia::settings
