#include <charconv>
#include <cmath>
#include <doctest/doctest.h>
#include <iterator>
#include <limits>
#include <random>
#include <string>

#include "json/value.hpp"

using namespace emporia::json;

namespace {
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("values as text: one line, no blanks, members in their order") {
  const struct {
    Value value;
    const char* text;
  } cases[] = {
      {Value(), "null"},
      {true, "true"},
      {-7, "-7"},
      {std::uint32_t{4294967295U}, "4294967295"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
      {1.402, "1.402"},
      {0.1, "0.1"},
      {100.0, "100.0"},
      {kNan, "null"},
      {kInfinity, "null"},
      {-kInfinity, "null"},
      {"", "\"\""},
      {"a\"b\\c\n\t\x01", R"("a\"b\\c\n\t\u0001")"},
      {"Küche/Bad #1 + \xF0\x9F\x94\x8C", "\"Küche/Bad #1 + \xF0\x9F\x94\x8C\""},
      {Array{}, "[]"},
      {Object{}, "{}"},
      {Array{1, Value(), Array{true}}, "[1,null,[true]]"},
      {Object{{"z", 1}, {"a", kNan}, {"m", Object{{"x", "y"}}}}, R"({"z":1,"a":null,"m":{"x":"y"}})"},
  };
  for (const auto& row : cases) CHECK(to_text(row.value) == row.text);
}

TEST_CASE("bytes that are no UTF-8 are replaced, the rest stays") {
  CHECK(to_text(Value("a\xFF"
                      "b")) ==
        "\"a\xEF\xBF\xBD"
        "b\"");
  CHECK(to_text(Value(Object{{"k\xC3", 1}})) == "{\"k\xEF\xBF\xBD\":1}");
  CHECK(to_text(Value(std::string("a\0b", 3))) == "\"a\\u0000b\"");
}

TEST_CASE("rounding keeps texts short and never writes minus zero") {
  CHECK(to_text(rounded(1.40200000000000014, 3)) == "1.402");
  CHECK(to_text(rounded(91.8388775422838, 1)) == "91.8");
  CHECK(to_text(rounded(2.5, 0)) == "3.0");
  CHECK(to_text(rounded(-0.0004, 3)) == "0.0");
  CHECK(to_text(rounded(-0.0, 3)) == "0.0");
  CHECK(to_text(rounded(-1.26, 1)) == "-1.3");
  CHECK(rounded(1e300, 10) == 1e300);
  CHECK(std::isnan(rounded(kNan, 3)));
}

TEST_CASE("a number has the fewest digits that tell it from all others") {
  const auto shortest = [](double number) {
    char digits[64];
    std::string text(digits, std::to_chars(std::begin(digits), std::end(digits), number, std::chars_format::fixed).ptr);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  };
  std::mt19937_64 random(1);
  for (int run = 0; run < 200'000; ++run) {
    const int decimals = static_cast<int>(random() % 9);
    const double size = std::pow(10.0, static_cast<double>(random() % 12));
    const double any = (static_cast<double>(random()) / 0x1p63 - 1) * size;
    for (const double number : {any, rounded(any, decimals)}) {
      if (std::fabs(number) >= 1e-3) REQUIRE(to_text(number) == shortest(number));
    }
  }
  for (const double number :
       {999'999'999.999999, 1e9, 999'999'999.9999999, 0.001, 0.0010005, 123.0000005, 1e14 + 0.5}) {
    CHECK(to_text(number) == shortest(number));
  }
}

TEST_CASE("a long text is whole") {
  std::string expected = "[";
  Array items;
  for (int i = 0; i < 5000; ++i) {
    items.emplace_back(std::string(static_cast<std::size_t>(i % 700), 'x'));
    expected += (i == 0 ? "\"" : ",\"") + std::string(static_cast<std::size_t>(i % 700), 'x') + "\"";
  }
  CHECK(to_text(items) == expected + "]");
}

TEST_CASE("what was written is read back as it was") {
  const Value value = Object{{"on", true},         {"power_w", 1402.125},
                             {"tiny", 5e-324},     {"big", std::numeric_limits<double>::max()},
                             {"count", -3},        {"name", "Well \"pump\" \\ \n /"},
                             {"nothing", Value()}, {"list", Array{1, 2.5, "x", Object{{"y", Array{}}}}}};
  const auto again = parse(to_text(value));
  REQUIRE(again.ok());
  CHECK(again.value() == value);
}
