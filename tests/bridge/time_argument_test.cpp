#include "app/time_argument.hpp"

#include <doctest/doctest.h>
#include <vector>

#include "runtime/time_text.hpp"

using namespace emporia;

namespace {

struct Case {
  json::Value told;
  /// Empty: refused.
  const char* meant;
};

}  // namespace

TEST_CASE("a time that somebody asks for is read in the forms that people and programs write") {
  const std::vector<Case> cases{
      {"2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"},
      {"2026-11-23T08:00Z", "2026-11-23T08:00:00Z"},
      {"2026-11-23t08:00:00z", "2026-11-23T08:00:00Z"},
      {"2026-11-23 08:00:00Z", "2026-11-23T08:00:00Z"},
      {"2026-11-23T08:00:00.999Z", "2026-11-23T08:00:00Z"},
      {"2026-11-23T08:00:00+01:00", "2026-11-23T07:00:00Z"},
      {"2026-11-23T00:30:00.123456+05:30", "2026-11-22T19:00:00Z"},
      {"2026-11-23T20:00-0500", "2026-11-24T01:00:00Z"},
      {"2026-11-23", "2026-11-23T00:00:00Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
      {1795420800, "2026-11-23T08:00:00Z"},
      {1795420800.0, "2026-11-23T08:00:00Z"},
      {"1795420800", "2026-11-23T08:00:00Z"},
      {946684800, "2000-01-01T00:00:00Z"},
      {std::int64_t{4102444799}, "2099-12-31T23:59:59Z"},
      // Of these nobody can say when they are, or they are a slip.
      {"2026-11-23T08:00:00", ""},
      {"2026-11-23T08:00:00 Europe/Berlin", ""},
      {"2026-11-23T08:00:00+1", ""},
      {"2026-11-23T08:00:00+25:00", ""},
      {"2026-11-23T08:00:00.Z", ""},
      {"2026-11-23T8:00Z", ""},
      {"2026-11-23T24:00Z", ""},
      {"2026-02-29", ""},
      {"2026-13-01", ""},
      {"23.11.2026", ""},
      {"yesterday", ""},
      {"", ""},
      {" ", ""},
      {std::string(5000, '9'), ""},
      {std::string("2026-11-23\0Z", 12), ""},
      {946684799, ""},
      {std::int64_t{4102444800}, ""},
      {std::int64_t{1795420800000}, ""},
      {-1, ""},
      {1795420800.5, ""},
      {1e300, ""},
      {true, ""},
      {nullptr, ""},
      {json::Array{}, ""},
      {json::Object{}, ""},
  };
  for (const Case& c : cases) {
    const std::string told = json::to_text(c.told).substr(0, 60);
    CAPTURE(told);
    const auto time = app::read_time("from", c.told);
    CHECK((time ? runtime::iso8601(time.value()) : std::string()) == c.meant);
    if (time) continue;
    CHECK(time.error().find("from ") == 0);
    CHECK(time.error().size() < 250);
  }
}
