// For how long hours are kept, and what becomes of hours and counters that are damaged.
#include <doctest/doctest.h>
#include <filesystem>

#include "ledger/reader.hpp"
#include "ledger/store.hpp"
#include "rooms/ledger/older_file.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using namespace std::chrono_literals;

namespace {

const model::DeviceId kA("a");
constexpr int kDay = 24 * 60;
constexpr auto kMonth = 35 * 24h;

void run_sql(const std::string& path, const std::string& sql) {
  Database database(path);
  database.run(sql.c_str());
}

/// A value in the first minute of each of so many days.
void book_days(Store& store, int from, int until) {
  for (int day = from; day < until; ++day) REQUIRE(store.book({minutes("a", day * kDay, {{1, {1}}})}).ok());
}

std::size_t hours_in(const std::string& path) {
  Reader reader(path);
  return reader.hours(reader.accounts().at(kA), minute(0), minute(1000 * kDay)).size();
}

}  // namespace

TEST_CASE("hours older than what is to be kept are forgotten, and neither missed nor booked again") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path, kMonth);
  book_days(store, 0, 50);
  CHECK(store.counters(kA).at(1).positive_wh() == 50);
  // Days 14 to 49, the newest of them 35 days after the oldest.
  CHECK(hours_in(path) == 36);
  const auto holes = store.holes(kA, minute(0), minute(50 * kDay), 10'000);
  REQUIRE_FALSE(holes.empty());
  CHECK(holes.front().hour == minute(14 * kDay));
  CHECK(holes.front().missing_minutes == 59);
  REQUIRE(store.book({minutes("a", 0, {{1, {1, 1}}}), minutes("a", 13 * kDay, {{1, {1}}})}).ok());
  CHECK(store.counters(kA).at(1).positive_wh() == 50);
}

TEST_CASE("hours of a device that is gone are forgotten, too, by what others book") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const auto hours_of_b = [&path] {
    Reader reader(path);
    return reader.hours(reader.accounts().at(model::DeviceId("b")), minute(0), minute(1000 * kDay)).size();
  };
  Store store(path, kMonth);
  for (int day = 0; day < 5; ++day) REQUIRE(store.book({minutes("b", day * kDay, {{1, {1}}})}).ok());
  book_days(store, 0, 38);
  CHECK(hours_of_b() == 5);
  book_days(store, 38, 45);
  CHECK(hours_of_b() == 0);
  CHECK(hours_in(path) == 36);
  CHECK(store.counters(model::DeviceId("b")).at(1).positive_wh() == 5);
  // It comes back: what it books from then on counts.
  REQUIRE(store.book({minutes("b", 46 * kDay, {{1, {1}}})}).ok());
  CHECK(store.counters(model::DeviceId("b")).at(1).positive_wh() == 6);
}

TEST_CASE("who decides to keep more later does not get what was forgotten counted twice") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  {
    Store store(path, kMonth);
    book_days(store, 0, 50);
  }
  Store store(path, 400 * 24h);
  book_days(store, 0, 50);
  CHECK(store.counters(kA).at(1).positive_wh() == 50);
  CHECK(store.holes(kA, minute(0), minute(50 * kDay), 1).front().hour == minute(14 * kDay));
  book_days(store, 50, 60);
  CHECK(hours_in(path) == 46);
}

TEST_CASE("who decides to keep less loses the rest with the next hour, not the counters") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  {
    Store store(path);
    book_days(store, 0, 50);
    CHECK(hours_in(path) == 50);
  }
  Store store(path, kMonth);
  book_days(store, 50, 51);
  CHECK(hours_in(path) == 36);
  CHECK(store.counters(kA).at(1).positive_wh() == 51);
  CHECK(store.counters(kA).at(1).booked_from == minute(0));
}

TEST_CASE("an older file that has forgotten hours already does not book them again") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  {
    Store store(path, 3650 * 24h);
    REQUIRE(store.book({minutes("a", 0, {{1, {1}}})}).ok());
    REQUIRE(store.book({minutes("a", 500 * kDay, {{1, {1}}})}).ok());
  }
  // As version 3 left it, which forgot after 400 days.
  make_version_7(path);
  run_sql(path,
          "DROP TABLE revision; DROP TABLE mark; DROP TABLE group_definition; DROP TABLE due_hour; "
          "DROP TABLE named_series; DROP TABLE history_hour; DELETE FROM usage_hour WHERE missing = "
          "59 AND place % 16777216 < 500000; "
          "PRAGMA user_version = 3");
  Store store(path, 3650 * 24h);
  REQUIRE(store.book({minutes("a", 0, {{1, {1}}}), minutes("a", 99 * kDay, {{1, {1}}})}).ok());
  CHECK(store.counters(kA).at(1).positive_wh() == 2);
  REQUIRE(store.book({minutes("a", 101 * kDay, {{1, {1}}})}).ok());
  CHECK(store.counters(kA).at(1).positive_wh() == 3);
}

