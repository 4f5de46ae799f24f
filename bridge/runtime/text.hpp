#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace emporia::runtime {

namespace detail {
inline void append(std::string& text, std::string_view part) {
  text += part;
}
// Constrained, because an array of characters would rather become a bool than a string_view.
template <std::same_as<bool> Flag>
void append(std::string& text, Flag part) {
  text += part ? "true" : "false";
}
template <typename Number>
requires((std::integral<Number> || std::floating_point<Number>)&&!std::same_as<Number, bool> &&
         !std::same_as<Number, char>) void append(std::string& text, Number part) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, part).ptr;
  text.append(digits, end);
}

/// Room for a part: texts as they are, a number's digits by and large.
inline std::size_t room_for(std::string_view part) {
  return part.size();
}
template <typename Part>
requires(std::is_arithmetic_v<Part>) std::size_t room_for(Part) {
  return 8;
}
}  // namespace detail

/// Joins texts, numbers (shortest form that reads back the same) and flags into one string.
template <typename... Parts>
std::string concat(const Parts&... parts) {
  std::string text;
  text.reserve((std::size_t{0} + ... + detail::room_for(parts)));
  (detail::append(text, parts), ...);
  return text;
}

}  // namespace emporia::runtime
