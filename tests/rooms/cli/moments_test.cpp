#include "cli/moments.hpp"

#include <cstdlib>
#include <ctime>
#include <doctest/doctest.h>

#include "runtime/time_text.hpp"

using namespace emporia;
using namespace emporia::cli;

namespace {

/// A local time zone for one test.
class LocalZone {
 public:
  explicit LocalZone(const char* name) { set(name); }
  ~LocalZone() { set("UTC"); }
  LocalZone(const LocalZone&) = delete;
  LocalZone& operator=(const LocalZone&) = delete;

 private:
  static void set(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
};

std::string read(const char* typed, const char* now = "2026-03-10T15:30:20Z") {
  const auto moment = read_moment(typed, *runtime::parse_iso8601(now));
  return moment ? runtime::iso8601(moment.value()) : "no: " + moment.error().substr(0, 60);
}

}  // namespace

TEST_CASE("times as people write them, in New York") {
  const LocalZone zone("America/New_York");
  struct Case {
    const char* typed;
    const char* utc;
  };
  // Clocks there went from 2:00 to 3:00 on 8 March 2026: UTC-5 before, UTC-4 after.
  const Case cases[] = {{"now", "2026-03-10T15:30:20Z"},
                        {"today", "2026-03-10T04:00:00Z"},
                        {"yesterday", "2026-03-09T04:00:00Z"},
                        {"90m", "2026-03-10T14:00:20Z"},
                        {"12h", "2026-03-10T03:30:20Z"},
                        {"7d", "2026-03-03T15:30:20Z"},
                        {"4w", "2026-02-10T15:30:20Z"},
                        {"0m", "2026-03-10T15:30:20Z"},
                        {"2026-03-08", "2026-03-08T05:00:00Z"},
                        {"2026-03-09", "2026-03-09T04:00:00Z"},
                        {"2026-03-08T14:30", "2026-03-08T18:30:00Z"},
                        {"2026-03-08 14:30:10", "2026-03-08T18:30:10Z"},
                        {"2026-03-08T14:30Z", "2026-03-08T14:30:00Z"},
                        {"2026-03-08T14:30:10Z", "2026-03-08T14:30:10Z"},
                        {"2026-03-08T14:30+01:00", "2026-03-08T13:30:00Z"},
                        {"2026-03-08T14:30:00-0730", "2026-03-08T22:00:00Z"}};
  for (const Case& each : cases) {
    CAPTURE(each.typed);
    CHECK(read(each.typed) == each.utc);
  }
  // Today while it is tomorrow in UTC already, and a day of 23 hours.
  CHECK(read("today", "2026-03-10T02:00:00Z") == "2026-03-09T04:00:00Z");
  CHECK(read("yesterday", "2026-03-09T12:00:00Z") == "2026-03-08T05:00:00Z");
}

TEST_CASE("what is no time is refused with the forms there are") {
  for (const char* typed :
       {"", "never", "2026-13-01", "2026-02-30", "2026-03-08T25:00", "2026-03-08T14", "7", "7y", "-7d", "d", "9999999d",
        "2026-03-08T14:30+1", "2026-03-08T14:30X", "08.03.2026", "todayy"}) {
    CAPTURE(typed);
    CHECK(read(typed).rfind("no: ", 0) == 0);
  }
  const auto wrong = read_moment("never", {});
  CHECK(wrong.error() ==
        "\"never\" is no time: write 2026-03-08, 2026-03-08T14:30 (local), 2026-03-08T14:30Z (UTC), now, today, "
        "yesterday, or so long ago: 90m, 12h, 7d, 4w");
}
