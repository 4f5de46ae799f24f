#include "ledger/reader.hpp"

#include <cerrno>
#include <stdexcept>
#include <unistd.h>

#include "ledger/holes.hpp"
#include "ledger/migrations.hpp"
#include "ledger/store.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

using runtime::concat;

/// Why the file cannot even be opened, told by the system rather than by the library.
void check_readable(const std::string& path) {
  if (access(path.c_str(), R_OK) == 0) return;
  if (errno == ENOENT || errno == ENOTDIR) {
    throw std::runtime_error(
        concat("there is no ledger ", path, ": the bridge makes it when it runs first; check [state] directory"));
  }
  throw std::runtime_error(
      concat("the ledger ", path, " may not be read by this user: try again as the user of the bridge, or with sudo"));
}

void check_schema(Database& database, const std::string& path) {
  const std::int64_t version = schema_of(database);
  const std::int64_t newest = newest_schema();
  if (version > newest) {
    throw std::runtime_error(concat("the ledger ", path, " has schema version ", version, ", this program knows up to ",
                                    newest, ": use the newer program that wrote it"));
  }
  if (version < newest) {
    throw std::runtime_error(concat("the ledger ", path, " has schema version ", version, ", this program reads ",
                                    newest, ": start this version of the bridge once, it brings the file up to date"));
  }
}

void check_sound(Database& database) {
  Statement check(database, "PRAGMA quick_check(1)");
  if (!check.step() || check.text(0) != "ok") throw SqliteError("the check finds damage", 11 /* SQLITE_CORRUPT */);
}

std::runtime_error in_words(const std::string& path, const SqliteError& error) {
  if (error.damaged()) {
    return std::runtime_error(concat("the ledger ", path, " is damaged (", error.what(),
                                     "): restart the bridge, it sets the file aside and begins a new one"));
  }
  return std::runtime_error(concat("the ledger ", path, " cannot be read (", error.what(),
                                   "): check that [state] directory is the bridge's, and try again"));
}

}  // namespace

template <typename Read>
auto Reader::reading(const Read& read) {
  try {
    return read();
  } catch (const SqliteError& error) {
    throw in_words(path_, error);
  }
}

Reader::Reader(const std::string& path) : path_(path) {
  check_readable(path);
  reading([&] {
    // Without the bridge's log nobody writes, and reading should leave nothing behind in its folder.
    const bool in_use = access((path + "-wal").c_str(), F_OK) == 0;
    database_.emplace(path, in_use ? Database::Access::read_only : Database::Access::at_rest);
    database_->run("PRAGMA busy_timeout = 5000");
    check_schema(*database_, path);
    moment_.emplace(*database_, Transaction::Kind::look);
    check_sound(*database_);
    shelf_.emplace(*database_);
    handed_on_.emplace(*database_);
    accounts_ = shelf_->load_accounts();
  });
}

std::vector<Hole> Reader::holes(const Account& account, std::size_t most) {
  return reading([&] { return holes_of(*shelf_, account, account.start, account.newest(), most); });
}

std::vector<Revision> Reader::revisions(const Account& account) {
  return reading([&] { return shelf_->revisions(account.number); });
}

std::map<model::UtcSeconds, Hour> Reader::hours(const Account& account, model::UtcSeconds from,
                                                model::UtcSeconds until) {
  return reading([&] {
    std::map<model::UtcSeconds, Hour> hours;
    for (const model::UtcSeconds start : shelf_->kept(account.number, from, until)) {
      hours.emplace(start, shelf_->hour(account.number, start).value_or(Hour::unreadable()));
    }
    return hours;
  });
}

std::map<model::UtcSeconds, Hour> Reader::hours_with_history(const Account& account, model::UtcSeconds from,
                                                             model::UtcSeconds until) {
  return reading([&] { return ledger::hours_with_history(*shelf_, *handed_on_, account, from, until); });
}

model::UtcSeconds Reader::first_hour(const Account& account) {
  return reading([&] { return ledger::first_hour(*handed_on_, account); });
}

model::UtcSeconds Reader::due_from(const Account& account) {
  return reading(
      [&] { return handed_on_->due_from(account.number).value_or(ledger::first_hour(*handed_on_, account)); });
}

std::vector<NamedSeries> Reader::series() {
  return reading([&] { return handed_on_->series(); });
}

}  // namespace emporia::ledger
