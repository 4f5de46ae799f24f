#pragma once

#include "ledger/account.hpp"

namespace emporia::ledger {

/// A channel that had a value belongs in the minutes of a day after it: a clamp taken off is not waited for longer.
inline constexpr std::chrono::hours kExpectedFor{24};

/// A sum of channels minute by minute.
struct MinuteSums {
  std::array<MicroWh, kMinutes> energy{};
  /// The minutes in which no part is missing, and those in which there is any.
  Minutes whole = kAllMinutes;
  Minutes any = 0;
};

/// What of some minutes was booked, and which had been booked with another value.
struct BookedMinutes {
  Minutes fresh = 0;
  Minutes revised = 0;
};

/// Books a computed channel in those of `minutes` in which the sum is whole; one that counts already follows the sum.
BookedMinutes book_minutes(Account& account, Hour& hour, model::Channel channel, model::UtcSeconds start,
                           const MinuteSums& sums, Minutes minutes);

/// Books what is computed minute by minute of a monitor, in the minutes of the hour whose channels have changed:
///  - kMergedMains: the legs summed; positive imports, negative exports.
///  - kBalance: merged mains less all circuits, which is what no circuit measures. Generation counts with its sign, so
///    a solar circuit adds to what the house used. May be negative; that is shown, not hidden.
/// A sum over an incomplete minute would look like a dip, so it begins to count when no channel that belongs in it is
/// missing: one that has a value within the hour, or had one within the day before, by the counters. Once it counts it
/// follows the values of its channels. A leg that was never fitted is not waited for. Channels above 19 are taken for
/// merged circuits, which would count their legs twice, and are left out.
void derive(Account& account, model::DeviceModel model, Hour& hour, model::UtcSeconds start, Minutes minutes);

}  // namespace emporia::ledger
