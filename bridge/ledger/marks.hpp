#pragma once

#include <vector>

#include "ledger/hour.hpp"
#include "ledger/usage_ledger.hpp"
#include "model/by_channel.hpp"

namespace emporia::ledger {

/// A moment from which on energy is counted besides the whole life of a device. What is kept is what was booked before
/// it: a booking after it, which is the rule, costs nothing then, and the energy since is the rest of the counter.
struct Mark {
  model::UtcSeconds since;
  model::ByChannel<Sums> before;
  friend bool operator==(const Mark&, const Mark&) = default;
};
/// By ascending time.
using Marks = std::vector<Mark>;

/// As book_bucket(), with the marks kept right: what is booked before a mark, late or revised, is before it. A bucket
/// across a mark is divided by its minutes.
Effect book_marked(Marks& marks, Hour& hour, model::UtcSeconds hour_start, model::Channel channel, unsigned first,
                   unsigned count, MicroWh energy, Minutes open, Sums& sums);

/// What is booked of a channel in some minutes of an hour. A folded hour has shared its energy evenly.
Sums sums_in(const Hour& hour, model::Channel channel, Minutes minutes);

/// Whether a mark lies within the hour and not at its edges: it needs the hour's minutes then.
bool divides(const Marks& marks, model::UtcSeconds hour_start);

/// The minutes of the hour from `since` on.
Minutes minutes_since(model::UtcSeconds hour_start, model::UtcSeconds since);

}  // namespace emporia::ledger
