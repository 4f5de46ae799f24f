#include "ledger/migrations.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "ledger/counter_bytes.hpp"
#include "ledger/epoch.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

constexpr std::int64_t kNoChannel = 1'000'000;

/// From the third column on.
Counter counter_in(const Statement& row) {
  Counter counter{row.integer(2), row.integer(3), row.integer(4), row.integer(5), row.integer(6), {}, {}};
  counter.booked_from = from_epoch(row.integer(7));
  counter.booked_until = from_epoch(row.integer(8));
  return counter;
}

/// A row a channel becomes one a device.
void gather_counters(Database& database) {
  std::map<std::int64_t, Counters> all;
  Statement rows(database,
                 "SELECT device, channel, positive, negative, shown_positive, shown_negative, shown_net, booked_from, "
                 "booked_until FROM account");
  while (rows.step()) {
    const std::int64_t channel = std::clamp(rows.integer(1), std::int64_t{0}, kNoChannel);
    const Counter counter = counter_in(rows);
    if (!is_believable(static_cast<model::Channel>(channel), counter)) throw unbelievable("a counter");
    all[rows.integer(0)].emplace(static_cast<model::Channel>(channel), counter);
  }
  Statement put(database, "INSERT INTO counters VALUES (?,?)");
  for (const auto& [device, counters] : all) put.bind(device).bind_bytes(to_bytes(counters)).step();
  database.run("DROP TABLE account");
}

struct Step {
  const char* sql;
  /// What SQL cannot say; follows it, in the same transaction.
  void (*then)(Database&) = nullptr;
};

/// Each entry leads from the version that is its index to the next. Entries are only ever added.
constexpr Step kSteps[] = {
    {R"(CREATE TABLE counter (
         device TEXT NOT NULL,
         channel INTEGER NOT NULL,
         positive_wh REAL NOT NULL,
         negative_wh REAL NOT NULL,
         highest_net_wh REAL NOT NULL,
         booked_from INTEGER NOT NULL,
         booked_until INTEGER NOT NULL,
         PRIMARY KEY (device, channel)) WITHOUT ROWID;
       CREATE TABLE call (at_ms INTEGER NOT NULL);)"},
    {R"(CREATE TABLE kept_setting (
         device TEXT NOT NULL,
         setting TEXT NOT NULL,
         value REAL NOT NULL,
         PRIMARY KEY (device, setting)) WITHOUT ROWID;)"},
    // What was booked before has no hours behind it: a device's usage counts from there on.
    {R"(CREATE TABLE device (
         number INTEGER PRIMARY KEY,
         id TEXT NOT NULL UNIQUE,
         start INTEGER NOT NULL);
       CREATE TABLE account (
         device INTEGER NOT NULL,
         channel INTEGER NOT NULL,
         positive INTEGER NOT NULL,
         negative INTEGER NOT NULL,
         shown_positive INTEGER NOT NULL,
         shown_negative INTEGER NOT NULL,
         shown_net INTEGER NOT NULL,
         booked_from INTEGER NOT NULL,
         booked_until INTEGER NOT NULL,
         PRIMARY KEY (device, channel)) WITHOUT ROWID;
       CREATE TABLE usage_hour (
         place INTEGER PRIMARY KEY,
         missing INTEGER NOT NULL,
         attempts INTEGER NOT NULL,
         asked_at INTEGER NOT NULL,
         data BLOB NOT NULL);
       INSERT INTO device (id, start) SELECT device, max(booked_until) FROM counter GROUP BY device;
       INSERT INTO account
         SELECT number, channel, round(positive_wh * 1e6), round(negative_wh * 1e6), round(positive_wh * 1e6),
                round(negative_wh * 1e6), round(max(highest_net_wh, 0) * 1e6), booked_from, booked_until
         FROM counter JOIN device ON device.id = counter.device;
       DROP TABLE counter;)"},
    // Where the hours of 400 days ago are forgotten already, nothing may be booked before what is left of them.
    {R"(CREATE TABLE revision (
         device INTEGER NOT NULL,
         number INTEGER NOT NULL,
         at INTEGER NOT NULL,
         channel INTEGER NOT NULL,
         booked_from INTEGER NOT NULL,
         booked_until INTEGER NOT NULL,
         earlier INTEGER NOT NULL,
         later INTEGER NOT NULL,
         PRIMARY KEY (device, number)) WITHOUT ROWID;
       UPDATE device SET start = max(start, coalesce((
         SELECT max(booked_until) / 3600 * 3600 - 34560000 FROM account WHERE account.device = device.number), 0));)"},
    {R"(CREATE TABLE mark (
         device INTEGER NOT NULL,
         since INTEGER NOT NULL,
         before BLOB NOT NULL,
         PRIMARY KEY (device, since)) WITHOUT ROWID;)"},
    // What a group was made of when it was last counted, to tell when that has changed.
    {R"(CREATE TABLE group_definition (id TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;)"},
    // What of the hours stands at Home Assistant, and the hours before the first booking that are told to it alone.
    {R"(CREATE TABLE due_hour (device INTEGER PRIMARY KEY, from_hour INTEGER NOT NULL);
       CREATE TABLE named_series (
         id TEXT PRIMARY KEY,
         name TEXT NOT NULL,
         device INTEGER NOT NULL,
         channel INTEGER NOT NULL,
         negative INTEGER NOT NULL,
         power INTEGER NOT NULL) WITHOUT ROWID;
       CREATE TABLE history_hour (
         device INTEGER NOT NULL,
         hour INTEGER NOT NULL,
         data BLOB NOT NULL,
         PRIMARY KEY (device, hour)) WITHOUT ROWID;)"},
    {"CREATE TABLE counters (device INTEGER PRIMARY KEY, data BLOB NOT NULL)", gather_counters},
};

}  // namespace

std::int64_t newest_schema() {
  return static_cast<std::int64_t>(std::size(kSteps));
}

std::int64_t schema_of(Database& database) {
  Statement query(database, "PRAGMA user_version");
  const std::int64_t version = query.step() ? query.integer(0) : 0;
  query.reset();
  return version;
}

void migrate(Database& database) {
  std::int64_t version = schema_of(database);
  const std::int64_t newest = newest_schema();
  if (version > newest) {
    throw NewerSchema(runtime::concat("has schema version ", version, ", this program knows up to ", newest,
                                      ": install the newer program again"));
  }
  for (; version < newest; ++version) {
    Transaction transaction(database);
    const Step& step = kSteps[static_cast<std::size_t>(version)];
    database.run(step.sql);
    if (step.then != nullptr) step.then(database);
    database.run(runtime::concat("PRAGMA user_version = ", version + 1).c_str());
    transaction.commit();
  }
}

}  // namespace emporia::ledger
