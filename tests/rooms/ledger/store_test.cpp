#include "ledger/store.hpp"

#include <algorithm>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>

#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using namespace std::chrono_literals;
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

TEST_CASE("what is booked is there after a restart, to the last digit") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Counters before;
  {
    Store store(path);
    CHECK(store.set_aside().empty());
    CHECK(store.counters(kA).empty());
    const auto booked = store.book({minutes("a", 0, {{1, {0.1, 0.2, -0.3}}, {4, {91.8388775422838, kNone, 1e-9}}}),
                                    minutes("\xC3\xA9'\"; --\n", 0, {{19, {5, 5, 5}}})});
    REQUIRE(booked.ok());
    CHECK(booked.value().size() == 2);
    CHECK(booked.value()[0].channels.at(4).size() == 2);
    before = store.counters(kA);
  }
  Store store(path);
  CHECK(store.counters(kA) == before);
  CHECK(store.counters(kA).at(1).booked_from == minute(0));
  CHECK(store.counters(kA).at(1).booked_until == minute(3));
  CHECK(store.counters(model::DeviceId("\xC3\xA9'\"; --\n")).at(19).positive_wh() == 15);
  CHECK(store.counters(model::DeviceId("A")).empty());
}

TEST_CASE("overlap and repetition across restarts are booked once") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  for (int run = 0; run < 5; ++run) {
    Store store(path);
    const auto booked = store.book({minutes("a", run, {{1, {1, 1, 1}}})});
    REQUIRE(booked.ok());
    // Three minutes at first, one new minute at each later run.
    CHECK(booked.value().at(0).channels.at(1).size() == (run == 0 ? 3 : 1));
    CHECK(store.book({minutes("a", run, {{1, {1, 1, 1}}})}).value().empty());
  }
  CHECK(Store(path).counters(kA).at(1).positive_wh() == 7);
}

TEST_CASE("one device twice in a booking is booked one after the other") {
  Store store(":memory:");
  const auto booked = store.book({minutes("a", 0, {{1, {1, 1}}}), minutes("a", 1, {{1, {1, 1}}})});
  REQUIRE(booked.ok());
  CHECK(store.counters(kA).at(1).positive_wh() == 3);
  CHECK(booked.value().size() == 2);
}

TEST_CASE("a booking that cannot be stored changes nothing and says what to do") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, {1}}})}).ok());
  const Counters before = store.counters(kA);
  {
    Database other(path);
    other.run("BEGIN IMMEDIATE");  // another program writes
    const auto refused = store.book({minutes("b", 0, {{1, {9}}}), minutes("a", 1, {{1, {9}}})});
    REQUIRE_FALSE(refused.ok());
    CHECK(contains(refused.error().text, "energy could not be stored (database is locked)"));
    CHECK(contains(refused.error().text, "[state] directory"));
    CHECK(store.counters(kA) == before);
    CHECK(store.counters(model::DeviceId("b")).empty());
  }
  REQUIRE(store.book({minutes("a", 1, {{1, {9}}})}).ok());
  CHECK(store.counters(kA).at(1).positive_wh() == 10);
}

TEST_CASE("a full disk: nothing is booked, what was stays, and with room again all goes on") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, {1}}})}).ok());
  const Counters before = store.counters(kA);
  const auto day = minutes("a", 0, {{1, std::vector<double>(1440, 12.345678)}});
  std::string refused;
  {
    // No file of this process may grow any more, which to SQLite is a full disk.
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{fs::file_size(path + "-wal"), limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
    const auto booked = store.book({day});
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler);
    if (!booked.ok()) refused = booked.error().text;
  }
  CHECK_MESSAGE(contains(refused, "check the room on the disk of [state] directory"), refused);
  CHECK(store.counters(kA) == before);
  CHECK(Store(path).counters(kA) == before);
  REQUIRE(store.book({day}).ok());
  CHECK(store.counters(kA).at(1).positive == 1440 * MicroWh{12345678});
  CHECK(Store(path).counters(kA) == store.counters(kA));
}

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

TEST_CASE("a lost ledger goes on from counters that were shown, without a minute twice or lost") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Counter last;
  last.positive = 90;
  last.shown_positive = 100;
  last.booked_until = minute(10);
  {
    Store store(path);
    CHECK(store.adopt(kA, 1, last));
    CHECK(store.adopt(kA, 4, last));
    CHECK_FALSE(store.adopt(kA, 1, last));
  }
  Store store(path);
  CHECK(store.counters(kA).at(1).shown_positive == 100);
  CHECK(store.counters(kA).at(1).booked_until == minute(10));
  // What was counted before the loss is told again, with what came since.
  REQUIRE(store.book({minutes("a", 0, {{1, std::vector<double>(30, 0.00001)}})}).ok());
  CHECK(store.counters(kA).at(1).positive == 90 + 200);
  CHECK(store.counters(kA).at(1).shown_positive == 290);
  CHECK_FALSE(store.adopt(kA, 1, last));
  // The device has counted on by now: a later end would leave out what is between.
  last.booked_until = minute(40);
  CHECK_FALSE(store.adopt(kA, 5, last));
  CHECK(store.counters(kA).count(5) == 0);
}

