#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/account.hpp"
#include "ledger/handed_on.hpp"
#include "ledger/shelf.hpp"
#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// The ledger's file for looking only: nothing is written, brought up to date or locked, and a bridge may book
/// meanwhile. All that one Reader tells is of one moment; as long as it lives the file cannot shed its log, so it
/// should not live long. Its functions throw std::runtime_error with a sentence for people.
class Reader {
 public:
  /// Throws when there is no file, when it cannot be read, is damaged, or of another program or version; the sentence
  /// says what to do.
  explicit Reader(const std::string& path);

  const std::unordered_map<model::DeviceId, Account>& accounts() const { return accounts_; }
  /// As UsageLedger::holes(), of everything that is kept.
  std::vector<Hole> holes(const Account& account, std::size_t most);
  /// The newest first.
  std::vector<Revision> revisions(const Account& account);
  /// What is kept of the hours that begin between two times; an hour that cannot be read is `lost`.
  std::map<model::UtcSeconds, Hour> hours(const Account& account, model::UtcSeconds from, model::UtcSeconds until);
  /// The same, with what was filled in from before the first booking.
  std::map<model::UtcSeconds, Hour> hours_with_history(const Account& account, model::UtcSeconds from,
                                                       model::UtcSeconds until);
  /// Start of the first hour that hours_with_history() has, and of the first one that is due for handing on.
  model::UtcSeconds first_hour(const Account& account);
  model::UtcSeconds due_from(const Account& account);
  /// See HourBook.
  std::vector<NamedSeries> series();

 private:
  template <typename Read>
  auto reading(const Read& read);

  std::string path_;
  std::optional<Database> database_;
  std::optional<Transaction> moment_;
  std::optional<Shelf> shelf_;
  std::optional<HandedOn> handed_on_;
  std::unordered_map<model::DeviceId, Account> accounts_;
};

}  // namespace emporia::ledger
