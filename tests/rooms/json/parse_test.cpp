#include <doctest/doctest.h>
#include <limits>
#include <string>

#include "json/value.hpp"

using namespace emporia::json;

namespace {

Value parsed(std::string_view text) {
  auto result = parse(text);
  REQUIRE_MESSAGE(result.ok(), "refused: ", std::string(text), ": ", result.error());
  return std::move(result).value();
}

std::string refusal(std::string_view text, Limits limits = {}) {
  const auto result = parse(text, limits);
  return result.ok() ? "taken as " + to_text(result.value()) : result.error();
}

bool begins(const std::string& text, std::string_view with) {
  return text.compare(0, with.size(), with) == 0;
}

}  // namespace

TEST_CASE("what is read is what was written") {
  CHECK(parsed("null") == Value());
  CHECK(parsed(" true\n") == Value(true));
  CHECK(parsed("false") == Value(false));
  CHECK(parsed("16") == Value(16));
  CHECK(parsed("16.4") == Value(16.4));
  CHECK(parsed("1e1") == Value(10.0));
  CHECK(parsed("\"a\\n\\u00e9\\ud83d\\ude00\"") == Value("a\n\xC3\xA9\xF0\x9F\x98\x80"));
  CHECK(parsed("[1, [], {}]") == Value(Array{1, Array{}, Object{}}));
  CHECK(parsed(R"({"b": 1, "a": {"on": true}})") == Value(Object{{"b", 1}, {"a", Object{{"on", true}}}}));
}

TEST_CASE("a whole number stays whole, a larger one becomes a double") {
  CHECK(parsed("9223372036854775807") == Value(std::numeric_limits<std::int64_t>::max()));
  CHECK(parsed("-9223372036854775808") == Value(std::numeric_limits<std::int64_t>::min()));
  CHECK(parsed("9223372036854775808") == Value(9223372036854775808.0));
  CHECK(parsed("123456789012345678901234567890") == Value(123456789012345678901234567890.0));
  CHECK(parsed("-0") == Value(0));
  CHECK(parsed("16.0") == Value(16.0));
}

TEST_CASE("of a repeated key the last value counts, at the first one's place") {
  CHECK(parsed(R"({"on": 1, "x": 0, "on": 2, "on": {"y": 3}})") == Value(Object{{"on", Object{{"y", 3}}}, {"x", 0}}));
}

TEST_CASE("a repeated key is refused where asked for") {
  Limits strict;
  strict.repeated_keys = false;
  CHECK(refusal(R"({"on": true, "on": true})", strict) == "a key stands there twice");
  CHECK(refusal(R"({"a": {"on": true}, "on": true})", strict) == R"(taken as {"a":{"on":true},"on":true})");
}

TEST_CASE("members are found by name; what is no object has none") {
  const Value value = parsed(R"({"on": true, "": 1})");
  REQUIRE(value.find("on") != nullptr);
  CHECK(*value.find("on") == Value(true));
  CHECK(*value.find("") == Value(1));
  CHECK(value.find("On") == nullptr);
  CHECK(parsed("[1]").find("on") == nullptr);
}

TEST_CASE("what is no JSON is refused and the place is told") {
  for (const std::string text :
       {"",          " ",         "{",   "}",          "[1,",     "[1,]",      "{\"a\"}",     "{\"a\":}",
        "{a:1}",     "{'a':1}",   "1 2", "true false", "True",    "ON",        "nan",         "NaN",
        "Infinity",  "-Infinity", "+1",  ".5",         "1.",      "01",        "0x10",        "1e",
        "1e999",     "-1e999",    "\"",  "\"a\nb\"",   "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "// comment\n1",
        "{\"a\":1}}"}) {
    CHECK_MESSAGE(begins(refusal(text), "not valid JSON at byte "), text, ": ", refusal(text));
  }
}

TEST_CASE("bytes that are no UTF-8 are refused") {
  for (const std::string text :
       {"\"\xFF\"", "\"\xC3\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"", "\x80"}) {
    CHECK_MESSAGE(begins(refusal(text), "not valid JSON at byte "), refusal(text));
  }
  CHECK(refusal(std::string_view("1\0", 2)) == "not valid JSON at byte 2");
  CHECK(refusal(std::string_view("1\0 2", 4)) == "not valid JSON at byte 2");
  CHECK(begins(refusal(std::string_view("\"a\0b\"", 5)), "not valid JSON"));
}

TEST_CASE("size and nesting are bounded before memory is spent") {
  CHECK(refusal("12345", {4, 8}) == "5 bytes, at most 4 are read");
  CHECK(refusal("1234", {4, 8}) == "taken as 1234");
  CHECK(refusal(std::string(1'000'000, '[')) == "1000000 bytes, at most 65536 are read");
  CHECK(refusal(std::string(60'000, '[')) == "nested deeper than 8 levels");
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  CHECK(refusal(objects) == "nested deeper than 8 levels");
  CHECK(refusal("[[[[[[[[]]]]]]]]") == "taken as [[[[[[[[]]]]]]]]");
  CHECK(refusal("[[[[[[[[[]]]]]]]]]") == "nested deeper than 8 levels");
  // Siblings are not nesting.
  CHECK(refusal("[[],[],[],[],[],[],[],[],[],[]]", {100, 2}) == "taken as [[],[],[],[],[],[],[],[],[],[]]");
}

TEST_CASE("thousands of keys are read all the same") {
  std::string text = "{\"k\":0";
  int keys = 1;
  while (text.size() < 65'000) text += ",\"" + std::to_string(keys++) + "\":1";
  const auto result = parse(text + "}");
  REQUIRE(result.ok());
  CHECK(result.value().as_object()->size() == static_cast<std::size_t>(keys));
}
