#include "cli/cells.hpp"

#include <doctest/doctest.h>

using namespace emporia::cli;

TEST_CASE("a text takes the columns that a terminal gives it") {
  CHECK(columns_of("Kitchen") == 7);
  CHECK(columns_of("Küche") == 5);
  CHECK(columns_of("台所") == 4);
  // An e and a combining accent.
  CHECK(columns_of("e\xCC\x81") == 1);
}

TEST_CASE("names of strangers cannot reach the terminal's controls") {
  CHECK(printable("\x1b[2JGone\a") == "[2JGone");
  CHECK(printable("a\r\nb\tc") == "a b c");
  CHECK(printable("\xC2\x9B"
                  "31mred") == "31mred");
  CHECK(printable("abc\xE2\x80\xAE"
                  "def") == "abcdef");
  CHECK(printable("\xFF\xFE") == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("text that runs leftward is closed by a mark") {
  const std::string shown = printable("מטבח");
  CHECK(shown == "מטבח\xE2\x80\x8E");
  CHECK(columns_of(shown) == 4);
}

TEST_CASE("aligned text has exactly the columns asked for") {
  CHECK(left_aligned("ab", 4) == "ab  ");
  CHECK(right_aligned("ab", 4) == "  ab");
  CHECK(left_aligned("abcdef", 4) == "abc…");
  // A wide character that would be cut in half is left out, and a blank takes its place.
  CHECK(left_aligned("台所の灯", 6) == "台所… ");
  CHECK(left_aligned("abc", 0).empty());
}

TEST_CASE("a line ends at the last column and its colours with it") {
  const Line line{{"abc", Style::bad}, {"def", Style::plain}, {"ghi", Style::good}};
  CHECK(to_text(line, 80, false) == "abcdefghi");
  CHECK(to_text(line, 5, false) == "abcde");
  CHECK(to_text(line, 2, true) == "\x1b[31mab\x1b[0m");
  CHECK(to_text(line, 7, true) == "\x1b[31mabc\x1b[0mdef\x1b[32mg\x1b[0m");
  CHECK(to_text({{"a   "}}, 80, false) == "a");
}

TEST_CASE("a sentence is broken between words") {
  CHECK(wrapped("one two  three\nfour", 9) == std::vector<std::string>{"one two", "three", "four"});
  CHECK(wrapped("", 9).empty());
  CHECK(wrapped("abcdefghijkl", 5) == std::vector<std::string>{"abcd…"});
  CHECK(wrapped(std::string(10'000, 'x') + " b c d e f g h", 1).size() == 6);
}
