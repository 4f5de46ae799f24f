#pragma once

#include <deque>
#include <optional>
#include <string>

#include "app/collector.hpp"
#include "app/responder.hpp"
#include "app/usage_answer.hpp"
#include "json/value.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Why a poll asked for now would not go out soon: the budget is spent or the service does not answer. Empty: it would.
std::string why_waiting(const partner::Client& client, runtime::Now now);

/// The requests for usage, in the order in which they came. Each is fetched with polls' calls, one call at a time, so
/// that neither what is shown nor a command waits long for it. While one waits its portion 0 says why. Belongs to the
/// loop's thread.
class UsageRequests {
 public:
  /// That wait or are under way; more are refused.
  static constexpr std::size_t kMostWaiting = 8;
  /// A call that could not be made within this is given up, and its request with it.
  static constexpr std::chrono::hours kPatience{2};

  /// All outlive it.
  UsageRequests(Responder& responder, Collector& collector, const model::Home& home,
                const settings::Settings& settings);

  void ask(const json::Object& arguments, Address address, runtime::Now now);
  /// What became of a call made by Collector::inquire().
  void on_outcome(const partner::Outcome& outcome, runtime::Now now);
  void on_time(runtime::Now now);
  /// Each that waits has its end.
  void stop();
  runtime::SteadyTime next_deadline() const;

 private:
  struct Job {
    Address address;
    UsageAnswer answer;
    std::deque<partner::FetchUsage> calls;
    /// Of the first of `calls`, once it is submitted.
    std::optional<partner::RequestId> asked;
    runtime::SteadyTime give_up_at = runtime::kNever;
    std::string trouble;
  };
  void submit_next(runtime::Now now);
  void end_with(const std::string& error);

  Responder& responder_;
  Collector& collector_;
  const model::Home& home_;
  const settings::Settings& settings_;
  std::deque<Job> jobs_;
};

}  // namespace emporia::app
