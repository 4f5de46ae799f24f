// The file: its mode, its schema, and what is wrong with it.
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

/// Runs SQL on the file as another program would.
void run_sql(const std::string& path, const char* sql) {
  Database database(path);
  database.run(sql);
}

std::string refusal(const std::string& path) {
  try {
    const Store store(path);
    return "opened";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A ledger with the energy of a day.
void fill(const std::string& path) {
  Store store(path);
  for (int device = 0; device < 50; ++device) {
    std::map<model::Channel, std::vector<double>> channels;
    for (model::Channel channel = 1; channel <= 19; ++channel) channels[channel] = {1, 2, 3};
    REQUIRE(store.book({minutes("device " + std::to_string(device), 0, channels)}).ok());
  }
}

}  // namespace

TEST_CASE("what an earlier program had booked is the start, and its last minutes are not counted again") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  run_sql(path, R"(CREATE TABLE counter (device TEXT NOT NULL, channel INTEGER NOT NULL, positive_wh REAL NOT NULL,
                     negative_wh REAL NOT NULL, highest_net_wh REAL NOT NULL, booked_from INTEGER NOT NULL,
                     booked_until INTEGER NOT NULL, PRIMARY KEY (device, channel)) WITHOUT ROWID;
                   CREATE TABLE call (at_ms INTEGER NOT NULL);
                   INSERT INTO counter VALUES ('a', 1, 12.5, 0.25, 13, 1795392000, 1795392600);
                   PRAGMA user_version = 1)");
  Store store(path);
  REQUIRE(store.book({minutes("a", 5, {{1, std::vector<double>(10, 1.0)}})}).ok());
  const Counter& counter = store.counters(kA).at(1);
  CHECK(counter.positive_wh() == 17.5);
  CHECK(counter.negative_wh() == 0.25);
  CHECK(to_wh(counter.shown_net) == 17.25);
  CHECK(counter.booked_until == minute(15));
}

TEST_CASE("a damaged ledger is set aside and a new one begun, again and again") {
  const support::TempDir folder;
  const std::string path = folder.write("ledger.db", std::string(20'000, 'x'));
  for (const char* aside : {".damaged-1", ".damaged-2"}) {
    {
      Store store(path);
      CHECK(store.set_aside() == path + aside);
      CHECK(fs::exists(path + aside));
      REQUIRE(store.book({minutes("a", 0, {{1, {1}}})}).ok());
    }
    CHECK(Store(path).counters(kA).at(1).positive_wh() == 1);
    CHECK(Store(path).set_aside().empty());
    fs::remove(path + "-wal");
    std::ofstream(path, std::ios::binary) << "SQLite format 3" << std::string(5000, '\xFF');
  }
  CHECK(support::read_file(path + ".damaged-1") == std::string(20'000, 'x'));
}

TEST_CASE("a ledger cut short or overwritten anywhere opens, is set aside or is refused in words") {
  const support::TempDir folder;
  const std::string whole = folder.file("whole.db");
  fill(whole);
  const std::string content = support::read_file(whole);
  REQUIRE(content.size() > 8192);
  for (const std::size_t size : {std::size_t{0}, std::size_t{50}, std::size_t{100}, std::size_t{1000},
                                 std::size_t{4096}, std::size_t{5000}, content.size() - 4096}) {
    const std::string path = folder.write("cut" + std::to_string(size) + ".db", content.substr(0, size));
    Store store(path);
    // An empty file is no ledger yet; a cut that takes a page with it is damage.
    CHECK_MESSAGE(store.set_aside().empty() == (size == 0), "cut to ", size, " bytes");
    CHECK(store.counters(kA).empty());
    CHECK(store.book({minutes("a", 0, {{1, {1}}})}).ok());
  }
  for (std::size_t at = 0; at + 64 < content.size(); at += 997) {
    std::string broken = content;
    broken.replace(at, 64, std::string(64, '\xA5'));
    const std::string path = folder.write("broken.db", broken);
    const std::string outcome = refusal(path);
    const bool in_words =
        outcome == "opened" || contains(outcome, "[state] directory") || contains(outcome, "newer program");
    CHECK_MESSAGE(in_words, "overwritten at ", at, ": ", outcome);
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (contains(entry.path().string(), "broken.db")) fs::remove(entry.path());
    }
  }
}

TEST_CASE("a ledger of a newer program is left alone and refused in words") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  fill(path);
  std::int64_t ours = 0;
  {
    Database database(path);
    Statement version(database, "PRAGMA user_version");
    REQUIRE(version.step());
    ours = version.integer(0);
  }
  run_sql(path, "PRAGMA user_version = 99");
  const std::string text = refusal(path);
  CHECK_MESSAGE(contains(text, path), text);
  CHECK(contains(text, "schema version 99"));
  CHECK(contains(text, "install the newer program again"));
  CHECK_FALSE(fs::exists(path + ".damaged-1"));
  run_sql(path, ("PRAGMA user_version = " + std::to_string(ours)).c_str());
  CHECK(Store(path).counters(model::DeviceId("device 7")).size() == 19);
}

TEST_CASE("a database that is not ours is refused in words") {
  const support::TempDir folder;
  const std::string path = folder.file("other.db");
  run_sql(path, "CREATE TABLE counter (something TEXT); CREATE TABLE call (x TEXT); PRAGMA user_version = 1");
  CHECK_MESSAGE(contains(refusal(path), "the ledger " + path + " cannot be used"), refusal(path));
}

TEST_CASE("where no file can be made, the text tells what to check") {
  const support::TempDir folder;
  const std::string file = folder.write("file", "");
  for (const std::string& path : {file + "/ledger.db", folder.file("missing/ledger.db"), folder.path().string()}) {
    const std::string text = refusal(path);
    CHECK_MESSAGE(contains(text, "the ledger " + path + " cannot be used"), text);
    CHECK_MESSAGE(contains(text, "check that [state] directory exists, is writable and has room"), text);
  }
}

TEST_CASE("nobody else may read the ledger, nor the files beside it") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, {1}}})}).ok());
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const auto mode = fs::status(path + suffix).permissions();
    CHECK_MESSAGE(mode == (fs::perms::owner_read | fs::perms::owner_write), "mode of ", path, suffix);
  }
  // Files that other parts of the program make keep the mode they would have had.
  CHECK(fs::status(folder.write("later", "")).permissions() != (fs::perms::owner_read | fs::perms::owner_write));
}
