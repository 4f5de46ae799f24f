#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace emporia::cli {

/// How many columns of a terminal the text takes: East Asian characters take two, combining marks none. `text` is UTF-8
/// without control characters.
std::size_t columns_of(std::string_view text);

/// A stranger's text made fit for a terminal: no control, direction or zero-width characters, nothing that is not
/// UTF-8, no character the terminal cannot show. Text that runs from right to left ends with a mark that keeps it from
/// carrying away what stands beside it.
std::string printable(std::string_view text);

/// `text` cut or filled up with blanks to exactly `columns`; what is cut ends with "…".
std::string left_aligned(std::string_view text, std::size_t columns);
std::string right_aligned(std::string_view text, std::size_t columns);

/// A sentence as lines of at most `columns`, broken between words; fit for a terminal as printable() makes it. At most
/// six lines: what is longer is no sentence.
std::vector<std::string> wrapped(std::string_view sentence, std::size_t columns);

enum class Style { plain, strong, faint, good, warning, bad };

struct Span {
  std::string text;
  Style style = Style::plain;
};
using Line = std::vector<Span>;

/// The line as a terminal shows it, at most `columns` wide; with colour, every style ends within the line.
std::string to_text(const Line& line, std::size_t columns, bool colour);

}  // namespace emporia::cli
