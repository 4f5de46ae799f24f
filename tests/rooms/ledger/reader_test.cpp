// Looking at the ledger from another program, and what is remembered of revisions.
#include "ledger/reader.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
namespace fs = std::filesystem;

namespace {

const model::DeviceId kA("a");

std::string refusal(const std::string& path) {
  try {
    const Reader reader(path);
    return "opened";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void run_sql(const std::string& path, const std::string& sql) {
  Database database(path);
  database.run(sql.c_str());
}

Booking told(Booking booking, int at) {
  booking.told_at = minute(at);
  return booking;
}

}  // namespace

TEST_CASE("a reader sees what is committed while the ledger is in use, of one moment, and changes nothing") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, {1, 2, kNone, 4}}}), minutes("b", 0, {{1, {7}}})}).ok());
  Reader reader(path);
  CHECK(reader.accounts().size() == 2);
  const Account& account = reader.accounts().at(kA);
  CHECK(account.counters == store.counters(kA));
  CHECK(reader.holes(account, 10) == store.holes(kA, minute(0), minute(60), 10));
  CHECK(reader.holes(account, 10).size() == 1);
  // The bridge goes on; this picture stays.
  REQUIRE(store.book({minutes("a", 60, {{1, {1}}})}).ok());
  CHECK(reader.hours(account, minute(0), minute(240)).size() == 1);
  CHECK(reader.hours(account, minute(0), minute(240)).at(minute(0)).channels.at(1).energy[3] == 4'000'000);
  CHECK(Reader(path).hours(account, minute(0), minute(240)).size() == 2);
}

TEST_CASE("what a bridge that was killed had committed is read") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  {
    Store store(path);
    REQUIRE(store.book({minutes("a", 0, {{1, {1, 2}}})}).ok());
    // As a kill leaves them: with everything in the -wal file.
    for (const char* suffix : {"", "-wal"}) fs::copy_file(path + suffix, folder.file("killed.db") + suffix);
  }
  const std::string before = support::read_file(folder.file("killed.db"));
  CHECK(Reader(folder.file("killed.db")).accounts().at(kA).counters.at(1).positive == 3'000'000);
  CHECK(support::read_file(folder.file("killed.db")) == before);
}

TEST_CASE("while no bridge runs, reading leaves nothing behind, whatever the folder is called") {
  const support::TempDir folder;
  const fs::path place = fs::path(folder.path()) / "50% off? #1";
  fs::create_directory(place);
  const std::string path = place / "ledger.db";
  { REQUIRE(Store(path).book({minutes("a", 0, {{1, {1, 2}}})}).ok()); }
  CHECK(Reader(path).accounts().at(kA).counters.at(1).positive == 3'000'000);
  CHECK(std::distance(fs::directory_iterator(place), fs::directory_iterator{}) == 1);
}

TEST_CASE("a file that cannot be read is refused with what to do") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  CHECK_MESSAGE(contains(refusal(path), "there is no ledger " + path), refusal(path));
  CHECK_FALSE(fs::exists(path));
  { REQUIRE(Store(path).book({minutes("a", 0, {{1, {1}}})}).ok()); }
  CHECK(refusal(path) == "opened");
  const std::string whole = support::read_file(path);

  run_sql(path, "PRAGMA user_version = 99");
  CHECK_MESSAGE(contains(refusal(path), "use the newer program"), refusal(path));
  run_sql(path, "PRAGMA user_version = 3");
  CHECK_MESSAGE(contains(refusal(path), "start this version of the bridge once"), refusal(path));

  folder.write("ledger.db", std::string(20'000, 'x'));
  CHECK_MESSAGE(contains(refusal(path), "is damaged"), refusal(path));
  CHECK(support::read_file(path) == std::string(20'000, 'x'));
  folder.write("ledger.db", whole.substr(0, whole.size() - 4096));
  CHECK_MESSAGE(contains(refusal(path), "restart the bridge"), refusal(path));
  folder.write("ledger.db", "");
  CHECK_MESSAGE(contains(refusal(path), "start this version of the bridge once"), refusal(path));
  CHECK_MESSAGE(contains(refusal(folder.path().string()), "cannot be read"), refusal(folder.path().string()));
}

TEST_CASE("a revision is remembered with what was counted before and since, neighbours as one") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({told(minutes("a", 0, {{1, {1, 2, 3, 4}}, {4, {5, 5, 5, 5}}}), 100)}).ok());
  REQUIRE(store.book({told(minutes("a", 0, {{1, {1, 2.5, 3.25, 4}}, {4, {5, -5, 5, 6}}}), 200)}).ok());
  // Told again without a change, and once more: neither is a revision.
  REQUIRE(store.book({told(minutes("a", 0, {{1, {1, 2.5, 3.25, 4}}}), 300)}).ok());
  REQUIRE(store.book({told(minutes("a", 3, {{1, {4, 8}}}), 400)}).ok());
  Reader reader(path);
  const std::vector<Revision> expected{
      {minute(200), 4, minute(3), minute(4), 5'000'000, 6'000'000},
      {minute(200), 4, minute(1), minute(2), 5'000'000, -5'000'000},
      {minute(200), 1, minute(1), minute(3), 5'000'000, 5'750'000},
  };
  const auto revisions = reader.revisions(reader.accounts().at(kA));
  CHECK(revisions == expected);
}

TEST_CASE("a revised quarter tells what its time counted, the minutes in it included") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, {1, 1, 1}}})}).ok());
  REQUIRE(store.book({buckets("a", model::Scale::fifteen_minutes, 0, {{1, {15}}})}).ok());
  REQUIRE(store.book({told(buckets("a", model::Scale::fifteen_minutes, 0, {{1, {27}}}), 60)}).ok());
  Reader reader(path);
  const auto revisions = reader.revisions(reader.accounts().at(kA));
  REQUIRE(revisions.size() == 1);
  CHECK(revisions[0] == Revision{minute(60), 1, minute(0), minute(15), 15'000'000, 27'000'000});
}

TEST_CASE("of each device the newest 200 revisions are remembered") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  for (const char* device : {"a", "b"}) REQUIRE(store.book({minutes(device, 0, {{1, {0}}})}).ok());
  REQUIRE(store.book({told(minutes("b", 0, {{1, {1}}}), 1)}).ok());
  for (int i = 1; i <= 230; ++i) {
    REQUIRE(store.book({told(minutes("a", 0, {{1, {static_cast<double>(i)}}}), i)}).ok());
  }
  // Many at once: every other minute of a day.
  std::vector<double> zeros(1440, 0.0);
  REQUIRE(store.book({minutes("c", 0, {{1, zeros}})}).ok());
  for (std::size_t i = 0; i < zeros.size(); i += 2) zeros[i] = 1;
  REQUIRE(store.book({told(minutes("c", 0, {{1, zeros}}), 1500)}).ok());
  Reader reader(path);
  const auto of = [&](const char* id) { return reader.revisions(reader.accounts().at(model::DeviceId(id))); };
  CHECK(of("a").size() == 200);
  CHECK(of("a").front().after == 230'000'000);
  CHECK(of("a").back().after == 31'000'000);
  CHECK(of("b").size() == 1);
  CHECK(of("c").size() == 200);
  CHECK(of("c").front().from == minute(1438));
  CHECK(of("c").back().from == minute(1438 - 2 * 199));
}
