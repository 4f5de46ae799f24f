#include "ledger/libraries.hpp"

#include <sqlite3.h>

namespace emporia::ledger {

runtime::Libraries libraries() {
  return {{"SQLite", ::sqlite3_libversion()}};
}

}  // namespace emporia::ledger
