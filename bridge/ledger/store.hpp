#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/account.hpp"
#include "ledger/shelf.hpp"
#include "ledger/sqlite.hpp"
#include "ledger/usage_ledger.hpp"
#include "runtime/clock.hpp"

namespace emporia::ledger {

/// The ledger in one SQLite file (WAL, synced at every booking), with the counters kept in memory as well for reading.
/// It also keeps the times of the calls made to the service, so that a restart does not forget what of the hour's
/// budget is spent.
class Store final : public UsageLedger {
 public:
  /// Opens or creates `path` (":memory:" for tests) and brings it to the newest schema. A file that is damaged is set
  /// aside under another name and a new one begun; `set_aside()` tells. Throws std::runtime_error with a sentence for
  /// people when the file can be neither read nor made.
  explicit Store(const std::string& path);
  ~Store() override;

  const Counters& counters(const model::DeviceId& device) const override;
  runtime::Result<std::vector<BookedSpan>, LedgerError> book(const std::vector<Booking>& bookings) override;
  bool adopt(const model::DeviceId& device, model::Channel channel, const Counter& last) override;
  std::vector<Hole> holes(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until,
                          std::size_t most) const override;
  runtime::Result<runtime::Done, LedgerError> asked_again(const model::DeviceId& device,
                                                          const std::vector<model::UtcSeconds>& hours,
                                                          model::UtcSeconds when) override;

  /// Where a damaged file was put; empty when there was none.
  const std::string& set_aside() const { return set_aside_; }

  /// Records one call. A failure is logged, not thrown: the call itself may go on.
  void record_call(runtime::SystemTime when);
  /// The recorded calls of the hours before `now`; forgets older ones. One recorded for later than `now`, when the
  /// clock was ahead, is taken as made now.
  std::vector<runtime::SystemTime> recent_calls(runtime::SystemTime now);

  /// Numbers a person has set that the service does not keep, by device and by the word of the setting. A failure is
  /// logged; the numbers then last until the end of this run.
  std::map<std::string, double> kept_settings(const model::DeviceId& device);
  void keep_settings(const model::DeviceId& device, const std::map<std::string, double>& settings);

 private:
  struct Statements;
  void open(const std::string& path);
  using Accounts = std::unordered_map<model::DeviceId, Account>;
  void book(const Booking& booking, Accounts& changed, std::vector<BookedSpan>& spans);
  void write(Account& account, const Account& before, std::map<model::UtcSeconds, Hour>& hours,
             const std::set<model::UtcSeconds>& touched);
  /// Hours that leave what is kept in full, or kept at all, because the newest bucket of the device is newer now.
  void put_away(const Account& account, model::UtcSeconds newest_before);

  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;
  std::unique_ptr<Shelf> shelf_;
  Accounts accounts_;
  std::string set_aside_;
};

}  // namespace emporia::ledger
