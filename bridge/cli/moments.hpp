#pragma once

#include <string>
#include <string_view>

#include "model/energy.hpp"
#include "runtime/result.hpp"

namespace emporia::cli {

/// A point in time as people write it: "now", "today" and "yesterday" (their local midnight), "90m", "12h", "7d", "4w"
/// (so long before now), "2026-03-08" (its local midnight), "2026-03-08T14:30" and "...T14:30:10" with or without
/// blanks instead of T (local), the same with "Z" or "+01:00" behind it. Local is this machine's time zone, or TZ. The
/// error is a sentence with the forms there are.
runtime::Result<model::UtcSeconds, std::string> read_moment(std::string_view typed, model::UtcSeconds now);

}  // namespace emporia::cli
