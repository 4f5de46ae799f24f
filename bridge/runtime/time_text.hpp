#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace emporia::runtime {

/// "2026-11-23T05:10:00Z": ISO 8601 in UTC, whole seconds, the only form in which times leave the program.
std::string iso8601(std::chrono::sys_seconds time);

/// Reads back what iso8601() writes; nothing for any other text.
std::optional<std::chrono::sys_seconds> parse_iso8601(std::string_view text);

/// "45 s", "12 min", "3 h 20 min", "2 d 4 h": a duration for people, rounded down.
std::string for_people(std::chrono::seconds duration);

}  // namespace emporia::runtime
