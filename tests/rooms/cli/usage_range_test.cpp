#include "cli/usage_range.hpp"

#include <doctest/doctest.h>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

using namespace emporia;
using namespace emporia::cli;
using model::Scale;

namespace {

model::UtcSeconds at(const char* text) {
  return *runtime::parse_iso8601(text);
}
const model::UtcSeconds kNow = at("2026-03-10T15:30:20Z");
const model::UtcSeconds kSettled = at("2026-03-10T15:00:00Z");

std::string range(Scale scale, const char* from, const char* to) {
  const auto range = usage_range(scale, at(from), at(to), kSettled, kNow);
  if (!range) return range.error();
  return runtime::iso8601(range.value().from) + " " + runtime::iso8601(range.value().to);
}

std::string chosen(const char* word, const char* from, const char* to = "2026-03-10T15:30:20Z") {
  const auto scale = choose_scale(word, at(from), at(to), kNow);
  return scale ? model::word(scale.value()) : scale.error();
}

}  // namespace

TEST_CASE("a range begins at a whole bucket and ends where the numbers have settled") {
  CHECK(range(Scale::minutes, "2026-03-10T10:00:30Z", "2026-03-10T11:00:00Z") ==
        "2026-03-10T10:01:00Z 2026-03-10T11:00:00Z");
  CHECK(range(Scale::hours, "2026-03-10T10:00:00Z", "2026-03-10T15:30:20Z") ==
        "2026-03-10T10:00:00Z 2026-03-10T15:00:00Z");
  CHECK(range(Scale::fifteen_minutes, "2026-03-10T10:01:00Z", "2026-03-10T10:50:00Z") ==
        "2026-03-10T10:15:00Z 2026-03-10T11:00:00Z");
  // Where a day begins only the service knows; the running one is among them.
  CHECK(range(Scale::days, "2026-03-01T12:34:56Z", "2027-01-01T00:00:00Z") ==
        "2026-03-01T12:34:56Z 2026-03-10T15:30:20Z");
}

TEST_CASE("a range that cannot be is refused with what to do") {
  CHECK(range(Scale::hours, "2026-03-10T10:00:00Z", "2026-03-10T10:00:00Z").find("is not before --to") !=
        std::string::npos);
  CHECK(range(Scale::minutes, "2026-03-01T10:00:00Z", "2026-03-10T10:00:00Z") ==
        "the service keeps minutes for a week: begin later, or use --scale fifteen_minutes");
  CHECK(range(Scale::fifteen_minutes, "2025-01-01T10:00:00Z", "2026-03-10T10:00:00Z") ==
        "the service keeps quarter hours for a year: begin later, or use --scale hours");
  CHECK(range(Scale::minutes, "2026-03-10T15:20:00Z", "2026-03-10T15:30:00Z").find("no whole bucket of minutes") == 0);
  CHECK(range(Scale::hours, "1999-01-01T00:00:00Z", "2026-03-10T10:00:00Z").find("before there were devices") !=
        std::string::npos);
}

TEST_CASE("the scale is the one that is named, or suits the range and is kept so long") {
  CHECK(chosen("weeks", "2026-03-10T14:00:00Z") == "weeks");
  CHECK(chosen("", "2026-03-10T12:00:00Z") == "minutes");
  CHECK(chosen("", "2026-03-09T05:00:00Z") == "fifteen_minutes");
  CHECK(chosen("", "2026-02-10T05:00:00Z") == "hours");
  CHECK(chosen("", "2025-02-10T05:00:00Z") == "days");
  // Two hours of a month ago: minutes are gone by then, and two hours of two years ago have no quarters either.
  CHECK(chosen("", "2026-02-10T12:00:00Z", "2026-02-10T14:00:00Z") == "fifteen_minutes");
  CHECK(chosen("", "2024-02-10T12:00:00Z", "2024-02-10T14:00:00Z") == "hours");
  CHECK(chosen("ours", "2026-03-10T14:00:00Z") ==
        "no scale \"ours\": there are minutes, fifteen_minutes, hours, days, weeks, months and years");
}

TEST_CASE("long ranges are cut at the edges of buckets, none twice, none left out") {
  const UsageRange week{Scale::minutes, at("2026-03-03T15:40:00Z"), at("2026-03-10T15:00:00Z")};
  CHECK(portions_of(week) == std::vector<UsagePortion>{{at("2026-03-03T15:40:00Z"), at("2026-03-10T14:59:00Z")}});
  const UsageRange years{Scale::hours, at("2023-01-01T00:00:00Z"), at("2026-03-10T15:00:00Z")};
  const auto portions = portions_of(years);
  // 27,951 hours, 10,080 in a call.
  REQUIRE(portions.size() == 3);
  CHECK(portions[0].start == years.from);
  CHECK(portions[1].start == portions[0].end + std::chrono::hours{1});
  CHECK(portions[2].start == portions[1].end + std::chrono::hours{1});
  CHECK(portions[2].end == at("2026-03-10T14:00:00Z"));
}
