#include "runtime/time_text.hpp"

#include <doctest/doctest.h>

using namespace std::chrono;
using namespace std::chrono_literals;
using namespace emporia::runtime;

TEST_CASE("times are written in UTC and read back") {
  const struct {
    std::int64_t epoch;
    const char* text;
  } cases[] = {
      {0, "1970-01-01T00:00:00Z"},          {1795393800, "2026-11-23T00:30:00Z"},
      {1709164799, "2024-02-28T23:59:59Z"}, {1709251199, "2024-02-29T23:59:59Z"},
      {951782400, "2000-02-29T00:00:00Z"},  {4107542400, "2100-03-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59Z"},         {253402300799, "9999-12-31T23:59:59Z"},
  };
  for (const auto& row : cases) {
    const sys_seconds time{seconds{row.epoch}};
    CHECK(iso8601(time) == row.text);
    CHECK(parse_iso8601(row.text) == time);
  }
}

TEST_CASE("any other text is no time") {
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T05:10:00", "2026-11-23T05:10:00z", "2026-11-23 05:10:00Z",
        "2026-11-23T05:10:00+00:00", "2026-11-23T05:10:00.5Z", " 2026-11-23T05:10:00Z", "2026-11-23T05:10:00Z ",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-11-23T24:00:00Z", "2026-11-23T05:60:00Z", "2026-11-23T05:10:60Z", "2026-11-2xT05:10:00Z",
        "+026-11-23T05:10:00Z", "20261-11-23T5:10:00Z"}) {
    CHECK_MESSAGE(!parse_iso8601(text).has_value(), "taken for a time: ", text);
  }
}

TEST_CASE("durations for people are rounded down to two units") {
  const struct {
    seconds duration;
    const char* text;
  } cases[] = {
      {0s, "0 s"},       {45s, "45 s"},
      {60s, "1 min"},    {119s, "1 min 59 s"},
      {12min, "12 min"}, {3599s, "59 min 59 s"},
      {1h, "1 h"},       {3h + 20min + 59s, "3 h 20 min"},
      {24h, "1 d"},      {52h + 59min, "2 d 4 h"},
      {-5s, "0 s"},
  };
  for (const auto& row : cases) CHECK(for_people(row.duration) == row.text);
}
