#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "runtime/clock.hpp"

namespace emporia::partner {

/// Who asks: commands may use the share that polls must leave.
enum class Priority { command, poll };

/// Remembers calls across restarts, and shares them with other programs that call for the same account. Written before
/// a call goes out: a crash may count a call that was never made, never the other way round.
class CallJournal {
 public:
  virtual ~CallJournal() = default;
  /// False, and nothing recorded, when others have recorded calls that have not been told yet.
  virtual bool record(runtime::SystemTime when) = 0;
  /// The recorded calls not older than an hour at `now`, and any that claim to be from the future.
  virtual std::vector<runtime::SystemTime> recent(runtime::SystemTime now) = 0;
  /// Why calls cannot be recorded at the moment; empty when they can.
  virtual std::string trouble() const { return {}; }
  /// Calls that other programs have recorded since the last look, recent() being the first. Asked before every call.
  virtual std::vector<runtime::SystemTime> others() { return {}; }
  /// The system's clock was set by so much while the program ran: what was recorded before lies that much later now.
  /// For who owns the record; one that is shared must be moved once.
  virtual void clock_was_set(runtime::SystemTime::duration /*by*/) {}
};

struct BudgetOptions {
  unsigned calls_per_hour = 95;
  unsigned command_reserve = 15;
};

/// The calls of a rolling hour, every attempt counted. While the program runs it measures with the steady clock; calls
/// of an earlier run and of other programs are placed by the system clock, and one that seems to lie in the future
/// counts as just made.
class CallBudget {
 public:
  CallBudget(BudgetOptions options, CallJournal& journal, runtime::Now now);

  /// To be called every turn: notices when the system's clock is set, so that the journal is still right at a restart.
  void on_time(runtime::Now now);
  /// Counts and records one call if it is within the share of `priority`; false and nothing counted otherwise.
  bool spend(Priority priority, runtime::Now now);
  /// When spend() will next say yes if nobody else calls; `now` when it would at once.
  runtime::SteadyTime free_at(Priority priority, runtime::SteadyTime now) const;

  /// Other limits from now on; the calls made stay counted.
  void limit_to(BudgetOptions options) { options_ = options; }

  /// See CallJournal::trouble().
  std::string journal_trouble() const { return journal_.trouble(); }

  unsigned used(runtime::SteadyTime now) const;
  unsigned limit() const { return options_.calls_per_hour; }
  unsigned reserve() const { return options_.command_reserve; }

 private:
  unsigned share(Priority priority) const;
  void forget_old(runtime::SteadyTime now);
  void count(const std::vector<runtime::SystemTime>& calls, runtime::Now now);

  BudgetOptions options_;
  CallJournal& journal_;
  /// One reading of both clocks by which the journal's times are right.
  runtime::Now placed_by_;
  // Ascending.
  std::deque<runtime::SteadyTime> calls_;
};

}  // namespace emporia::partner
