#include "commands/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "runtime/text.hpp"

namespace emporia::commands {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Lower case, blanks and dashes as '_'. Too long for any word of ours: empty.
std::string folded(std::string_view text) {
  constexpr std::size_t kLongestWord = 40;
  const std::string_view inner = without_blanks(text);
  if (inner.size() > kLongestWord) return {};
  std::string result(inner);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '-') c = '_';
  }
  return result;
}

std::optional<SettingValue> read_flag(const json::Value& value) {
  if (const bool* flag = value.as_bool()) return *flag;
  if (const std::string* text = value.as_string()) {
    const std::string told = folded(*text);
    if (told == "on" || told == "true") return true;
    if (told == "off" || told == "false") return false;
  }
  const auto number = read_number(value);
  if (number == 1.0) return true;
  if (number == 0.0) return false;
  return std::nullopt;
}

std::optional<SettingValue> read_mode(const json::Value& value) {
  const std::string* text = value.as_string();
  if (text == nullptr) return std::nullopt;
  const std::string told = folded(*text);
  for (const model::DispatchMode mode : dispatch_modes()) {
    if (told == model::word(mode)) return mode;
  }
  return std::nullopt;
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<double> read_number(std::string_view text) {
  const std::string_view number = without_blanks(text);
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < number.size() && is_digit(number[at])) ++at;
    return at > from;
  };
  const auto skip = [&](std::string_view any_of) {
    const bool found = at < number.size() && any_of.find(number[at]) != std::string_view::npos;
    if (found) ++at;
    return found;
  };
  skip("-");
  if (!digits()) return std::nullopt;
  if (skip(".") && !digits()) return std::nullopt;
  if (skip("eE")) {
    skip("+-");
    if (!digits()) return std::nullopt;
  }
  if (at != number.size()) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> read_number(const json::Value& value) {
  if (const std::int64_t* integer = value.as_integer()) return static_cast<double>(*integer);
  if (const double* number = value.as_double()) return *number;
  if (const std::string* text = value.as_string()) return read_number(std::string_view(*text));
  return std::nullopt;
}

std::optional<SettingValue> read_value(Setting setting, const json::Value& value) {
  std::optional<double> number;
  switch (form_of(setting)) {
    case Form::flag:
      return read_flag(value);
    case Form::mode:
      return read_mode(value);
    case Form::whole_amperes:
      number = read_number(value);
      if (number && *number != std::trunc(*number)) return std::nullopt;
      break;
    case Form::percent:
    case Form::power_kw:
      number = read_number(value);
      break;
  }
  if (!number) return std::nullopt;
  return *number;
}

std::string shown(const json::Value& value) {
  if (const bool* flag = value.as_bool()) return *flag ? "true" : "false";
  if (const std::int64_t* integer = value.as_integer()) return runtime::concat(*integer);
  if (const double* number = value.as_double()) return runtime::concat(*number);
  if (const std::string* text = value.as_string()) return excerpt(*text);
  if (value.as_array() != nullptr) return "a list";
  if (value.as_object() != nullptr) return "an object";
  return "null";
}

}  // namespace emporia::commands
