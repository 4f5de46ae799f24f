#pragma once

#include <map>
#include <unordered_map>

#include "ledger/account.hpp"
#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// Accounts and hours in the file. Throws SqliteError; every change belongs in a transaction of the caller.
class Shelf {
 public:
  explicit Shelf(Database& database);

  std::unordered_map<model::DeviceId, Account> load_accounts();
  /// Writes a device that is not in the file yet, giving the account its number.
  void add(const model::DeviceId& device, Account& account);
  void put_counter(std::int64_t number, model::Channel channel, const Counter& counter);

  /// An hour; empty when nothing is booked of it.
  Hour hour(std::int64_t number, model::UtcSeconds start);
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

 private:
  Database& database_;
  Statement put_device_;
  Statement find_device_;
  Statement put_counter_;
  Statement get_hour_;
  Statement put_hour_;
  Statement kept_;
  Statement forget_;
  Statement completeness_;
  Statement put_attempt_;
};

}  // namespace emporia::ledger
