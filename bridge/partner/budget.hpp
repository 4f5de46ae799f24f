#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/clock.hpp"

namespace emporia::partner {

/// Who asks: commands may use the share that polls must leave.
enum class Priority { command, poll };

/// Remembers calls across restarts. Written before a call goes out: a crash may count a call that was never made, never
/// the other way round.
class CallJournal {
 public:
  virtual ~CallJournal() = default;
  virtual void record(runtime::SystemTime when) = 0;
  /// The recorded calls not older than an hour at `now`, and any that claim to be from the future.
  virtual std::vector<runtime::SystemTime> recent(runtime::SystemTime now) = 0;
};

struct BudgetOptions {
  unsigned calls_per_hour = 95;
  unsigned command_reserve = 15;
};

/// The calls of a rolling hour, every attempt counted. While the program runs it measures with the steady clock; calls
/// of an earlier run are placed by the system clock, and one that seems to lie in the future counts as just made.
class CallBudget {
 public:
  CallBudget(BudgetOptions options, CallJournal& journal, runtime::Now now);

  /// Counts and records one call if it is within the share of `priority`; false and nothing counted otherwise.
  bool spend(Priority priority, runtime::Now now);
  /// When spend() will next say yes if nobody else calls; `now` when it would at once.
  runtime::SteadyTime free_at(Priority priority, runtime::SteadyTime now) const;

  unsigned used(runtime::SteadyTime now) const;
  unsigned limit() const { return options_.calls_per_hour; }
  unsigned reserve() const { return options_.command_reserve; }

 private:
  unsigned share(Priority priority) const;
  void forget_old(runtime::SteadyTime now);

  BudgetOptions options_;
  CallJournal& journal_;
  // Ascending.
  std::deque<runtime::SteadyTime> calls_;
};

}  // namespace emporia::partner
