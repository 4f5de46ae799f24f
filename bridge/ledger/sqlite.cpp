#include "ledger/sqlite.hpp"

#include <sqlite3.h>

namespace emporia::ledger {
namespace {

/// Tells the library to copy what is bound (SQLITE_TRANSIENT, whose macro casts in a way our warnings refuse).
sqlite3_destructor_type copied() {
  return reinterpret_cast<sqlite3_destructor_type>(-1);  // NOLINT(performance-no-int-to-ptr)
}

std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char letter : path) {
    if (letter == '%') {
      uri += "%25";
    } else if (letter == '?') {
      uri += "%3f";
    } else if (letter == '#') {
      uri += "%23";
    } else {
      uri += letter;
    }
  }
  return uri;
}

}  // namespace

bool SqliteError::damaged() const {
  return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
}

SqliteError unbelievable(const char* what) {
  return {std::string(what) + " in it cannot be believed", SQLITE_CORRUPT};
}

Database::Database(const std::string& path, Access access) {
  const int flags = access == Access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : access == Access::at_rest  ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                                 : SQLITE_OPEN_READONLY;
  const std::string name = access == Access::at_rest ? uri_of(path) + "?immutable=1" : path;
  // Its own locks are for connections that threads share.
  const int code = sqlite3_open_v2(name.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const std::string reason = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw SqliteError("cannot open " + path + ": " + reason, code & 0xff);
  }
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw SqliteError(sqlite3_errmsg(handle_), code & 0xff);
}

bool Database::moved() const {
  int moved = 0;
  return sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  check(sqlite3_prepare_v2(database.handle(), sql, -1, &handle_, nullptr), "prepare");
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::check(int code, const char* doing) const {
  if (code == SQLITE_OK) return;
  const std::string reason = sqlite3_errmsg(database_.handle());
  throw SqliteError(std::string(doing) + ": " + reason, code & 0xff);
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(handle_, next_++, value), "bind");
  return *this;
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(handle_, next_++, value), "bind");
  return *this;
}

Statement& Statement::bind(const std::string& value) {
  check(sqlite3_bind_text(handle_, next_++, value.data(), static_cast<int>(value.size()), copied()), "bind");
  return *this;
}

Statement& Statement::bind_bytes(const std::string& value) {
  check(sqlite3_bind_blob(handle_, next_++, value.data(), static_cast<int>(value.size()), copied()), "bind");
  return *this;
}

void Statement::reset() {
  sqlite3_reset(handle_);
  next_ = 1;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  reset();
  if (code != SQLITE_DONE) throw SqliteError(sqlite3_errmsg(database_.handle()), code & 0xff);
  return false;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(handle_, column);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.run(kind == Kind::look ? "BEGIN" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const SqliteError&) {
    // SQLite has rolled back by itself already, or the connection is gone with what was not committed.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

SyncedToDisk::SyncedToDisk(Database& database) : database_(database) {
  database_.run("PRAGMA synchronous = FULL");
}

SyncedToDisk::~SyncedToDisk() {
  try {
    database_.run("PRAGMA synchronous = NORMAL");
  } catch (const SqliteError&) {
    // Only slower from here on.
  }
}

}  // namespace emporia::ledger
