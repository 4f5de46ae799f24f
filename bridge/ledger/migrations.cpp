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
