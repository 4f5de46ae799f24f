#include "partner/budget.hpp"

#include <algorithm>

namespace emporia::partner {
namespace {

// A little over an hour, so that the service's clock may differ from ours about when the hour began.
constexpr std::chrono::seconds kWindow{3605};
constexpr int kMostTurns = 10;
// Clocks drift apart a little, and are then not set but slewed.
constexpr std::chrono::seconds kSetFrom{10};

}  // namespace

CallBudget::CallBudget(BudgetOptions options, CallJournal& journal, runtime::Now now)
    : options_(options), journal_(journal), placed_by_(now) {
  count(journal.recent(now.system), now);
}

void CallBudget::count(const std::vector<runtime::SystemTime>& calls, runtime::Now now) {
  if (calls.empty()) return;
  for (const runtime::SystemTime when : calls) {
    const auto age = std::max(now.system - when, runtime::SystemTime::duration::zero());
    if (age < kWindow) calls_.push_back(now.steady - age);
  }
  std::sort(calls_.begin(), calls_.end());
}

unsigned CallBudget::share(Priority priority) const {
  if (priority == Priority::command) return options_.calls_per_hour;
  return options_.calls_per_hour - std::min(options_.command_reserve, options_.calls_per_hour);
}

void CallBudget::forget_old(runtime::SteadyTime now) {
  while (!calls_.empty() && now - calls_.front() >= kWindow) calls_.pop_front();
}

void CallBudget::on_time(runtime::Now now) {
  const runtime::SystemTime::duration by = (now.system - placed_by_.system) - (now.steady - placed_by_.steady);
  if (by < kSetFrom && by > -kSetFrom) return;
  placed_by_ = now;
  journal_.clock_was_set(by);
}

bool CallBudget::spend(Priority priority, runtime::Now now) {
  on_time(now);
  forget_old(now.steady);
  bool recorded = false;
  // More than one turn when another program calls at the same moment. A journal that cannot be used ends it too: the
  // call itself may go on.
  for (int turn = 0; turn < kMostTurns && !recorded; ++turn) {
    count(journal_.others(), now);
    if (calls_.size() >= share(priority)) return false;
    recorded = journal_.record(now.system);
  }
  calls_.push_back(now.steady);
  return true;
}

runtime::SteadyTime CallBudget::free_at(Priority priority, runtime::SteadyTime now) const {
  const unsigned allowed = share(priority);
  if (allowed == 0) return runtime::kNever;
  if (used(now) < allowed) return now;
  // The call whose ageing out makes room: all but `allowed - 1` of them must be gone.
  return calls_[calls_.size() - allowed] + kWindow;
}

unsigned CallBudget::used(runtime::SteadyTime now) const {
  const auto recent = [now](runtime::SteadyTime call) { return now - call < kWindow; };
  return static_cast<unsigned>(std::count_if(calls_.begin(), calls_.end(), recent));
}

}  // namespace emporia::partner
