#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands/call.hpp"
#include "commands/order.hpp"
#include "runtime/clock.hpp"

namespace emporia::commands {

enum class Step { update, read_back, inventory };

/// One call that is to be made, and whom it is about.
struct Batch {
  Step step = Step::update;
  std::vector<OrderId> orders;
};

/// The calls of one kind, one after the other.
struct Lane {
  /// To be gathered into the next call, as far as nothing holds them back.
  std::vector<OrderId> waiting;
  /// Calls that follow from earlier ones and go before what waits. May name orders that have ended.
  std::deque<Batch> batches;
  std::optional<std::pair<CallId, Batch>> under_way;
  bool withdrawn = false;
  runtime::SteadyTime window_until;
  runtime::SteadyTime not_before;
  /// `not_before` is when the budget has room again.
  bool over_budget = false;
  unsigned failures = 0;
  std::string trouble;
};

}  // namespace emporia::commands
