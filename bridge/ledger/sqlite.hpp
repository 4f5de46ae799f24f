#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

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

/// Damage that only what stands in the file tells: `what` is a word or two, such as "a counter".
SqliteError unbelievable(const char* what);

/// One connection. Not thread-safe: belongs to the thread that made it.
class Database {
 public:
  /// `at_rest` is for reading a file that nobody writes: it makes no file beside it, where `read_only` may have to.
  enum class Access { read_write, read_only, at_rest };
  /// Makes the file when it is to be written and is not there.
  explicit Database(const std::string& path, Access access = Access::read_write);
  ~Database();
  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  void run(const char* sql);
  /// The file was moved or deleted since it was opened: what is written now is lost. False for one in memory.
  bool moved() const;
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
  /// `look` only reads: all of it of one moment.
  enum class Kind { change, look };
  explicit Transaction(Database& database, Kind kind = Kind::change);
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
