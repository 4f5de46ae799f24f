#pragma once

#include <string>

#include "ledger/call_log.hpp"

namespace emporia::ledger {

/// Opens a ledger's file that may be in use by a running bridge, or makes it in a folder that is there, for the
/// folder's owner. Throws std::runtime_error with a sentence for people when it cannot be used.
Database open_shared(const std::string& path);

/// The record of calls in a ledger's file that may be in use by a running bridge at the same time. Reads and writes
/// nothing else of it; what a bridge does at its start, such as checking the file and setting a damaged one aside, is
/// left to the bridge.
class SharedCalls {
 public:
  /// As open_shared().
  explicit SharedCalls(const std::string& path);

  CallLog& log() { return log_; }

 private:
  Database database_;
  CallLog log_;
};

}  // namespace emporia::ledger
