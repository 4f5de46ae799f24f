#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "ledger/sqlite.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"

namespace emporia::ledger {

/// The times of the calls made to the service, in the ledger's file, which the bridge and the commands of the command
/// line share: what one records the others see before they call. Failures are logged, not thrown: the call itself may
/// go on. Belongs to the thread of its database.
class CallLog {
 public:
  /// The file has the table already (see migrations.hpp). What is recorded by now counts as told.
  explicit CallLog(Database& database);

  /// Records a call and forgets old ones. False, with nothing recorded, when another program has recorded calls that
  /// others() has not told yet: look at them first, there may be no room left.
  bool record(runtime::SystemTime when);
  /// All calls that are kept, those of later than now included.
  std::vector<runtime::SystemTime> recent();
  /// Those that other programs have recorded since the last look. Costs some microseconds when there are none.
  std::vector<runtime::SystemTime> others();
  /// For who owns the file: forgets old calls, and takes those recorded for later than `now`, when the clock was ahead,
  /// as made now. Left as they are they would fill the budget at every start until that time has come.
  void tidy(runtime::SystemTime now);
  /// The clock was set: all recorded calls lie so much later now.
  void move(runtime::SystemTime::duration by);
  /// Why the last call could not be recorded; empty when it was.
  const std::string& trouble() const { return trouble_; }

 private:
  using Times = std::multiset<std::int64_t>;
  std::int64_t version();
  Times read();

  Database& database_;
  Statement put_;
  Statement forget_;
  Statement pull_back_;
  Statement move_;
  Statement all_;
  Statement version_;
  /// What has been told or recorded, by milliseconds of the system clock.
  Times known_;
  /// Of the file when it was last read; another program's commit changes it, our own does not.
  std::int64_t version_seen_ = -1;
  std::string trouble_;
  runtime::Episode episode_;
};

}  // namespace emporia::ledger
