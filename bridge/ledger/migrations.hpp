#pragma once

#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// The file was written by a newer program; what() goes on from the ledger's name.
class NewerSchema : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The schema this program writes, and that of a file; 0 where nothing has been written.
std::int64_t newest_schema();
std::int64_t schema_of(Database& database);

/// Brings a database to the newest schema, one version after the other, each in a transaction of its own. Throws
/// NewerSchema when that would be a step back.
void migrate(Database& database);

}  // namespace emporia::ledger
