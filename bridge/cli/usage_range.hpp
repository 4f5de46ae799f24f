#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/energy.hpp"
#include "runtime/result.hpp"

namespace emporia::cli {

/// Which buckets of a device are to be read: those that begin at or after `from` and before `to`; of the scales without
/// a fixed length also the one that holds `from`.
struct UsageRange {
  model::Scale scale = model::Scale::hours;
  model::UtcSeconds from;
  model::UtcSeconds to;
};

/// A question for the service: its first and last bucket.
struct UsagePortion {
  model::UtcSeconds start;
  model::UtcSeconds end;
  friend bool operator==(const UsagePortion&, const UsagePortion&) = default;
};

/// The scale of that word, or the one that suits the range: minutes up to six hours, quarter hours up to three days,
/// hours up to two months, days beyond; coarser where the service no longer keeps so fine a one. The error is a
/// sentence.
runtime::Result<model::Scale, std::string> choose_scale(std::string_view word, model::UtcSeconds from,
                                                        model::UtcSeconds to, model::UtcSeconds now);

/// Checks and trims to what the service can have: begins on the edge of a bucket; of a fixed length it ends where the
/// service may still change its numbers (`settled_until`). Minutes are kept for a week and quarter hours for a year,
/// and what begins before is refused with what to do. The error is a sentence.
runtime::Result<UsageRange, std::string> usage_range(model::Scale scale, model::UtcSeconds from, model::UtcSeconds to,
                                                     model::UtcSeconds settled_until, model::UtcSeconds now);

/// The calls that read it, in order, none of them too large for a message.
std::vector<UsagePortion> portions_of(const UsageRange& range);

}  // namespace emporia::cli
