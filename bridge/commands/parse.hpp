#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "commands/setting.hpp"
#include "json/value.hpp"
#include "model/home.hpp"

namespace emporia::commands {

/// What a message on a command topic asks for.
struct Asked {
  /// The request's own, a string or a number, echoed in every result; null without one.
  json::Value id;
  /// The request's own deadline; 1 to 600 s.
  std::optional<std::chrono::milliseconds> timeout;
  /// Legal for the device. What was understood before the error, if there is one.
  Settings settings;
  /// Why it is refused, for people: bounded, printable, with what is legal. Empty: it is not.
  std::string error;
};

/// Longer payloads are refused unread.
inline constexpr std::size_t kLongestPayload = 8192;

/// Empty or blank: how a topic is cleared, and no command.
bool is_nothing(std::string_view payload);

/// Reads a command and checks it against the device's model and ranges. `setting` is the level below set/, nothing for
/// set itself. Nothing comes of what is_nothing().
///  - <id>/set: a JSON object of settings, and besides them `id` and `timeout_s`.
///  - <id>/set/<setting>: ON, 24, idle as plain text, the same as a JSON scalar, or {"value": 24} with `id` and
///    `timeout_s`.
/// Flags are true, 1, "ON" and the like in any case; numbers are JSON numbers or the same as text, whatever the
/// machine's locale; modes are their words or their labels in any case, with '_', '-' or blanks. `reserve_soc_pct` is a
/// reserve that is on its way to the device.
std::optional<Asked> parse(const model::DevicePicture& picture, const std::optional<std::string>& setting,
                           std::string_view payload, std::optional<double> reserve_soc_pct = std::nullopt);

}  // namespace emporia::commands
