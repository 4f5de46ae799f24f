#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "partner/budget.hpp"
#include "partner/gateway.hpp"
#include "partner/progress.hpp"
#include "partner/status.hpp"
#include "runtime/backoff.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"

namespace emporia::partner {

using RequestId = std::uint64_t;

/// What became of a request, or of one part of it when it had to be split.
struct Outcome {
  RequestId id = 0;
  /// The part this is about: its devices and range.
  Request request;
  runtime::Result<Answer, PartnerError> result;
  /// No further part of this request follows.
  bool last = true;
};

struct ClientOptions {
  std::string email;
  std::string password;
  BudgetOptions budget;
  /// Seeds the jitter.
  std::uint64_t seed = 0;
};

/// Asks the service on behalf of the bridge: signs in and renews the token, keeps within the call budget, lets commands
/// go before polls, holds polls back while the service is out of reach, splits what is too large. It does not repeat a
/// failed request, except once after a new sign-in: who asked decides. A command does not outlive a failed sign-in,
/// because nobody expects a switch to move when the service comes back hours later; polls wait. Belongs to the loop's
/// thread.
class Client {
 public:
  Client(Gateway& gateway, CallJournal& journal, ClientOptions options, runtime::Now now);

  /// Queues a request; its outcome comes through take_outcomes(). Requests for usage are cut into portions by the
  /// estimated size of the reply. A poll the service refuses is halved until only the refused devices fail, or until it
  /// is plain that it refuses them all.
  RequestId submit(Request request, Priority priority, runtime::Now now);
  /// Takes back what has not gone out yet, for a command whose time is over. True when nothing of the request is under
  /// way or done: it never happened, and no outcome follows. False: its outcome comes as ever.
  bool withdraw(RequestId id);

  /// Other options from now on. With another e-mail or password it signs in anew; a refused sign-in is tried again
  /// without the rest of its pause, because a person has looked at it.
  void reconfigure(ClientOptions options, runtime::Now now);

  /// A closer look has found why the service's certificate is not trusted: says so instead of what gRPC tells, until
  /// it is trusted again. Without effect when it is by now.
  void explain_distrust(const std::string& why);

  void on_reply(Reply reply, runtime::Now now);
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const { return deadline_; }
  std::vector<Outcome> take_outcomes();

  const PartnerStatus& status() const { return status_; }
  const CallBudget& budget() const { return budget_; }
  /// Requests that would go now if the budget had room for them.
  unsigned postponed() const { return postponed_; }
  /// Odd parts of replies so far, all kinds together.
  std::uint64_t oddities() const { return oddity_count_; }

 private:
  struct Item {
    RequestId id = 0;
    Request request;
    Priority priority = Priority::poll;
    bool renewed = false;
  };
  struct Attempt {
    Item item;
    std::string token;
  };

  void pump(runtime::Now now);
  bool try_send(std::deque<Item>& queue, runtime::Now now);
  bool have_token(Priority priority, runtime::Now now);
  void wait_until(runtime::SteadyTime deadline);
  void on_sign_in(const Reply& reply, runtime::Now now);
  void on_failure(Attempt attempt, const PartnerError& error, runtime::Now now);
  void enter(PartnerState state, runtime::Now now);
  void trusted();
  void note_failure(const PartnerError& error, const char* what, runtime::Now now);
  void finish(Item item, runtime::Result<Answer, PartnerError> result);
  void fail_commands(const PartnerError& error);
  void put_back(Item item);
  bool worth_halving(const Item& item);
  bool split(const Item& item, std::vector<Request> parts);
  void note(const Oddities& oddities);
  std::deque<Item>& queue_of(Priority priority);

  Gateway& gateway_;
  ClientOptions options_;
  CallBudget budget_;
  PartnerStatus status_;

  std::deque<Item> commands_;
  std::deque<Item> polls_;
  std::map<AttemptId, Attempt> under_way_;
  unsigned polls_under_way_ = 0;
  std::map<RequestId, Progress> progress_;
  std::vector<Outcome> outcomes_;
  RequestId last_request_ = 0;
  AttemptId last_attempt_ = 0;

  std::string token_;
  runtime::SteadyTime token_since_;
  std::optional<AttemptId> signing_in_;
  /// Why the last sign-in was refused, while that keeps the next one back.
  std::optional<PartnerError> sign_in_refused_;
  runtime::SteadyTime sign_in_not_before_;
  runtime::SteadyTime polls_not_before_;
  runtime::Backoff unreachable_pause_;
  runtime::Backoff quota_pause_;
  runtime::Backoff refused_pause_;
  runtime::SteadyTime deadline_ = runtime::kNever;
  unsigned postponed_ = 0;

  runtime::Episode trouble_;
  /// Why the certificate is not trusted, as far as that has been found out.
  std::string distrust_;
  std::uint64_t oddity_count_ = 0;
  Oddities oddities_seen_;
};

}  // namespace emporia::partner
