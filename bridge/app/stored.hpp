#pragma once

#include "commands/battery.hpp"
#include "ledger/store.hpp"
#include "partner/budget.hpp"

namespace emporia::app {

// What other rooms remember, kept in the ledger's file: one file to back up, one order of commits.

class StoredCalls final : public partner::CallJournal {
 public:
  explicit StoredCalls(ledger::Store& store) : store_(store) {}
  bool record(runtime::SystemTime when) override { return store_.record_call(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override { return store_.recent_calls(now); }
  std::string trouble() const override { return store_.call_trouble(); }
  std::vector<runtime::SystemTime> others() override { return store_.other_calls(); }
  void clock_was_set(runtime::SystemTime::duration by) override { store_.move_calls(by); }

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
