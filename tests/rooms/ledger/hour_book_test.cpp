// The ledger as a book of hours that are handed on: what is due, when, and again.
#include <doctest/doctest.h>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

const model::DeviceId kA("a");

std::vector<double> values(int count, double value = 1) {
  return std::vector<double>(static_cast<std::size_t>(count), value);
}

/// "0 to 120", in minutes; "nothing".
std::string due(Store& store) {
  const auto all = store.due_hours();
  if (all.empty()) return "nothing";
  const auto text = [](model::UtcSeconds time) { return std::to_string((time - minute(0)) / std::chrono::minutes{1}); };
  return text(all[0].from) + " to " + text(all[0].until);
}

void hand_on(Store& store) {
  const DueHours hours = store.due_hours().at(0);
  store.handing_on(kA);
  store.handed_on(kA, hours.from, hours.until);
}

void fill_in(const std::string& path, int hour) {
  Database database(path);
  HandedOn handed_on(database);
  Hour told;
  told.folded = true;
  told.channels[1].booked = kAllMinutes;
  told.channels[1].folded = {7'000'000, 0};
  handed_on.put_history(1, minute(hour * 60), told);
  handed_on.put_due(1, minute(hour * 60));
}

}  // namespace

TEST_CASE("finished hours are due once, and again when they change") {
  support::TempDir dir;
  const std::string path = (dir.path() / "ledger.sqlite").string();
  {
    Store store(path);
    CHECK(due(store) == "nothing");
    REQUIRE(store.book({minutes("a", 0, {{1, values(150)}})}).ok());
    CHECK(due(store) == "0 to 120");
    hand_on(store);
    CHECK(due(store) == "nothing");
    REQUIRE(store.book({minutes("a", 150, {{1, values(30)}})}).ok());
    CHECK(due(store) == "120 to 180");
    REQUIRE(store.book({minutes("a", 70, {{1, values(1, 5)}})}).ok());
    CHECK(due(store) == "60 to 180");
  }
  Store store(path);
  CHECK(due(store) == "60 to 180");
  hand_on(store);
  CHECK(due(store) == "nothing");
}

TEST_CASE("what is booked while hours are handed on stays due") {
  Store store(":memory:");
  REQUIRE(store.book({minutes("a", 0, {{1, values(240)}})}).ok());
  struct Case {
    int booked_at;
    const char* due;
  };
  for (const Case& row : {Case{130, "120 to 240"}, Case{10, "0 to 240"}}) {
    CAPTURE(row.booked_at);
    const DueHours hours = store.due_hours().empty() ? DueHours{kA, minute(180), minute(240)} : store.due_hours().at(0);
    store.handing_on(kA);
    REQUIRE(store.book({minutes("a", row.booked_at, {{1, values(1, row.booked_at)}})}).ok());
    store.handed_on(kA, hours.from, minute(240));
    CHECK(due(store) == row.due);
  }
}

TEST_CASE("hours that another program fills in come before the first booking and are due") {
  support::TempDir dir;
  const std::string path = (dir.path() / "ledger.sqlite").string();
  Store store(path);
  // The first booking begins within the hour, of which the history tells the whole.
  REQUIRE(store.book({minutes("a", 630, {{1, values(90)}})}).ok());
  hand_on(store);
  fill_in(path, 10);
  fill_in(path, 3);
  CHECK(due(store) == "180 to 720");
  const auto hours = store.hours(kA, minute(0), minute(720));
  REQUIRE(hours.size() == 3);
  CHECK(sums_in(hours.at(minute(180)), 1, kAllMinutes).positive == 7'000'000);
  CHECK(sums_in(hours.at(minute(600)), 1, kAllMinutes).positive == 7'000'000);
  CHECK(sums_in(hours.at(minute(660)), 1, kAllMinutes).positive == 60'000'000);
}

TEST_CASE("the hours that leave the ledger stay where there is a history") {
  support::TempDir dir;
  const std::string path = (dir.path() / "ledger.sqlite").string();
  Store store(path, UsageLedger::kIncompleteKept);
  REQUIRE(store.book({minutes("a", 60, {{1, values(60)}})}).ok());
  fill_in(path, 0);
  REQUIRE(store.book({minutes("a", 40 * 1440, {{1, values(60)}})}).ok());
  REQUIRE(store.book({minutes("a", 41 * 1440, {{1, values(60)}})}).ok());
  const auto hours = store.hours(kA, minute(0), minute(1440));
  REQUIRE(hours.size() == 2);
  CHECK(sums_in(hours.at(minute(60)), 1, kAllMinutes).positive == 60'000'000);
}

TEST_CASE("series keep their device and channel, and take a new name") {
  support::TempDir dir;
  const std::string path = (dir.path() / "ledger.sqlite").string();
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, values(60)}})}).ok());
  store.name_series({{"emporia:a_energy", "Lamp", kA, 1, false}});
  store.name_series({{"emporia:a_energy", "Floor lamp", kA, 1, false}});
  Database database(path);
  HandedOn handed_on(database);
  CHECK(handed_on.series() == std::vector<NamedSeries>{{"emporia:a_energy", "Floor lamp", kA, 1, false}});
}
