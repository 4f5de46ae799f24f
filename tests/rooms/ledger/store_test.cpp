#include "ledger/store.hpp"

#include <algorithm>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/resource.h>

#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const model::DeviceId kA("a");

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
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
    CHECK(booked.ok() == store.trouble().empty());
    store.record_call(runtime::SystemTime{std::chrono::hours{500'000}});
    CHECK(contains(store.call_trouble(), "calls cannot be recorded"));
    CHECK_FALSE(store.adopt(model::DeviceId("lost"), before));
    CHECK(contains(store.trouble(), "check the room on the disk"));
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler);
    if (!booked.ok()) refused = booked.error().text;
  }
  CHECK_MESSAGE(contains(refused, "check the room on the disk of [state] directory"), refused);
  CHECK(store.counters(kA) == before);
  CHECK(Store(path).counters(kA) == before);
  REQUIRE(store.book({day}).ok());
  CHECK(store.trouble().empty());
  CHECK(store.counters(kA).at(1).positive == 1440 * MicroWh{12345678});
  CHECK(Store(path).counters(kA) == store.counters(kA));
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
    CHECK(store.adopt(kA, {{1, last}, {4, last}}));
    CHECK_FALSE(store.adopt(kA, {{1, last}}));
    CHECK_FALSE(store.adopt(kA, {{1, last}, {6, last}}));
    CHECK(store.counters(kA).count(6) == 0);
  }
  Store store(path);
  CHECK(store.counters(kA).at(1).shown_positive == 100);
  CHECK(store.counters(kA).at(1).booked_until == minute(10));
  // What was counted before the loss is told again, with what came since.
  REQUIRE(store.book({minutes("a", 0, {{1, std::vector<double>(30, 0.00001)}})}).ok());
  CHECK(store.counters(kA).at(1).positive == 90 + 200);
  CHECK(store.counters(kA).at(1).shown_positive == 290);
  CHECK_FALSE(store.adopt(kA, {{1, last}}));
  // The device has counted on by now: a later end would leave out what is between.
  last.booked_until = minute(40);
  CHECK_FALSE(store.adopt(kA, {{5, last}}));
  CHECK(store.counters(kA).count(5) == 0);
}

TEST_CASE("counters that nobody can have booked are not taken over, whoever tells them") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Counter last;
  last.positive = last.shown_positive = 90;
  last.negative = -5;
  last.booked_until = minute(10);
  {
    Store store(path);
    CHECK_FALSE(store.adopt(kA, {{1, last}}));
    REQUIRE(store.book({minutes("a", 0, {{1, {1, 2}}})}).ok());
    last.shown_positive = 5'000'000'000'000'000'000;
    CHECK_FALSE(store.show_at_least(kA, {{1, last}}));
  }
  const Store store(path);
  CHECK(store.set_aside().empty());
  CHECK(store.counters(kA).at(1).shown_positive == 3'000'000);
}

TEST_CASE("another ledger has counted meanwhile: no less is shown than it showed, and the sums stay this one's own") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  Counter other;
  other.shown_positive = 1000;
  other.shown_negative = 7;
  Counter fresh;
  fresh.shown_positive = 500;
  {
    Store store(path);
    CHECK_FALSE(store.show_at_least(kA, {{1, other}}));
    REQUIRE(store.book({minutes("a", 0, {{1, std::vector<double>(30, 0.00001)}})}).ok());
    const Counter own = store.counters(kA).at(1);
    // Circuit 4 has come since.
    CHECK(store.show_at_least(kA, {{1, other}, {4, fresh}}));
    CHECK(store.counters(kA).at(1).positive == own.positive);
    CHECK(store.counters(kA).at(1).booked_until == own.booked_until);
  }
  Store store(path);
  CHECK(store.counters(kA).at(1).shown_positive == 1000);
  CHECK(store.counters(kA).at(1).shown_negative == 7);
  CHECK(store.counters(kA).at(1).positive == 300);
  CHECK(store.counters(kA).at(4).shown_positive == 500);
  CHECK(store.counters(kA).at(4).positive == 0);
  // What the other one had counted is read again, and passes what was shown, or not yet.
  REQUIRE(store.book({minutes("a", 30, {{1, std::vector<double>(30, 0.00004)}, {4, std::vector<double>(30, 0.00001)}})})
              .ok());
  CHECK(store.counters(kA).at(1).positive == 1500);
  CHECK(store.counters(kA).at(1).shown_positive == 1500);
  CHECK(store.counters(kA).at(4).positive == 300);
  CHECK(store.counters(kA).at(4).shown_positive == 500);
  const Counters before = store.counters(kA);
  CHECK(store.show_at_least(kA, {{1, other}, {4, fresh}}));
  CHECK(store.counters(kA) == before);
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
  REQUIRE(store.book({hours(0, 42)}).ok());
  REQUIRE(store.book({minutes("a", 0, {{1, {9}}}), minutes("a", 61, {{1, {kNone, 4}}}), minutes("a", 120, {{1, {3}}})})
              .ok());
  // Hour 0 ended 41 hours before the newest bucket, hour 1 did 40: both are sums only. Hour 2 can be revised.
  CHECK(store.counters(kA).at(1).positive_wh() == 42 * 60 + 2);
}

TEST_CASE("the day before an outage may still be revised when the outage is over") {
  // Between the booked hours and the outage's end: within half a day, more, and more than what is kept in full.
  for (const int away : {2, 11, 39, 60}) {
    Store store(":memory:");
    const auto book_hour = [&store](int hour, double wh) {
      REQUIRE(store.book({minutes("a", hour * 60, {{1, std::vector<double>(60, wh)}})}).ok());
    };
    for (int hour = 0; hour < 60; ++hour) book_hour(hour, 1);
    for (int hour = 60 + away; hour < 64 + away; ++hour) book_hour(hour, 1);
    // A day old when the outage began.
    book_hour(36, 2);
    CHECK_MESSAGE(store.counters(model::DeviceId("a")).at(1).positive_wh() == 60 * 65, away, " hours");
  }
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

TEST_CASE("recorded calls are set with the clock") {
  Store store(":memory:");
  const runtime::SystemTime now{500'000h};
  store.record_call(now - 10min);
  store.move_calls(5h);
  CHECK(store.recent_calls(now + 5h) == std::vector<runtime::SystemTime>{now + 5h - 10min});
  store.move_calls(-5h);
  CHECK(store.recent_calls(now) == std::vector<runtime::SystemTime>{now - 10min});
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
