#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ledger/account.hpp"
#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// Accounts and hours in the file. Throws SqliteError; every change belongs in a transaction of the caller.
class Shelf {
 public:
  explicit Shelf(Database& database);

  /// Everything that is kept in memory. What no booking can have made is damage, too.
  std::unordered_map<model::DeviceId, Account> load_accounts();
  /// Writes a device that is not in the file yet, giving the account its number.
  void add(const model::DeviceId& device, Account& account);
  /// Where a device that is in the file begins to count.
  void put_start(std::int64_t number, model::UtcSeconds start);
  /// What each group was made of last time, by its id.
  std::map<std::string, std::string> group_definitions();
  void put_group_definition(const std::string& id, const std::string& definition);
  void drop_group_definition(const std::string& id);
  /// All counters of a device, in place of what stood there.
  void put_counters(std::int64_t number, const Counters& counters);

  /// An hour; empty when nothing is booked of it, nothing when its data are damaged.
  std::optional<Hour> hour(std::int64_t number, model::UtcSeconds start);
  void put_hour(std::int64_t number, model::UtcSeconds start, unsigned missing, const Hour& hour);
  /// Starts of the hours kept between two times, oldest first.
  std::vector<model::UtcSeconds> kept(std::int64_t number, model::UtcSeconds from, model::UtcSeconds until);
  void forget(std::int64_t number, model::UtcSeconds until);
  /// What is known of the completeness of the hours kept between two times.
  struct Completeness {
    unsigned missing = 0;
    unsigned attempts = 0;
    model::UtcSeconds asked_at;
  };
  std::map<model::UtcSeconds, Completeness> completeness(std::int64_t number, model::UtcSeconds from,
                                                         model::UtcSeconds until);
  void put_attempt(std::int64_t number, model::UtcSeconds start, model::UtcSeconds when);
  /// Adds what was revised of a device and forgets the oldest beyond kRevisionsKept.
  void put_revisions(std::int64_t number, std::vector<Revision> revisions);
  /// The newest first.
  std::vector<Revision> revisions(std::int64_t number);

  void put_mark(std::int64_t number, const Mark& mark);
  void drop_mark(std::int64_t number, model::UtcSeconds since);

 private:
  Database& database_;
  Statement put_device_;
  Statement find_device_;
  Statement put_start_;
  Statement put_counters_;
  Statement get_hour_;
  Statement put_hour_;
  Statement kept_;
  Statement forget_;
  Statement completeness_;
  Statement put_attempt_;
  Statement last_revision_;
  Statement put_revision_;
  Statement forget_revisions_;
  Statement put_mark_;
  Statement drop_mark_;
};

}  // namespace emporia::ledger
