#pragma once

#include <string>
#include <string_view>

#include "runtime/log.hpp"

namespace emporia::runtime {

/// Foreign text as one line that any reader of the log can take: control characters (C0, DEL, C1) as spaces, bytes that
/// are no UTF-8, and marks that turn the direction of the text, as '?'.
std::string fit_for_a_line(std::string_view text);

// One event without its time, from texts that are fit for a line.

/// "warning mqtt: the broker is away"
std::string text_line(LogLevel level, std::string_view room, std::string_view text);
/// "<4>mqtt: the broker is away": the number in front is the priority as sd-daemon(3) wants it; the journal adds the
/// time.
std::string journal_line(LogLevel level, std::string_view room, std::string_view text);
/// `"level":"warning","room":"mqtt","message":"the broker is away"`: the members of a JSON object.
std::string json_members(LogLevel level, std::string_view room, std::string_view text);

}  // namespace emporia::runtime
