#include "ledger/migrations.hpp"

#include <array>
#include <string>

#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

/// Each entry leads from the version that is its index to the next. Entries are only ever added.
constexpr std::array kSteps = {
    R"(CREATE TABLE counter (
         device TEXT NOT NULL,
         channel INTEGER NOT NULL,
         positive_wh REAL NOT NULL,
         negative_wh REAL NOT NULL,
         highest_net_wh REAL NOT NULL,
         booked_from INTEGER NOT NULL,
         booked_until INTEGER NOT NULL,
         PRIMARY KEY (device, channel)) WITHOUT ROWID;
       CREATE TABLE call (at_ms INTEGER NOT NULL);)",
    R"(CREATE TABLE kept_setting (
         device TEXT NOT NULL,
         setting TEXT NOT NULL,
         value REAL NOT NULL,
         PRIMARY KEY (device, setting)) WITHOUT ROWID;)",
    // What was booked before has no hours behind it: a device's usage counts from there on.
    R"(CREATE TABLE device (
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
       DROP TABLE counter;)",
};

}  // namespace

void migrate(Database& database) {
  std::int64_t version = 0;
  {
    Statement query(database, "PRAGMA user_version");
    if (query.step()) version = query.integer(0);
  }
  const auto newest = static_cast<std::int64_t>(kSteps.size());
  if (version > newest) {
    throw NewerSchema(runtime::concat("has schema version ", version, ", this program knows up to ", newest,
                                      ": install the newer program again"));
  }
  for (; version < newest; ++version) {
    Transaction transaction(database);
    database.run(kSteps[static_cast<std::size_t>(version)]);
    database.run(runtime::concat("PRAGMA user_version = ", version + 1).c_str());
    transaction.commit();
  }
}

}  // namespace emporia::ledger
