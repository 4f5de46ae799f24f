#include "runtime/text.hpp"

#include <cstdint>
#include <doctest/doctest.h>
#include <limits>

using emporia::runtime::concat;

TEST_CASE("texts, numbers and flags are joined") {
  CHECK(concat() == "");
  CHECK(concat("a", std::string("b"), std::string_view("c")) == "abc");
  CHECK(concat(1, " ", -2L, " ", 3U, " ", std::uint8_t{200}) == "1 -2 3 200");
  CHECK(concat(true, "/", false) == "true/false");
  CHECK(concat(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(concat(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
}

TEST_CASE("a number is written as short as it can be read back") {
  CHECK(concat(0.1) == "0.1");
  CHECK(concat(1.402) == "1.402");
  CHECK(concat(100.0) == "100");
  CHECK(concat(91.8388775422838) == "91.8388775422838");
  CHECK(concat(-std::numeric_limits<double>::max()).size() < 64);
  CHECK(concat(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("an array of characters is text, not a flag") {
  const char word[] = "word";
  CHECK(concat(word) == "word");
}
