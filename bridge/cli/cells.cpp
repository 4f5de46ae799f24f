#include "cli/cells.hpp"

#include <algorithm>
#include <clocale>
#include <cstdint>
#include <cwchar>

#include "homeassistant/names.hpp"

namespace emporia::cli {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kLeftToRightMark = "\xE2\x80\x8E";

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

/// The first character of a text that is UTF-8 and not empty.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 1 || text.size() < length) return {byte(0), 1};
  std::uint32_t code = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t index = 1; index < length; ++index) code = (code << 6) | (byte(index) & 0x3FU);
  return {code, length};
}

/// Columns of one character, -1 for what cannot be shown. The library's own table, whatever the user's locale is.
int width_of(std::uint32_t code) {
  static const locale_t kUnicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (kUnicode == nullptr) return 1;
  const locale_t before = uselocale(kUnicode);
  const int width = wcwidth(static_cast<wchar_t>(code));
  uselocale(before);
  return width;
}

/// Hebrew, Arabic and their neighbours and presentation forms; the old scripts beyond the basic plane.
bool runs_leftward(std::uint32_t code) {
  return (code >= 0x0590 && code <= 0x08FF) || (code >= 0xFB1D && code <= 0xFDFF) ||
         (code >= 0xFE70 && code <= 0xFEFC) || (code >= 0x10800 && code <= 0x10FFF) ||
         (code >= 0x1E800 && code <= 0x1EFFF);
}

/// As much of the text as fits into the columns.
std::string_view head(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  std::size_t used = 0;
  while (bytes < text.size()) {
    const Character character = first_of(text.substr(bytes));
    used += static_cast<std::size_t>(std::max(width_of(character.code), 0));
    if (used > columns) break;
    bytes += character.bytes;
  }
  return text.substr(0, bytes);
}

std::string cut(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  return printable(head(text, columns - 1)) + std::string(kEllipsis);
}

const char* begin_of(Style style) {
  switch (style) {
    case Style::strong:
      return "\x1b[1m";
    case Style::faint:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::warning:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
    case Style::plain:
      break;
  }
  return "";
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_of(text);
    columns += static_cast<std::size_t>(std::max(width_of(character.code), 0));
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string printable(std::string_view text) {
  const std::string clean = homeassistant::clean_name(text);
  std::string shown;
  bool leftward = false;
  for (std::string_view rest = clean; !rest.empty();) {
    const Character character = first_of(rest);
    if (width_of(character.code) < 0) {
      shown += '?';
    } else {
      shown += rest.substr(0, character.bytes);
    }
    leftward = leftward || runs_leftward(character.code);
    rest.remove_prefix(character.bytes);
  }
  if (leftward) shown += kLeftToRightMark;
  return shown;
}

std::string left_aligned(std::string_view text, std::size_t columns) {
  std::string shown = cut(text, columns);
  shown.append(columns - std::min(columns, columns_of(shown)), ' ');
  return shown;
}

std::string right_aligned(std::string_view text, std::size_t columns) {
  const std::string shown = cut(text, columns);
  return std::string(columns - std::min(columns, columns_of(shown)), ' ') + shown;
}

std::vector<std::string> wrapped(std::string_view sentence, std::size_t columns) {
  constexpr std::size_t kMostLines = 6;
  std::vector<std::string> lines;
  while (!sentence.empty()) {
    const std::size_t blank = sentence.find_first_of(" \t\r\n");
    const std::string word = cut(printable(sentence.substr(0, blank)), columns);
    sentence.remove_prefix(blank == std::string_view::npos ? sentence.size() : blank + 1);
    if (word.empty()) continue;
    if (!lines.empty() && columns_of(lines.back()) + 1 + columns_of(word) <= columns) {
      lines.back() += ' ' + word;
    } else if (lines.size() == kMostLines) {
      break;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::string to_text(const Line& line, std::size_t columns, bool colour) {
  std::string text;
  std::size_t left = columns;
  for (const Span& span : line) {
    const std::string_view shown = head(span.text, left);
    left -= columns_of(shown);
    const bool styled = colour && span.style != Style::plain && !shown.empty();
    if (styled) text += begin_of(span.style);
    text += shown;
    if (styled) text += "\x1b[0m";
    if (shown.size() < span.text.size()) break;
  }
  if (!colour) text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace emporia::cli
