#pragma once

#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <vector>

#include "partner/client.hpp"
#include "runtime/text.hpp"

// A client on the bench: a clock that is turned by hand, a gateway that only notes, and a transcript of all that
// passes.
namespace emporia::partner::bench {

using namespace std::chrono_literals;
using runtime::concat;

/// Remembers the calls as the ledger would.
class MemoryJournal final : public CallJournal {
 public:
  bool record(runtime::SystemTime when) override {
    calls.push_back(when);
    return true;
  }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override {
    std::vector<runtime::SystemTime> result;
    for (const auto when : calls) {
      if (when > now - 1h) result.push_back(when);
    }
    return result;
  }
  void clock_was_set(runtime::SystemTime::duration by) override {
    for (auto& when : calls) when += by;
  }
  std::vector<runtime::SystemTime> calls;
};

struct Sent {
  AttemptId attempt;
  std::string token;
  Request request;
};

class NotingGateway final : public Gateway {
 public:
  void send(AttemptId attempt, const std::string& token, const Request& request) override {
    sent.push_back({attempt, token, request});
    if (on_send) on_send(sent.back());
  }
  std::vector<Sent> sent;
  std::function<void(const Sent&)> on_send;
};

/// "GetUsageData a b", "UpdateOutlets a=on".
std::string text_of(const Request& request);

inline ClientOptions options(BudgetOptions budget = {}, std::uint64_t seed = 1) {
  return {"a@example.com", "password", budget, seed};
}

class Bench {
 public:
  explicit Bench(ClientOptions with = options());

  RequestId poll(Request request);
  RequestId command(Request request);
  void token(AttemptId attempt, const std::string& text) { reply(attempt, Answer{Token{text}}, "token " + text); }
  void answer(AttemptId attempt) { reply(attempt, Answer{States{}}, "answered"); }
  void fail(AttemptId attempt, PartnerError::Kind kind, bool quota = false);
  /// Lets the time pass to the client's next deadline, which must lie this far away.
  void wait(std::chrono::seconds least, std::chrono::seconds most);
  /// Time passes; the client is woken at the end of it only.
  void pass(runtime::SteadyTime::duration time);
  void note(const std::string& line) { transcript += line + "\n"; }

  runtime::Now now{runtime::SteadyTime{} + 1000h, runtime::SystemTime{} + 500'000h};
  MemoryJournal journal;
  NotingGateway gateway;
  std::string transcript;
  std::vector<Outcome> outcomes;
  Client client;

 private:
  void reply(AttemptId attempt, runtime::Result<Answer, PartnerError> result, const std::string& what);
  /// Notes what came of it, and the state where that changed.
  RequestId settle(RequestId id);
  PartnerState state_ = PartnerState::signing_in;
};

inline std::vector<model::DeviceId> ids(const std::vector<std::string>& names) {
  std::vector<model::DeviceId> result;
  for (const std::string& name : names) result.emplace_back(name);
  return result;
}
inline Request outlets(const std::vector<std::string>& names) {
  return ListStates{StateKind::outlets, ids(names)};
}
inline Request switch_outlet(const std::string& name, bool on) {
  return UpdateOutlets{{{model::DeviceId(name), on}}};
}

}  // namespace emporia::partner::bench
