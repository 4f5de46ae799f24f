#pragma once

#include <functional>
#include <set>

#include "ledger/hour.hpp"
#include "ledger/usage_ledger.hpp"

namespace emporia::ledger {

/// A device in the ledger.
struct Account {
  /// What the file calls it; 0 while it is not in the file.
  std::int64_t number = 0;
  /// What is before this is not counted: where the first booking began, or where an adopted counter ended.
  model::UtcSeconds start;
  Counters counters;

  /// End of the newest booked bucket of a measured channel.
  model::UtcSeconds newest() const;
};

/// Where booking finds what is booked of an hour; it may change it.
using HourAt = std::function<Hour&(model::UtcSeconds)>;

/// What a booking changed of a device.
struct Change {
  BookedSpan booked;
  BookedSpan revised;
  std::set<model::UtcSeconds> hours;
};

/// The arithmetic of booking, apart from where things are stored.
Change book_usage(Account& account, const Booking& booking, const HourAt& hour_at);

/// How many minutes of the hour lack a value that should be there.
unsigned missing_minutes(const Account& account, const Hour& hour, model::UtcSeconds start);

/// The hour may lose its single values.
bool may_fold(const Account& account, model::UtcSeconds start, unsigned missing);

}  // namespace emporia::ledger
