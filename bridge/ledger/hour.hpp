#pragma once

#include <array>
#include <bit>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "ledger/micro_wh.hpp"
#include "model/by_channel.hpp"
#include "model/energy.hpp"

namespace emporia::ledger {

/// The minutes of an hour.
inline constexpr unsigned kMinutes = 60;
using Minutes = std::uint64_t;

/// The bits of `count` minutes from `first` on.
constexpr Minutes minutes_from(unsigned first, unsigned count) {
  return ((Minutes{1} << count) - 1) << first;
}
inline constexpr Minutes kAllMinutes = minutes_from(0, kMinutes);
inline unsigned count_of(Minutes minutes) {
  return static_cast<unsigned>(std::bitset<64>(minutes).count());
}

/// Calls `act` with the number of each of the minutes. Most bookings are of few of the sixty.
template <typename Act>
void each_minute(Minutes minutes, Act act) {
  for (; minutes != 0; minutes &= minutes - 1) act(static_cast<unsigned>(std::countr_zero(minutes)));
}

/// What is booked of one channel within one hour.
struct ChannelHour {
  /// The minutes that are booked, and of these the ones that were told in a quarter hour or an hour, which share its
  /// energy evenly.
  Minutes booked = 0;
  Minutes of_quarter = 0;
  Minutes of_hour = 0;
  /// By minute; only those that are booked count. Empty of meaning in a folded hour.
  std::array<MicroWh, kMinutes> energy{};
  /// What remains of a folded hour.
  Sums folded;

  friend bool operator==(const ChannelHour&, const ChannelHour&) = default;
};

/// What is booked of one device within one hour: every value, or when folded its sums only.
struct Hour {
  bool folded = false;
  /// What was booked of it cannot be read any more. It stays counted, and because nobody knows which minutes that was,
  /// nothing is booked in this hour again.
  bool lost = false;
  /// A day or a billing cycle begins within it, as in places whose clocks are half an hour off: its minutes are kept
  /// for longer, because sums since then need them.
  bool divided = false;
  model::ByChannel<ChannelHour> channels;

  /// Gives up the single values for their sums. Which minutes are booked stays known.
  void fold();
  /// An hour whose content is lost.
  static Hour unreadable();
  friend bool operator==(const Hour&, const Hour&) = default;
};

/// Few bytes: a minute takes about four, a zero one.
std::string to_bytes(const Hour& hour);
/// Nothing when the bytes are not from to_bytes(), or hold what no booking can have made.
std::optional<Hour> from_bytes(const std::string& bytes);

enum class Effect { nothing, booked, revised };

/// Books a bucket of `count` minutes (1, 15 or 60) that starts in minute `first`, into the channel's hour and its sums.
/// `open` are the minutes that may be booked at all: a bucket that is not within them is left alone.
Effect book_bucket(Hour& hour, model::Channel channel, unsigned first, unsigned count, MicroWh energy, Minutes open,
                   Sums& sums);

}  // namespace emporia::ledger
