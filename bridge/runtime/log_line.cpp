#include "runtime/log_line.hpp"

#include <array>

#include "runtime/text.hpp"
#include "runtime/utf8.hpp"

namespace emporia::runtime {
namespace {

struct LevelRow {
  const char* word;
  /// Of syslog(3).
  int priority;
};

const LevelRow& row(LogLevel level) {
  static constexpr std::array<LevelRow, 4> kRows{{{"debug", 7}, {"info", 6}, {"warning", 4}, {"error", 3}}};
  return kRows.at(static_cast<std::size_t>(level));
}

/// Between the quotes of a JSON string. The text holds no control characters any more.
std::string json_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// The marks that turn the direction of the text behind them (U+202A to U+202E, U+2066 to U+2069): what stands behind a
/// name on the line would be read backwards.
bool turns_direction(std::string_view character) {
  const std::string_view last("\xAA\xAB\xAC\xAD\xAE");
  const std::string_view last_isolating("\xA6\xA7\xA8\xA9");
  const std::string_view lead = character.substr(0, 2);
  return (lead == "\xE2\x80" && last.find(character[2]) != std::string_view::npos) ||
         (lead == "\xE2\x81" && last_isolating.find(character[2]) != std::string_view::npos);
}

/// Line and paragraph separator: a viewer may break the line there.
bool breaks_line(std::string_view character) {
  return character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9";
}

}  // namespace

std::string fit_for_a_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const std::size_t good = utf8_length(text);
    line += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) break;
    line += text.front() == '\0' ? ' ' : '?';
    text.remove_prefix(1);
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const auto next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0U;
    if (byte < 0x20 || byte == 0x7f) line[i] = ' ';
    // C1 in UTF-8, which terminals obey as well.
    if (byte == 0xC2 && next >= 0x80 && next <= 0x9F) line.replace(i, 2, " ");
    if (byte != 0xE2 || i + 3 > line.size()) continue;
    const std::string_view character = std::string_view(line).substr(i, 3);
    const char* shown = turns_direction(character) ? "?" : breaks_line(character) ? " " : nullptr;
    if (shown != nullptr) line.replace(i, 3, shown);
  }
  return line;
}

std::string text_line(LogLevel level, std::string_view room, std::string_view text) {
  return concat(row(level).word, " ", room, ": ", text);
}

std::string journal_line(LogLevel level, std::string_view room, std::string_view text) {
  return concat("<", row(level).priority, ">", room, ": ", text);
}

std::string json_members(LogLevel level, std::string_view room, std::string_view text) {
  return concat(R"("level":")", row(level).word, R"(","room":")", json_escaped(room), R"(","message":")",
                json_escaped(text), "\"");
}

}  // namespace emporia::runtime
