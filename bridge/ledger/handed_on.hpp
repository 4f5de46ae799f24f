#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ledger/hour_book.hpp"
#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// What a file knows of the hours that were handed on: how far, under which names, and the hours from before the first
/// booking. Throws SqliteError; every change belongs in a transaction of the caller.
class HandedOn {
 public:
  explicit HandedOn(Database& database);

  /// Start of the first hour of a device that is due; nothing when none was ever handed on.
  std::optional<model::UtcSeconds> due_from(std::int64_t number);
  /// A booking touched hours from `hour` on: they are due again.
  void touched(std::int64_t number, model::UtcSeconds hour);
  void put_due(std::int64_t number, model::UtcSeconds hour);
  /// None was ever handed on.
  void drop_due(std::int64_t number);
  /// Sets it only where it is `before` still, and tells whether it was.
  bool move_due(std::int64_t number, model::UtcSeconds before, model::UtcSeconds hour);

  void put_series(const NamedSeries& series, std::int64_t number);
  void drop_series(const std::string& id);
  std::vector<NamedSeries> series();

  /// Hours from before the first booking, in the form of folded hours.
  void put_history(std::int64_t number, model::UtcSeconds start, const Hour& hour);
  std::map<model::UtcSeconds, Hour> history(std::int64_t number, model::UtcSeconds from, model::UtcSeconds until);
  std::optional<model::UtcSeconds> history_begin(std::int64_t number);

 private:
  Database& database_;
  Statement get_due_;
  Statement lower_due_;
  Statement put_due_;
  Statement move_due_;
  Statement put_series_;
  Statement put_history_;
  Statement history_;
  Statement history_begin_;
};

}  // namespace emporia::ledger
