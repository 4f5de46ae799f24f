#pragma once

#include "commands/battery.hpp"
#include "ledger/store.hpp"
#include "partner/budget.hpp"

namespace emporia::app {

// What other rooms remember, kept in the ledger's file: one file to back up, one order of commits.

class StoredCalls final : public partner::CallJournal {
 public:
  explicit StoredCalls(ledger::Store& store) : store_(store) {}
  void record(runtime::SystemTime when) override { store_.record_call(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override { return store_.recent_calls(now); }

 private:
  ledger::Store& store_;
};

class StoredDrafts final : public commands::DraftStore {
 public:
  explicit StoredDrafts(ledger::Store& store) : store_(store) {}
  commands::KeptSettings load(const model::DeviceId& device) override;
  void save(const model::DeviceId& device, const commands::KeptSettings& kept) override;

 private:
  ledger::Store& store_;
};

}  // namespace emporia::app
