#pragma once

#include <string>
#include <string_view>

#include "json/value.hpp"
#include "model/energy.hpp"
#include "runtime/result.hpp"

namespace emporia::app {

/// Reads a point in time that somebody asks for: ISO 8601 with a zone ("2026-11-23T08:00:00Z", "...T09:00+01:00",
/// fractions of a second are dropped), a date alone (its midnight in UTC), or whole seconds since 1970 as a number or
/// text. Only times from 2000 to 2099. The error is a sentence that begins with `name`.
runtime::Result<model::UtcSeconds, std::string> read_time(std::string_view name, const json::Value& value);

}  // namespace emporia::app
