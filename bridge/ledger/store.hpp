#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/account.hpp"
#include "ledger/call_log.hpp"
#include "ledger/groups.hpp"
#include "ledger/handed_on.hpp"
#include "ledger/shelf.hpp"
#include "ledger/sqlite.hpp"
#include "ledger/usage_ledger.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"

namespace emporia::ledger {

/// Start of the first hour that is kept of a device, history included.
model::UtcSeconds first_hour(HandedOn& handed_on, const Account& account);
/// As HourBook::hours().
std::map<model::UtcSeconds, Hour> hours_with_history(Shelf& shelf, HandedOn& handed_on, const Account& account,
                                                     model::UtcSeconds from, model::UtcSeconds until);

// Long because everything in the one file is reached through it.

/// The ledger in one SQLite file (WAL, synced at every booking), with the counters kept in memory as well for reading.
/// It also keeps the times of the calls made to the service, so that a restart does not forget what of the hour's
/// budget is spent.
class Store final : public UsageLedger, public HourBook {
 public:
  /// Opens or creates `path` (":memory:" for tests) and brings it to the newest schema. A file that is damaged is set
  /// aside under another name and a new one begun; `set_aside()` tells. Throws std::runtime_error with a sentence for
  /// people when the file can be neither read nor made. Hours are kept for `kept`, not less than kIncompleteKept.
  explicit Store(const std::string& path, std::chrono::hours kept = kHoursKept);
  ~Store() override;

  const Counters& counters(const model::DeviceId& device) const override;
  std::optional<model::UtcSeconds> booked_until(const model::DeviceId& device) const override;
  runtime::Result<std::vector<BookedSpan>, LedgerError> book(const std::vector<Booking>& bookings) override;
  runtime::Result<runtime::Done, LedgerError> set_groups(std::vector<Group> groups) override;
  std::vector<EnergySince> energy_since(const model::DeviceId& device,
                                        const std::vector<model::UtcSeconds>& moments) override;
  bool adopt(const model::DeviceId& device, const Counters& last) override;
  bool show_at_least(const model::DeviceId& device, const Counters& last) override;
  std::vector<Hole> holes(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until,
                          std::size_t most) const override;
  runtime::Result<runtime::Done, LedgerError> asked_again(const model::DeviceId& device,
                                                          const std::vector<model::UtcSeconds>& hours,
                                                          model::UtcSeconds when) override;

  std::vector<DueHours> due_hours() override;
  std::map<model::UtcSeconds, Hour> hours(const model::DeviceId& device, model::UtcSeconds from,
                                          model::UtcSeconds until) override;
  void handing_on(const model::DeviceId& device) override;
  void handed_on(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until) override;
  void name_series(const std::vector<NamedSeries>& series) override;
  std::vector<NamedSeries> named_series(const model::DeviceId& device) override;

  const std::string& trouble() const override { return trouble_; }

  /// Where a damaged file was put; empty when there was none.
  const std::string& set_aside() const { return set_aside_; }

  /// See CallLog.
  bool record_call(runtime::SystemTime when) { return calls_->record(when); }
  /// Why the last call could not be recorded; empty when it was.
  const std::string& call_trouble() const { return calls_->trouble(); }
  /// The recorded calls of the hours before `now`; forgets older ones. One recorded for later than `now`, when the
  /// clock was ahead, is taken as made now.
  std::vector<runtime::SystemTime> recent_calls(runtime::SystemTime now);
  std::vector<runtime::SystemTime> other_calls() { return calls_->others(); }
  void move_calls(runtime::SystemTime::duration by) { calls_->move(by); }

  /// Numbers a person has set that the service does not keep, by device and by the word of the setting. A failure is
  /// logged; the numbers then last until the end of this run.
  std::map<std::string, double> kept_settings(const model::DeviceId& device);
  void keep_settings(const model::DeviceId& device, const std::map<std::string, double>& settings);

 private:
  void open(const std::string& path);
  using Accounts = std::unordered_map<model::DeviceId, Account>;
  /// What one transaction has done so far.
  struct Work {
    Accounts changed;
    std::vector<BookedSpan> spans;
    /// The minutes that were booked of groups' members.
    std::map<model::DeviceId, std::map<model::UtcSeconds, Minutes>> of_members;
    /// Hours of groups' families that may have become old enough to lose their single values.
    std::set<std::pair<std::size_t, model::UtcSeconds>> aged;
  };
  /// By itself SQLite keeps 2 MB of the file in memory for ever, which a home has no use for. A fleet's bookings have:
  /// what does not fit is written twice.
  void fit_cache();
  /// What a transaction has made of an account, once it is committed.
  void keep(const model::DeviceId& device, const Account& account);
  /// The account as it stands within the transaction; a new one where there is none.
  const Account& account_of(const model::DeviceId& device, const Work& work) const;
  void book(const Booking& booking, Work& work);
  void book_groups(Work& work);
  void book_group(const Group& group, const std::map<model::UtcSeconds, Minutes>& minutes, Work& work);
  void write(const model::DeviceId& device, Account account, const Account& before,
             std::map<model::UtcSeconds, Hour>& hours, Change& change, Work& work);
  enum class Age { any, given_up };
  /// Writes an hour, without its single values where these are not needed any more; given up, they are not in any case.
  void put(const model::DeviceId& device, const Account& account, model::UtcSeconds start, Hour& hour, Age age,
           Work& work);
  /// Lets the account have marks at these moments and no others; what of that has changed is stored.
  void set_marks(Account& account, const std::vector<model::UtcSeconds>& moments);
  Mark sum_up(const Account& account, model::UtcSeconds since);
  /// Hours that leave what is kept in full, or kept at all, because the newest bucket of the device is newer now.
  void put_away(const model::DeviceId& device, Account& account, model::UtcSeconds newest_before, Work& work);
  /// Devices that book nothing any more forget no hours by themselves: they are looked for once a day, by what others
  /// book and not by the clock, which may be wrong by years, and one of them forgets with each booking.
  void forget_of_gone_devices(const Work& work);
  /// The hour, and all after it, are due again for whom they are handed on to.
  void touch(const model::DeviceId& device, const Account& account, model::UtcSeconds hour);
  /// Where the history of a device is kept, what leaves the ledger joins it.
  void keep_forgotten(const Account& account, model::UtcSeconds gone);
  /// Whether something is kept of every hour of the window before the newest bucket.
  bool is_filled(const Account& account);
  void fold_together(const Groups::Family& family, model::UtcSeconds start, const Work& work);
  /// An hour of a device in the file; one that cannot be read is noted as lost, once.
  Hour hour(const Account& account, model::UtcSeconds start);

  Groups groups_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<CallLog> calls_;
  std::unique_ptr<Shelf> shelf_;
  std::unique_ptr<HandedOn> handed_on_;
  Accounts accounts_;
  std::size_t cache_kb_ = 0;
  std::string set_aside_;
  std::string trouble_;
  std::chrono::hours kept_;
  model::UtcSeconds looked_for_gone_at_;
  std::vector<model::DeviceId> gone_;
  /// The first hour of each device that was booked since handing_on().
  std::map<model::DeviceId, model::UtcSeconds> touched_;
};

}  // namespace emporia::ledger