TEST_CASE("hours with something missing are known, also across a restart, with how often they were asked for") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const auto text = [](const Store& store, std::size_t most = 100) {
    std::string holes;
    for (const Hole& hole : store.holes(kA, minute(-600), minute(6000), most)) {
      holes += std::to_string((hole.hour - minute(0)) / 60min) + ":" + std::to_string(hole.attempts) + " ";
    }
    return holes;
  };
  const auto hour = [](double wh) { return std::vector<double>(60, wh); };
  {
    Store store(path);
    REQUIRE(store.book({minutes("a", 5, {{1, hour(1)}, {4, hour(1)}})}).ok());
    CHECK_MESSAGE(text(store).empty(), text(store));  // what was before the first booking is not missing
    // An outage from 01:05 to 04:10, and a channel that is late.
    auto late = hour(2);
    late[0] = kNone;
    REQUIRE(store.book({minutes("a", 250, {{1, hour(1)}, {4, late}})}).ok());
    CHECK_MESSAGE(text(store) == "1:0 2:0 3:0 4:0 ", text(store));
    CHECK_MESSAGE(text(store, 2) == "1:0 2:0 ", text(store, 2));
    REQUIRE(store.asked_again(kA, {minute(120), minute(180)}, minute(400)).ok());
    REQUIRE(store.asked_again(kA, {minute(180)}, minute(500)).ok());
  }
  Store store(path);
  CHECK_MESSAGE(text(store) == "1:0 2:1 3:2 4:0 ", text(store));
  CHECK(store.holes(kA, minute(180), minute(240), 9) == std::vector<Hole>{{minute(180), 2, minute(500), 60}});
  REQUIRE(store.book({minutes("a", 65, {{1, std::vector<double>(185, 1)}, {4, std::vector<double>(185, 1)}})}).ok());
  CHECK_MESSAGE(text(store) == "4:0 ", text(store));
  REQUIRE(store.book({minutes("a", 250, {{4, {1}}})}).ok());
  CHECK_MESSAGE(text(store).empty(), text(store));
}

TEST_CASE("values are kept for a day and more, then only their hour's sums") {
  Store store(":memory:");
  const auto hours = [](int first, int count) {
    return minutes("a", first * 60, {{1, std::vector<double>(static_cast<std::size_t>(count) * 60, 1)}});
  };
  REQUIRE(store.book({hours(0, 28)}).ok());
  REQUIRE(store.book({minutes("a", 0, {{1, {9}}}), minutes("a", 61, {{1, {kNone, 4}}}), minutes("a", 120, {{1, {3}}})})
              .ok());
  // Hour 0 ended 27 hours before the newest bucket, hour 1 did 26: both are sums only. Hour 2 can be revised.
  CHECK(store.counters(kA).at(1).positive_wh() == 28 * 60 + 2);
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

TEST_CASE("calls are remembered for the hour across a restart, and forgotten after") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const runtime::SystemTime now{500'000h};
  {
    Store store(path);
    for (const auto ago : {240min, 121min, 119min, 30min, 1min}) store.record_call(now - ago);
  }
  Store store(path);
  auto recent = store.recent_calls(now);
  std::sort(recent.begin(), recent.end());
  CHECK(recent == std::vector<runtime::SystemTime>{now - 119min, now - 30min, now - 1min});
  CHECK(store.recent_calls(now + 3h).empty());
}

TEST_CASE("a call recorded while the clock was ahead counts as made now, once") {
  Store store(":memory:");
  const runtime::SystemTime now{500'000h};
  store.record_call(now + 8760h);
  CHECK(store.recent_calls(now) == std::vector<runtime::SystemTime>{now});
  CHECK(store.recent_calls(now + 90min) == std::vector<runtime::SystemTime>{now});
  CHECK(store.recent_calls(now + 3h).empty());
}

TEST_CASE("calls older than two hours do not stay in the file") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const runtime::SystemTime start{500'000h};
  {
    Store store(path);
    for (int i = 0; i < 300; ++i) store.record_call(start + i * 5min);
  }
  Database database(path);
  Statement count(database, "SELECT count(*) FROM call");
  REQUIRE(count.step());
  CHECK(count.integer(0) == 25);
}

TEST_CASE("kept settings are there after a restart, each device's own, the newest only") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const model::DeviceId b("b");
  using Settings = std::map<std::string, double>;
  {
    Store store(path);
    CHECK(store.kept_settings(kA).empty());
    store.keep_settings(kA, {{"charge_power_kw", 2.5}, {"target_soc_pct", 90}});
    store.keep_settings(b, {{"power_kw", 0.1}});
    store.keep_settings(kA, {{"charge_power_kw", 3}});
    // What is no number is not kept, and what was kept stays.
    store.keep_settings(b, {{"power_kw", kNone}});
  }
  Store store(path);
  CHECK(store.kept_settings(kA) == Settings{{"charge_power_kw", 3}});
  CHECK(store.kept_settings(b) == Settings{{"power_kw", 0.1}});
  store.keep_settings(kA, {});
  CHECK(store.kept_settings(kA).empty());
}
