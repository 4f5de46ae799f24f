#include "runtime/log_line.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace emporia::runtime;

TEST_CASE("one event in each format, with the priorities of syslog") {
  struct Case {
    LogLevel level;
    const char* text;
    const char* journal;
    const char* json;
  };
  const std::vector<Case> cases{
      {LogLevel::debug, "debug mqtt: away", "<7>mqtt: away", R"("level":"debug","room":"mqtt","message":"away")"},
      {LogLevel::info, "info mqtt: away", "<6>mqtt: away", R"("level":"info","room":"mqtt","message":"away")"},
      {LogLevel::warning, "warning mqtt: away", "<4>mqtt: away", R"("level":"warning","room":"mqtt","message":"away")"},
      {LogLevel::error, "error mqtt: away", "<3>mqtt: away", R"("level":"error","room":"mqtt","message":"away")"},
  };
  for (const Case& c : cases) {
    CHECK(text_line(c.level, "mqtt", "away") == c.text);
    CHECK(journal_line(c.level, "mqtt", "away") == c.journal);
    CHECK(json_members(c.level, "mqtt", "away") == c.json);
  }
}

TEST_CASE("in JSON, quotes and backslashes stay within their string") {
  CHECK(json_members(LogLevel::info, "bridge", R"("Bob's \ shed")") ==
        R"("level":"info","room":"bridge","message":"\"Bob's \\ shed\"")");
}

TEST_CASE("any bytes become one line of UTF-8 without control characters") {
  struct Case {
    std::string text;
    const char* line;
  };
  const std::vector<Case> cases{
      {"", ""},
      {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x92\xA1", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x92\xA1"},
      {"a\r\n<3>b\tc\x1b[2J\x7f", "a  <3>b c [2J "},
      {"\xC2\x9B"
       "2J\xC2\xA0",
       " 2J\xC2\xA0"},
      {std::string("a\0b", 3), "a b"},
      // No UTF-8: a byte alone, a character cut short, a long form, a surrogate.
      {"\xff", "?"},
      {"a\xE2\x82", "a??"},
      {"\xC0\x8A", "??"},
      {"\xED\xA0\x80z", "???z"},
      // Turned round, isolated, and back; a letter of the same block; a separator of lines. Hebrew stays.
      {"\xE2\x80\xAE"
       "evil\xE2\x80\xAC: ok",
       "?evil?: ok"},
      {"\xE2\x81\xA6x\xE2\x81\xA9", "?x?"},
      {"\xE2\x80\xA6\xE2\x81\xA5\xE2\x80\xA8"
       "b",
       "\xE2\x80\xA6\xE2\x81\xA5 b"},
      {"\xD7\xA9\xD7\x9C", "\xD7\xA9\xD7\x9C"},
  };
  for (const Case& c : cases) CHECK(fit_for_a_line(c.text) == c.line);
}
