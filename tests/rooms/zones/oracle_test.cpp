// Against a reader of time zone files that shares nothing with this one.
#include <doctest/doctest.h>
#include <random>

#include "runtime/time_text.hpp"
#include "simulator/timezone.hpp"
#include "zones/zone.hpp"

using namespace emporia;
using zones::UtcSeconds;

TEST_CASE("days of many places and years, also of the one clocks are set on, as another reader finds them") {
  zones::Zones table;
  std::mt19937_64 random(20261123);
  const long from = 1262304000;   // 2010
  const long until = 2840140800;  // 2060
  std::uniform_int_distribution<long> moment(from, until);
  for (const char* name : {"America/New_York",
                           "America/Chicago",
                           "America/Denver",
                           "America/Phoenix",
                           "America/Los_Angeles",
                           "America/Anchorage",
                           "Pacific/Honolulu",
                           "America/Halifax",
                           "America/St_Johns",
                           "America/Sao_Paulo",
                           "America/Santiago",
                           "America/Asuncion",
                           "America/Havana",
                           "Europe/London",
                           "Europe/Budapest",
                           "Europe/Istanbul",
                           "Africa/Cairo",
                           "Africa/Casablanca",
                           "Asia/Beirut",
                           "Asia/Amman",
                           "Asia/Tehran",
                           "Asia/Kolkata",
                           "Asia/Kathmandu",
                           "Asia/Tokyo",
                           "Australia/Adelaide",
                           "Australia/Lord_Howe",
                           "Pacific/Auckland",
                           "Pacific/Chatham",
                           "Pacific/Apia",
                           "Atlantic/Azores",
                           "UTC"}) {
    CAPTURE(name);
    const auto found = table.find(name);
    const auto other = simulator::Timezone::find(name);
    REQUIRE(found.known == zones::Known::yes);
    REQUIRE(other);
    for (int i = 0; i < 2000; ++i) {
      const long time = moment(random);
      CAPTURE(runtime::iso8601(UtcSeconds{std::chrono::seconds{time}}));
      const auto day = found.zone.day_of(UtcSeconds{std::chrono::seconds{time}});
      REQUIRE(day.start.time_since_epoch().count() <= time);
      REQUIRE(day.end.time_since_epoch().count() > time);
      // The date of noon, which no clock is set on, is the day's.
      const auto noon = (day.start.time_since_epoch() + day.end.time_since_epoch()).count() / 2;
      REQUIRE(day.start.time_since_epoch().count() == other->midnight(other->local_day(noon)));
      REQUIRE(found.zone.day_of(day.start) == day);
      REQUIRE(found.zone.day_of(day.end).start == day.end);
    }
  }
}
