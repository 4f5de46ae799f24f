// Where the buckets of the longer scales begin. Written by hand from a calendar and the time zones' rules.
#include <doctest/doctest.h>

#include "simulator/buckets.hpp"

using namespace simulator;

namespace {

const Timezone& zone(const char* name) {
  const auto found = Timezone::find(name);
  REQUIRE_MESSAGE(found, name);
  return *found;
}

}  // namespace

TEST_CASE("local midnight in UTC, winter and summer") {
  struct Case {
    const char* zone;
    CivilDate date;
    const char* midnight;
  };
  const Case cases[] = {
      {"America/Denver", {2023, 7, 1}, "2023-07-01T06:00:00Z"},
      {"America/Los_Angeles", {2023, 7, 1}, "2023-07-01T07:00:00Z"},
      {"America/New_York", {2026, 3, 8}, "2026-03-08T05:00:00Z"},
      {"America/New_York", {2026, 3, 9}, "2026-03-09T04:00:00Z"},
      {"America/New_York", {2026, 11, 2}, "2026-11-02T05:00:00Z"},
      {"Europe/Budapest", {2026, 3, 30}, "2026-03-29T22:00:00Z"},
      {"Asia/Kathmandu", {2026, 1, 1}, "2025-12-31T18:15:00Z"},
      {"Asia/Kolkata", {2026, 1, 1}, "2025-12-31T18:30:00Z"},
      // Clocks move by half an hour there.
      {"Australia/Lord_Howe", {2026, 1, 1}, "2025-12-31T13:00:00Z"},
      {"Australia/Lord_Howe", {2026, 7, 1}, "2026-06-30T13:30:00Z"},
      // 2018-11-04 had no midnight in Brazil: the day began at one.
      {"America/Sao_Paulo", {2018, 11, 4}, "2018-11-04T03:00:00Z"},
      // Behind the last listed change the yearly rule holds.
      {"America/New_York", {2060, 7, 1}, "2060-07-01T04:00:00Z"},
      {"America/New_York", {2060, 12, 1}, "2060-12-01T05:00:00Z"},
      {"Pacific/Auckland", {2060, 1, 1}, "2059-12-31T11:00:00Z"},
      {"UTC", {2026, 3, 8}, "2026-03-08T00:00:00Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.zone);
    CHECK(iso8601(zone(c.zone).midnight(days_from_civil(c.date))) == c.midnight);
  }
}

TEST_CASE("a time zone nobody knows is none, and no way into other folders") {
  for (const char* name : {"", "Not/AZone", "../../etc/passwd", "/etc/passwd", "America"}) {
    CAPTURE(name);
    CHECK_FALSE(Timezone::find(name));
  }
}

TEST_CASE("the bucket that holds a moment") {
  struct Case {
    Scale scale;
    const char *week_start, *months;
    const char *moment, *start, *next;
  };
  // New York; 2026-03-08 is a Sunday and has 23 hours, 2026-11-01 has 25.
  const Case cases[] = {
      {Scale::minutes, "sunday", "calendar", "2026-03-08T12:34:56Z", "2026-03-08T12:34:00Z", "2026-03-08T12:35:00Z"},
      {Scale::fifteen_minutes, "sunday", "calendar", "2026-03-08T12:34:56Z", "2026-03-08T12:30:00Z",
       "2026-03-08T12:45:00Z"},
      {Scale::hours, "sunday", "calendar", "2026-03-08T12:34:56Z", "2026-03-08T12:00:00Z", "2026-03-08T13:00:00Z"},
      {Scale::days, "sunday", "calendar", "2026-03-08T12:34:56Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
      {Scale::days, "sunday", "calendar", "2026-11-02T04:59:59Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
      {Scale::weeks, "sunday", "calendar", "2026-03-10T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-15T04:00:00Z"},
      {Scale::weeks, "monday", "calendar", "2026-03-08T12:00:00Z", "2026-03-02T05:00:00Z", "2026-03-09T04:00:00Z"},
      {Scale::weeks, "saturday", "calendar", "2026-03-08T12:00:00Z", "2026-03-07T05:00:00Z", "2026-03-14T04:00:00Z"},
      {Scale::months, "sunday", "calendar", "2026-03-31T12:00:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"},
      {Scale::months, "sunday", "billing", "2026-03-14T12:00:00Z", "2026-02-15T05:00:00Z", "2026-03-15T04:00:00Z"},
      {Scale::months, "sunday", "billing", "2026-01-03T12:00:00Z", "2025-12-15T05:00:00Z", "2026-01-15T05:00:00Z"},
      {Scale::years, "sunday", "calendar", "2026-03-31T12:00:00Z", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.moment);
    CAPTURE(static_cast<int>(c.scale));
    Behaviour behaviour;
    REQUIRE(behaviour.set("week_start", c.week_start).empty());
    REQUIRE(behaviour.set("months", c.months).empty());
    const Buckets buckets(c.scale, zone("America/New_York"), behaviour, 15);
    const Seconds start = buckets.start_of(*parse_time(c.moment));
    CHECK(iso8601(start) == c.start);
    CHECK(iso8601(buckets.next(start)) == c.next);
  }
}

TEST_CASE("a switch that is not in the table is an error, not off") {
  Behaviour behaviour;
  CHECK_THROWS_AS((void)behaviour.is("no_such_key", "on"), std::logic_error);
  CHECK_THROWS_AS((void)behaviour.is("lag", "perhaps"), std::logic_error);
  CHECK(behaviour.set("lag", "perhaps") == "'perhaps' is not a value of lag; allowed: on, off");
}