TEST_CASE("an hour whose data are damaged stays counted, is never booked again, and holds nothing else up") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  for (const std::string damage : {"x''", "x'09'", "x'0101'", "x'01ffffffffffffffffffff01'", "'text'", "x'0100ff0000'",
                                   "x'0201000000' || x'ff'"}) {
    CAPTURE(damage);
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    {
      Store store(path);
      REQUIRE(store.book({monitor(0, {{1, {1, 1, 1}}, {4, {1, 1, 1}}})}).ok());
      REQUIRE(store.book({monitor(60, {{1, {5}}, {4, {3}}})}).ok());
      run_sql(path, "UPDATE usage_hour SET data = " + damage + " WHERE place % 2 = 0");
      // More of the damaged hour, a new channel of it, and the next hour with it.
      REQUIRE(store.book({monitor(0, {{1, {9, 9, 9, 9}}, {5, {1, 1, 1, 1}}})}).ok());
      const auto booked = store.book({monitor(59, {{1, {9, 6, 7}}, {4, {9, 3, 4}}})});
      REQUIRE(booked.ok());
      CHECK(store.counters(kA).at(1).positive_wh() == 3 + 6 + 7);
      CHECK(store.counters(kA).at(4).positive_wh() == 3 + 3 + 4);
      CHECK(store.counters(kA).at(model::kMergedMains).positive_wh() == 3 + 6 + 7);
      CHECK(store.counters(kA).count(5) == 0);
    }
    // It is noted: later runs know without reading the damage again, and nothing is asked for that would not be booked.
    Store store(path);
    const auto holes = store.holes(kA, minute(0), minute(60), 10);
    CHECK(holes.empty());
    Reader reader(path);
    const auto hours = reader.hours(reader.accounts().at(kA), minute(0), minute(120));
    CHECK(hours.at(minute(0)).lost);
    CHECK_FALSE(hours.at(minute(60)).lost);
    CHECK(from_bytes(to_bytes(hours.at(minute(0)))) == hours.at(minute(0)));
  }
}

TEST_CASE("a damaged hour does not keep later ones from being put away") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, std::vector<double>(180, 1.0)}})}).ok());
  run_sql(path, "UPDATE usage_hour SET data = x'ff' WHERE place = (SELECT min(place) FROM usage_hour)");
  for (int hour = 3; hour < 60; ++hour) {
    REQUIRE(store.book({minutes("a", hour * 60, {{1, std::vector<double>(60, 1.0)}})}).ok());
  }
  CHECK(store.counters(kA).at(1).positive_wh() == 60 * 60);
  Reader reader(path);
  const auto hours = reader.hours(reader.accounts().at(kA), minute(0), minute(kDay));
  CHECK(hours.at(minute(0)).lost);
  CHECK(hours.at(minute(60)).folded);
}

TEST_CASE("counters that nobody can have booked are damage: the file is set aside") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  for (const std::string change :
       {"account SET positive = -1", "account SET shown_negative = -5", "account SET positive = 9000000000000000000",
        "account SET shown_net = -9223372036854775808", "account SET channel = 0", "account SET channel = 1000000",
        "account SET booked_until = 1", "account SET booked_from = -1", "device SET start = 99999999999999",
        "device SET number = 999999999999, start = 0",
        "account SET positive = 9000000000000000000, negative = -9e18"}) {
    CAPTURE(change);
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    { REQUIRE(Store(path).book({minutes("a", 0, {{1, {1, 2}}})}).ok()); }
    make_version_7(path);
    run_sql(path, "UPDATE " + change);
    Store store(path);
    CHECK_FALSE(store.set_aside().empty());
    CHECK(store.counters(kA).empty());
    CHECK(store.book({minutes("a", 0, {{1, {1}}})}).ok());
  }
  // What is shown is never below what is exact.
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  { REQUIRE(Store(path).book({minutes("a", 0, {{1, {1, 2}}})}).ok()); }
  make_version_7(path);
  run_sql(path, "UPDATE account SET shown_positive = 0");
  CHECK(Store(path).counters(kA).at(1).shown_positive == 3'000'000);
}
