#pragma once

#include <map>
#include <vector>

#include "ledger/account.hpp"

namespace emporia::ledger {

/// What the service tells now of a device in one scale, for a range of whole hours.
struct Told {
  model::UtcSeconds from;
  model::UtcSeconds until;
  /// Of a fixed length: minutes, fifteen_minutes or hours.
  model::DeviceUsage usage;
};

/// An hour of a channel in which ledger and service do not agree.
struct Difference {
  model::UtcSeconds hour;
  model::Channel channel = 0;
  /// Of what was compared: positive less negative.
  MicroWh booked = 0;
  MicroWh told = 0;
  /// Minutes for which the service has a value and the ledger has none.
  unsigned unbooked_minutes = 0;
  friend bool operator==(const Difference&, const Difference&) = default;
};

/// Why a stretch of time is left out of the comparison. None of them speaks against the ledger.
enum class LeftOut {
  /// Before the device's first booked bucket, or forgotten since.
  not_counted,
  /// After the newest booked bucket, or not settled.
  not_booked_yet,
  /// What was booked in the hour is not known any more.
  not_kept,
  /// The service does not tell the same minutes any more.
  not_told
};
const char* in_words(LeftOut reason);

struct Audit {
  std::vector<Difference> differences;
  /// Minutes of hours; one of a single channel is not told apart from one of all.
  std::map<LeftOut, std::map<model::UtcSeconds, Minutes>> left_out;
  /// Hours of channels, and minutes of channels, that were compared.
  std::size_t hours = 0;
  std::size_t minutes = 0;
};

/// What was left out, in order of time.
struct Stretch {
  model::UtcSeconds from;
  model::UtcSeconds until;
  LeftOut reason = LeftOut::not_counted;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};
std::vector<Stretch> stretches(const Audit& audit);

/// Adds to the audit how what is booked of the measured channels agrees with what the service tells. Minute by minute
/// where both tell minutes, else by the hour's sum; where one of them tells coarser buckets only, sums that differ by
/// less than one in a hundred agree, because the service's own scales do not agree better. What the newest hour lacks
/// is still to come and no difference. Merged mains and balance follow from the measured channels and are not compared.
void compare(Audit& audit, const Account& account, const std::map<model::UtcSeconds, Hour>& booked, const Told& told,
             model::UtcSeconds settled_until);

}  // namespace emporia::ledger
