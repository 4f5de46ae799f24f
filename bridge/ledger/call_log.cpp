#include "ledger/call_log.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

constexpr const char* kRoom = "ledger";
constexpr std::chrono::hours kCallsKept{2};

std::int64_t epoch_ms(runtime::SystemTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

template <typename Range>
std::vector<runtime::SystemTime> times(const Range& range) {
  std::vector<runtime::SystemTime> result;
  result.reserve(range.size());
  for (const std::int64_t at_ms : range) result.emplace_back(std::chrono::milliseconds{at_ms});
  return result;
}

void warn(const char* what, const SqliteError& error) {
  runtime::log_warning(kRoom, runtime::concat(what, ": ", error.what()));
}

}  // namespace

CallLog::CallLog(Database& database)
    : database_(database),
      put_(database, "INSERT INTO call VALUES (?)"),
      forget_(database, "DELETE FROM call WHERE at_ms < ?"),
      pull_back_(database, "UPDATE call SET at_ms = ?1 WHERE at_ms > ?1"),
      move_(database, "UPDATE call SET at_ms = at_ms + ?"),
      all_(database, "SELECT at_ms FROM call"),
      version_(database, "PRAGMA data_version") {
  static_cast<void>(recent());
}

std::int64_t CallLog::version() {
  const std::int64_t version = version_.step() ? version_.integer(0) : -1;
  version_.reset();
  return version;
}

CallLog::Times CallLog::read() {
  Times rows;
  while (all_.step()) rows.insert(all_.integer(0));
  return rows;
}

bool CallLog::record(runtime::SystemTime when) {
  try {
    Transaction transaction(database_);  // one write to the disk for both, and nobody else's between
    if (version() != version_seen_) return false;
    put_.bind(epoch_ms(when)).step();
    forget_.bind(epoch_ms(when - kCallsKept)).step();
    transaction.commit();
    // As in the file, or the years would fill the memory.
    known_.erase(known_.begin(), known_.lower_bound(epoch_ms(when - kCallsKept)));
    known_.insert(epoch_ms(when));
    trouble_.clear();
    episode_.ended(kRoom, "calls are recorded again");
  } catch (const SqliteError& error) {
    trouble_ = runtime::concat("calls cannot be recorded (", error.what(),
                               "): check the room on the disk of [state] directory");
    episode_.failed(kRoom, trouble_ + "; a restart before that forgets them");
  }
  return true;
}

std::vector<runtime::SystemTime> CallLog::recent() {
  try {
    // In this order: what is committed between the two is told the next time.
    version_seen_ = version();
    known_ = read();
  } catch (const SqliteError& error) {
    warn("the recorded calls could not be read", error);
  }
  return times(known_);
}

std::vector<runtime::SystemTime> CallLog::others() {
  std::vector<std::int64_t> fresh;
  try {
    const std::int64_t version_now = version();
    if (version_now == version_seen_) return {};
    Times rows = read();
    std::set_difference(rows.begin(), rows.end(), known_.begin(), known_.end(), std::back_inserter(fresh));
    known_ = std::move(rows);
    version_seen_ = version_now;
  } catch (const SqliteError& error) {
    warn("the recorded calls could not be read", error);
  }
  return times(fresh);
}

void CallLog::tidy(runtime::SystemTime now) {
  try {
    forget_.bind(epoch_ms(now - kCallsKept)).step();
    pull_back_.bind(epoch_ms(now)).step();
  } catch (const SqliteError& error) {
    warn("the recorded calls could not be tidied", error);
  }
}

void CallLog::move(runtime::SystemTime::duration by) {
  const std::int64_t by_ms = std::chrono::duration_cast<std::chrono::milliseconds>(by).count();
  try {
    move_.bind(by_ms).step();
    Times moved;
    for (const std::int64_t at_ms : known_) moved.insert(at_ms + by_ms);
    known_ = std::move(moved);
  } catch (const SqliteError& error) {
    warn("the recorded calls could not be moved with the clock", error);
  }
}

}  // namespace emporia::ledger
