#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "commands/setting.hpp"
#include "json/value.hpp"

namespace emporia::commands {

/// The value in the form the setting takes, whatever its range; nothing where it is of another form. Text is read like
/// the plain payload of a single setting.
std::optional<SettingValue> read_value(Setting setting, const json::Value& value);

/// A decimal number as in JSON, blanks around it allowed; nothing for hexadecimal, "nan", "inf", a comma, or what is
/// too large for a double. Knows no locale.
std::optional<double> read_number(std::string_view text);

/// A JSON scalar that is a number, or its text.
std::optional<double> read_number(const json::Value& value);

std::string_view without_blanks(std::string_view text);

/// Foreign content for a message: a number as it is, text as excerpt(), else what it is.
std::string shown(const json::Value& value);

}  // namespace emporia::commands
