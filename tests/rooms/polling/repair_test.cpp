#include "polling/repair.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>

using namespace emporia;
using namespace emporia::polling;
using namespace std::chrono_literals;

namespace {

const model::UtcSeconds kNoon{std::chrono::seconds{1795392000} + 12h};

/// Hours before noon.
struct Missing {
  const char* device;
  std::vector<int> ago;
};

/// "a b minutes -3h..-1m": devices, scale, first bucket and last bucket before noon.
std::string text_of(const std::optional<RepairWindow>& window) {
  if (!window) return "nothing";
  std::string text;
  for (const auto& device : window->devices) text += device.text() + " ";
  return text + model::word(window->scale) + " -" + std::to_string((kNoon - window->first) / 1h) + "h..-" +
         std::to_string((kNoon - window->last) / 1min) + "m";
}

std::vector<Lack> lacks_of(const std::vector<Missing>& rows) {
  std::vector<Lack> lacks;
  for (const Missing& row : rows) {
    Lack lack{model::DeviceId(row.device), {}};
    for (const int ago : row.ago) lack.hours.push_back(kNoon - std::chrono::hours{ago});
    lacks.push_back(lack);
  }
  return lacks;
}

}  // namespace

TEST_CASE("what is asked of a gap") {
  constexpr int kDay = 24;
  const struct {
    const char* what;
    std::vector<Missing> missing;
    const char* window;
  } cases[] = {
      {"nothing is missing", {{"a", {}}}, "nothing"},
      {"one hour", {{"a", {5}}}, "a minutes -5h..-241m"},
      {"an outage of a night", {{"a", {9, 8, 7, 6}}}, "a minutes -9h..-301m"},
      {"two devices at once", {{"a", {9, 8}}, {"b", {8, 7}}}, "a b minutes -9h..-361m"},
      {"a week in minutes fits one call", {{"a", {7 * kDay - 1, 2}}}, "a minutes -167h..-61m"},
      {"minutes come before what is older", {{"a", {300, 299, 5}}, {"b", {400}}}, "a minutes -5h..-241m"},
      {"older than a week", {{"a", {200, 199}}}, "a fifteen_minutes -200h..-11895m"},
      {"the hour in which minutes end", {{"a", {7 * kDay}}}, "a fifteen_minutes -168h..-10035m"},
      {"older than a year", {{"a", {9000, 8999}}}, "a hours -9000h..-539940m"},
      {"a year is told in parts", {{"a", {8700, 8699, 6201, 6200, 400}}}, "a fifteen_minutes -8700h..-372015m"},
  };
  for (const auto& row : cases)
    CHECK_MESSAGE(text_of(gap_window(lacks_of(row.missing), kNoon)) == row.window, row.what);
}

TEST_CASE("a fleet's outage is told in parts that a reply can hold, and every hour comes in the end") {
  std::vector<Missing> rows;
  const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (int i = 0; i < 400; ++i) made.push_back("d" + std::to_string(i));
    return made;
  }();
  for (const std::string& name : names) rows.push_back({name.c_str(), {12, 11, 10, 9, 8}});
  auto lacks = lacks_of(rows);
  int calls = 0;
  while (const auto window = gap_window(lacks, kNoon)) {
    REQUIRE(++calls < 1000);
    const auto buckets = (window->last - window->first) / 1min + 1;
    CHECK(buckets * static_cast<std::int64_t>(window->devices.size()) <= 10'000);
    for (Lack& lack : lacks) {
      const bool asked =
          std::find(window->devices.begin(), window->devices.end(), lack.device) != window->devices.end();
      const auto had = [&](model::UtcSeconds hour) { return asked && hour >= window->first && hour <= window->last; };
      lack.hours.erase(std::remove_if(lack.hours.begin(), lack.hours.end(), had), lack.hours.end());
    }
  }
  // 400 devices, 5 hours of 60 buckets: 12 calls if none were wasted.
  CHECK(calls >= 12);
  CHECK(calls <= 16);
}

TEST_CASE("an hour that stays incomplete is asked for ever more seldom, then given up") {
  const struct {
    unsigned attempts;
    std::chrono::minutes pause;
  } pauses[] = {{1, 1h}, {2, 2h}, {3, 4h}, {4, 8h}, {5, 16h}};
  CHECK(may_ask_again(0, kNoon, kNoon));
  for (const auto& row : pauses) {
    CHECK_FALSE(may_ask_again(row.attempts, kNoon, kNoon + row.pause - 1min));
    CHECK(may_ask_again(row.attempts, kNoon, kNoon + row.pause));
    CHECK(may_ask_again(row.attempts, kNoon, kNoon - 1h));
  }
  CHECK_FALSE(may_ask_again(kAttempts, kNoon, kNoon + 8760h));
}

TEST_CASE("a day and a little more is read again for revisions") {
  CHECK(text_of(reread_window({model::DeviceId("a")}, kNoon)) == "a minutes -28h..-1m");
  CHECK(text_of(reread_window({model::DeviceId("a")}, kNoon - 90s)) == "a minutes -29h..-2m");
}
