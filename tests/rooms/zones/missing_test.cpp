// A minimal system: no time zone data at all.
#include <cstdlib>
#include <doctest/doctest.h>

#include "runtime/time_text.hpp"
#include "support/temp_dir.hpp"
#include "zones/zone.hpp"

using namespace emporia;

TEST_CASE("without time zone data every place has the days of UTC, and it is known why") {
  const support::TempDir empty;
  REQUIRE(setenv("TZDIR", empty.file("").c_str(), 1) == 0);
  zones::Zones table;
  const zones::FoundZone found = table.find("America/New_York");
  CHECK(found.known == zones::Known::no_data);
  const auto day = found.zone.day_of(*runtime::parse_iso8601("2026-11-23T03:00:00Z"));
  CHECK(runtime::iso8601(day.start) == "2026-11-23T00:00:00Z");
  CHECK(table.find("UTC").known == zones::Known::yes);
}
