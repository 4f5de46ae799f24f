#pragma once

#include <string>

#include "ledger/counter_bytes.hpp"
#include "ledger/epoch.hpp"
#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// Lets a file of today be as version 7 would have left it: a row for each channel.
inline void make_version_7(const std::string& path) {
  Database database(path);
  database.run(R"(CREATE TABLE account (
      device INTEGER NOT NULL, channel INTEGER NOT NULL, positive INTEGER NOT NULL, negative INTEGER NOT NULL,
      shown_positive INTEGER NOT NULL, shown_negative INTEGER NOT NULL, shown_net INTEGER NOT NULL,
      booked_from INTEGER NOT NULL, booked_until INTEGER NOT NULL, PRIMARY KEY (device, channel)) WITHOUT ROWID)");
  Statement rows(database, "SELECT device, data FROM counters");
  Statement put(database, "INSERT INTO account VALUES (?,?,?,?,?,?,?,?,?)");
  while (rows.step()) {
    const Counters counters = counters_from_bytes(rows.text(1)).value();
    for (const auto& [channel, counter] : counters) {
      put.bind(rows.integer(0)).bind(std::int64_t{channel}).bind(counter.positive).bind(counter.negative);
      put.bind(counter.shown_positive).bind(counter.shown_negative).bind(counter.shown_net);
      put.bind(epoch(counter.booked_from)).bind(epoch(counter.booked_until)).step();
    }
  }
  database.run("DROP TABLE counters; PRAGMA user_version = 7");
}

}  // namespace emporia::ledger
