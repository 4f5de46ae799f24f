#pragma once

#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// Brings a database to the newest schema, one version after the other, each in a transaction of its own. Throws
/// std::runtime_error when the file was written by a newer program.
void migrate(Database& database);

}  // namespace emporia::ledger
