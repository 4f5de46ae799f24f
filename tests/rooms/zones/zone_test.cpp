// Days and billing cycles of places, worked out by hand from the rules that hold there.
#include "zones/zone.hpp"

#include <doctest/doctest.h>

#include "runtime/time_text.hpp"

using namespace emporia;
using zones::Known;
using zones::Span;
using zones::UtcSeconds;
using zones::Zone;

namespace {

UtcSeconds at(const std::string& text) {
  const auto time = runtime::parse_iso8601(text);
  REQUIRE_MESSAGE(time, text);
  return *time;
}

Zone zone(const char* name) {
  static zones::Zones table;
  const zones::FoundZone found = table.find(name);
  REQUIRE_MESSAGE(found.known == Known::yes, name);
  return found.zone;
}

}  // namespace

TEST_CASE("the local day that holds a moment") {
  struct Case {
    const char *zone, *moment, *start, *end;
    int hours_x4;
  };
  const Case cases[] = {
      {"UTC", "2026-11-23T09:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", 96},
      {"America/New_York", "2026-11-23T03:00:00Z", "2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z", 96},
      // A day begins with its first second.
      {"America/New_York", "2026-11-23T04:59:59Z", "2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z", 96},
      {"America/New_York", "2026-11-23T05:00:00Z", "2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z", 96},
      // Clocks forward on 2026-03-08, back on 2026-11-01.
      {"America/New_York", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 92},
      {"America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 100},
      {"Europe/Budapest", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 92},
      {"Europe/Budapest", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 100},
      // Half hours and quarters of an hour.
      {"America/St_Johns", "2026-11-23T12:00:00Z", "2026-11-23T03:30:00Z", "2026-11-24T03:30:00Z", 96},
      {"America/St_Johns", "2026-07-01T12:00:00Z", "2026-07-01T02:30:00Z", "2026-07-02T02:30:00Z", 96},
      {"America/St_Johns", "2026-03-08T12:00:00Z", "2026-03-08T03:30:00Z", "2026-03-09T02:30:00Z", 92},
      {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2025-12-31T18:15:00Z", "2026-01-01T18:15:00Z", 96},
      // Clocks move by half an hour there, on 2026-04-05.
      {"Australia/Lord_Howe", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 98},
      // There was no midnight: the day began at one.
      {"America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", 92},
      {"Asia/Beirut", "2026-03-29T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z", 92},
      {"America/Havana", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 92},
      // Midnight came twice: the day begins at the first one and lasts 25 hours.
      {"America/Havana", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 100},
      {"America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", 100},
      // One minute after midnight clocks went back to the evening before. The day had begun and goes on.
      {"America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z", 100},
      {"America/St_Johns", "2010-11-07T02:29:59Z", "2010-11-06T02:30:00Z", "2010-11-07T02:30:00Z", 96},
      // A country crossed the date line and had no 30th of December.
      {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", 96},
      {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", 96},
      // Behind the last change that is listed anywhere the yearly rule holds.
      {"America/New_York", "2060-07-01T12:00:00Z", "2060-07-01T04:00:00Z", "2060-07-02T04:00:00Z", 96},
      {"America/New_York", "2060-03-14T12:00:00Z", "2060-03-14T05:00:00Z", "2060-03-15T04:00:00Z", 92},
      {"Pacific/Auckland", "2060-01-01T00:00:00Z", "2059-12-31T11:00:00Z", "2060-01-01T11:00:00Z", 96},
  };
  for (const Case& c : cases) {
    CAPTURE(c.zone);
    CAPTURE(c.moment);
    const Span day = zone(c.zone).day_of(at(c.moment));
    CHECK(runtime::iso8601(day.start) == c.start);
    CHECK(runtime::iso8601(day.end) == c.end);
    CHECK((day.end - day.start) / std::chrono::minutes{15} == c.hours_x4);
  }
}

TEST_CASE("the billing cycle that holds a moment") {
  struct Case {
    const char* zone;
    unsigned first_day;
    const char *moment, *start, *end;
  };
  const Case cases[] = {
      {"UTC", 1, "2026-11-23T09:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      // Not told, or nonsense.
      {"UTC", 0, "2026-11-23T09:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"UTC", 31, "2026-11-23T09:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"UTC", 4294967295U, "2026-11-23T09:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      // Before and from the day on, over the turn of the year and a short February.
      {"UTC", 15, "2026-01-14T23:59:59Z", "2025-12-15T00:00:00Z", "2026-01-15T00:00:00Z"},
      {"UTC", 15, "2026-01-15T00:00:00Z", "2026-01-15T00:00:00Z", "2026-02-15T00:00:00Z"},
      {"UTC", 28, "2026-03-01T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-28T00:00:00Z"},
      {"UTC", 28, "2028-02-29T00:00:00Z", "2028-02-28T00:00:00Z", "2028-03-28T00:00:00Z"},
      // The clocks change within the cycle: 31 days less an hour, 30 days and an hour.
      {"America/New_York", 1, "2026-03-31T12:00:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"},
      {"America/New_York", 20, "2026-11-01T12:00:00Z", "2026-10-20T04:00:00Z", "2026-11-20T05:00:00Z"},
      // It begins on the very day of the change, even without a midnight.
      {"America/Havana", 8, "2026-03-08T05:00:00Z", "2026-03-08T05:00:00Z", "2026-04-08T04:00:00Z"},
      {"America/Sao_Paulo", 4, "2018-11-04T02:59:59Z", "2018-10-04T03:00:00Z", "2018-11-04T03:00:00Z"},
      {"America/St_Johns", 12, "2026-11-23T12:00:00Z", "2026-11-12T03:30:00Z", "2026-12-12T03:30:00Z"},
      {"Asia/Kathmandu", 1, "2026-01-31T18:14:59Z", "2025-12-31T18:15:00Z", "2026-01-31T18:15:00Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.zone);
    CAPTURE(c.first_day);
    CAPTURE(c.moment);
    const Span cycle = zone(c.zone).cycle_of(at(c.moment), c.first_day);
    CHECK(runtime::iso8601(cycle.start) == c.start);
    CHECK(runtime::iso8601(cycle.end) == c.end);
  }
}

TEST_CASE("a place nobody knows has the days of UTC, and no name leads into other folders") {
  zones::Zones table;
  for (const char* name :
       {"", "Not/AZone", "America", "../../etc/passwd", "/etc/passwd", "/usr/share/zoneinfo/UTC", "file:/etc/passwd",
        "localtime", "Fixed/UTC+01:00:00", "America/New_York\n", "Europe/Budapes", "America/../Europe/Budapest"}) {
    CAPTURE(name);
    const zones::FoundZone found = table.find(name);
    CHECK(found.known == Known::no_such_zone);
    CHECK(runtime::iso8601(found.zone.day_of(at("2026-07-01T23:30:00Z")).start) == "2026-07-01T00:00:00Z");
  }
  CHECK(table.find(std::string(10'000, 'A')).known == Known::no_such_zone);
  for (const char* name : {"UTC", "Etc/UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "America/Port-au-Prince"}) {
    CAPTURE(name);
    CHECK(table.find(name).known == Known::yes);
  }
}

TEST_CASE("ever new names do not fill the memory") {
  zones::Zones table;
  for (int i = 0; i < 5000; ++i) CHECK(table.find("Nowhere/N" + std::to_string(i)).known == Known::no_such_zone);
  // Beyond more names than there are places nothing is looked up any more.
  CHECK(table.find("Europe/Budapest").known == Known::no_such_zone);
}
