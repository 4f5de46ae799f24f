#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace emporia::ledger {

/// A failure of the database. Thrown within the ledger only; it becomes a value at the ledger's border.
class SqliteError : public std::runtime_error {
 public:
  SqliteError(const std::string& what, int code) : std::runtime_error(what), code_(code) {}
  /// SQLite's primary result code.
  int code() const { return code_; }
  bool damaged() const;

 private:
  int code_;
};

/// One connection. Not thread-safe: belongs to the thread that made it.
class Database {
 public:
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  void run(const char* sql);
  sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

/// A prepared statement, used as: bind values in order, step through rows, reset.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(const std::string& value);
  Statement& bind_bytes(const std::string& value);
  /// True while there is a row; false at the end, and then reset for the next use.
  bool step();
  /// Ends a query before its last row.
  void reset();
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

 private:
  void check(int code, const char* doing) const;
  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
  int next_ = 1;
};

/// Rolls back unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

/// While it lives a commit is on the disk when it returns. Energy is worth the wait: what is published from it must
/// outlive a power cut. The record of a call is not, and a command must not wait for a disk: it outlives a crash of the
/// program either way.
class SyncedToDisk {
 public:
  explicit SyncedToDisk(Database& database);
  ~SyncedToDisk();
  SyncedToDisk(const SyncedToDisk&) = delete;
  SyncedToDisk& operator=(const SyncedToDisk&) = delete;

 private:
  Database& database_;
};

}  // namespace emporia::ledger
