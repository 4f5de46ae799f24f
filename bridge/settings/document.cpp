#include "settings/document.hpp"

#include <algorithm>
#include <optional>
#include <toml++/toml.h>

#include "settings/files.hpp"

namespace emporia::settings {
namespace {

Position position_of(const toml::source_position& at) {
  return {static_cast<int>(std::max<toml::source_index>(at.line, 1)),
          static_cast<int>(std::max<toml::source_index>(at.column, 1))};
}

/// Nesting is bounded by the library (256), so this may call itself.
Value copy_of(const toml::node& node) {
  Value value{position_of(node.source().begin), Moment{}};
  if (const auto* text = node.as_string()) {
    value.content = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.content = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.content = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.content = flag->get();
  } else if (const auto* array = node.as_array()) {
    List list;
    for (const toml::node& item : *array) list.push_back(copy_of(item));
    value.content = std::move(list);
  } else if (const auto* table = node.as_table()) {
    Table members;
    for (auto&& [key, member] : *table) {
      members.push_back({std::string(key.str()), position_of(key.source().begin), copy_of(member)});
    }
    value.content = std::move(members);
  }
  return value;
}

/// The passage in single quotes that the library quotes first, or nothing.
std::string first_quoted(std::string_view text) {
  const auto begin = text.find('\'');
  const auto end = begin == std::string_view::npos ? begin : text.find('\'', begin + 1);
  if (end == std::string_view::npos) return {};
  return std::string(text.substr(begin + 1, end - begin - 1));
}

/// The library quotes digits and letters of values it cannot read; any of them may be a password without its quotes.
std::string without_quotations(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto begin = text.find('\'');
    const auto end = begin == std::string_view::npos ? begin : text.find('\'', begin + 1);
    if (end == std::string_view::npos) break;
    const bool harmless = end - begin <= 2;
    result.append(text.substr(0, begin)).append(harmless ? text.substr(begin, end - begin + 1) : "...");
    text.remove_prefix(end + 1);
  }
  return result.append(text.substr(0, text.find('\'')));
}

/// The frequent errors in the words of somebody who edits a configuration file.
std::string in_our_words(std::string_view said) {
  const auto says = [&](std::string_view part) { return said.find(part) != std::string_view::npos; };
  if (says("cannot redefine") && says("table header")) {
    return "[" + first_quoted(said) + "] begins a second time; put its options below the first one";
  }
  if (says("cannot redefine")) return first_quoted(said) + ": set a second time; remove one of the two";
  if (says("could not determine value type")) return "not a value; text needs quotes, like \"text\"";
  if (says("expected value-terminator") || says("expected a comment or whitespace")) {
    return "something follows the value; is a quote or a comma missing?";
  }
  if (says("control characters other than TAB")) {
    return "the text does not end before the line does; is the closing quote missing?";
  }
  if (says("unknown escape sequence")) {
    return "a backslash means something special between double quotes; put the text between single quotes";
  }
  if (says("expected '='")) return "expected: option = value";
  return without_quotations(said);
}

/// The line with that number, as offsets into the text; the line break is not part of it.
struct Line {
  std::size_t begin = 0;
  std::size_t length = 0;
};
std::optional<Line> find_line(std::string_view text, int number) {
  std::size_t begin = 0;
  for (int line = 1; line < number; ++line) {
    const auto end = text.find('\n', begin);
    if (end == std::string_view::npos) return std::nullopt;
    begin = end + 1;
  }
  return Line{begin, std::min(text.find('\n', begin), text.size()) - begin};
}

/// Whether reading can go on without this line: a whole `name = value`, not a table's header, on whose absence the
/// following lines would land in the wrong table, and not part of something longer.
bool expendable(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line[first] != '[' && line[first] != '#' &&
         line.find('=') != std::string_view::npos && line.find("\"\"\"") == std::string_view::npos &&
         line.find("'''") == std::string_view::npos;
}

/// The position of the character at that byte; what stands before it is UTF-8.
Position position_at(std::string_view text, std::size_t byte) {
  Position at;
  for (const char c : text.substr(0, byte)) {
    if (c == '\n') {
      at = {at.line + 1, 1};
    } else if ((static_cast<unsigned char>(c) & 0xc0u) != 0x80u) {
      ++at.column;
    }
  }
  return at;
}

}  // namespace

Document read_document(std::string_view original) {
  constexpr std::size_t kMostErrors = 20;
  std::string text(original);
  Document document;
  // Before the library sees it: it names the place one character off.
  if (const std::size_t good = utf8_length(text); good < text.size()) {
    document.errors.push_back({position_at(text, good), "not UTF-8 text; save the file in the encoding UTF-8"});
    return document;
  }
  while (document.errors.size() < kMostErrors) {
    try {
      document.root = std::get<Table>(copy_of(toml::parse(text)).content);
      return document;
    } catch (const toml::parse_error& error) {
      document.errors.push_back({position_of(error.source().begin), in_our_words(error.description())});
    }
    const auto line = find_line(text, document.errors.back().at.line);
    if (!line || !expendable(std::string_view(text).substr(line->begin, line->length))) return document;
    text.replace(line->begin, line->length, line->length, ' ');
  }
  return document;
}

const char* type_name(const Value& value) {
  struct Namer {
    const char* operator()(const std::string&) const { return "a string"; }
    const char* operator()(std::int64_t) const { return "a whole number"; }
    const char* operator()(double) const { return "a number with a decimal point"; }
    const char* operator()(bool) const { return "true or false"; }
    const char* operator()(const Moment&) const { return "a date or time"; }
    const char* operator()(const List&) const { return "a list"; }
    const char* operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Namer{}, value.content);
}

}  // namespace emporia::settings
