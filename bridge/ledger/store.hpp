#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

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
  runtime::Result<std::vector<BookedSpan>, LedgerError> book(const std::vector<model::DeviceUsage>& usages) override;

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
  void load();
  void write(const model::DeviceId& device, const Counters& counters, const BookedSpan& span);

  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;
  std::unordered_map<model::DeviceId, Counters> counters_;
  std::string set_aside_;
};

}  // namespace emporia::ledger
