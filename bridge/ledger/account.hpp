#pragma once

#include <functional>
#include <map>
#include <optional>

#include "ledger/hour.hpp"
#include "ledger/marks.hpp"
#include "ledger/revision.hpp"
#include "ledger/usage_ledger.hpp"

namespace emporia::ledger {

/// A device in the ledger.
struct Account {
  /// What the file calls it; 0 while it is not in the file.
  std::int64_t number = 0;
  /// What is before this is not counted: where the first booking began, or where an adopted counter ended. It moves on
  /// with what is forgotten, because what is not known to be booked must not be booked a second time.
  model::UtcSeconds start;
  Counters counters;
  Marks marks;
  /// booked_until() as of the last commit.
  std::optional<model::UtcSeconds> kept_until;

  /// End of the newest booked bucket; nothing where there is none.
  std::optional<model::UtcSeconds> booked_until() const;
  /// The same, or else where counting begins.
  model::UtcSeconds newest() const;
};

/// Where booking finds what is booked of an hour; it may change it.
using HourAt = std::function<Hour&(model::UtcSeconds)>;

/// What a booking changed of a device.
struct Change {
  BookedSpan booked;
  BookedSpan revised;
  /// The hours, and of each the minutes that buckets were booked in.
  std::map<model::UtcSeconds, Minutes> hours;
  /// Of the measured channels; what is computed of them follows.
  std::vector<Revision> revisions;
};

/// The arithmetic of booking, apart from where things are stored. Usage older than `kept` before the newest is not
/// booked.
Change book_usage(Account& account, const Booking& booking, const HourAt& hour_at,
                  std::chrono::hours kept = UsageLedger::kHoursKept);

/// The minutes of the hour between two times.
Minutes minutes_between(model::UtcSeconds hour, model::UtcSeconds from, model::UtcSeconds until);

/// How many minutes of the hour lack a value that should be there.
unsigned missing_minutes(const Account& account, const Hour& hour, model::UtcSeconds start);

/// The hour may lose its single values.
bool may_fold(const Account& account, const Hour& hour, model::UtcSeconds start, unsigned missing);

}  // namespace emporia::ledger
