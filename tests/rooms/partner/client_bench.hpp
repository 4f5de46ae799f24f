#pragma once

#include <doctest/doctest.h>
#include <fstream>
#include <functional>
#include <sstream>
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
  void record(runtime::SystemTime when) override { calls.push_back(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override {
    std::vector<runtime::SystemTime> result;
    for (const auto when : calls) {
      if (when > now - 1h) result.push_back(when);
    }
    return result;
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
inline std::string text_of(const Request& request) {
  std::string text = method_name(request);
  const auto name_all = [&](const auto& devices) {
    for (const model::DeviceId& device : devices) text += " " + device.text();
  };
  if (const auto* sign_in = std::get_if<SignIn>(&request)) text += " " + sign_in->email;
  if (const auto* usage = std::get_if<FetchUsage>(&request)) {
    name_all(usage->devices);
    if (usage->end != usage->start) text += concat(" ", (usage->end - usage->start).count() / 60 + 1, " minutes");
  }
  if (const auto* states = std::get_if<ListStates>(&request)) name_all(states->devices);
  if (const auto* outlets = std::get_if<UpdateOutlets>(&request)) {
    for (const auto& update : outlets->updates) text += " " + update.device.text() + (update.on ? "=on" : "=off");
  }
  return text;
}

inline ClientOptions options(BudgetOptions budget = {}, std::uint64_t seed = 1) {
  return {"a@example.com", "password", budget, seed};
}

class Bench {
 public:
  explicit Bench(ClientOptions with = options()) : client(gateway, journal, std::move(with), now) {
    gateway.on_send = [this](const Sent& sent) {
      note(concat("-> ", sent.attempt, " ", text_of(sent.request), sent.token.empty() ? "" : " [", sent.token,
                  sent.token.empty() ? "" : "]"));
    };
  }

  RequestId poll(Request request) {
    note("poll " + text_of(request));
    return settle(client.submit(std::move(request), Priority::poll, now));
  }
  RequestId command(Request request) {
    note("command " + text_of(request));
    return settle(client.submit(std::move(request), Priority::command, now));
  }
  void token(AttemptId attempt, const std::string& text) { reply(attempt, Answer{Token{text}}, "token " + text); }
  void answer(AttemptId attempt) { reply(attempt, Answer{States{}}, "answered"); }
  void fail(AttemptId attempt, PartnerError::Kind kind, bool quota = false) {
    static const char* const kWords[] = {"token not taken", "unreachable", "refused", "too large", "malformed"};
    const char* what = quota ? "quota used up" : kWords[static_cast<int>(kind)];
    reply(attempt, runtime::Failure{PartnerError{kind, what, quota}}, what);
  }

  /// Lets the time pass to the client's next deadline, which must lie this far away.
  void wait(std::chrono::seconds least, std::chrono::seconds most) {
    REQUIRE(client.next_deadline() != runtime::kNever);
    const auto pause = client.next_deadline() - now.steady;
    CHECK_MESSAGE((pause >= least && pause <= most), "waits ",
                  std::chrono::duration_cast<std::chrono::seconds>(pause).count(), " s");
    note(concat("waits ", least.count(), " to ", most.count(), " s"));
    pass(pause);
  }
  /// Time passes; the client is woken at the end of it only.
  void pass(runtime::SteadyTime::duration time) {
    now.steady += time;
    now.system += std::chrono::duration_cast<runtime::SystemTime::duration>(time);
    client.on_time(now);
    settle(0);
  }
  void note(const std::string& line) { transcript += line + "\n"; }

  runtime::Now now{runtime::SteadyTime{} + 1000h, runtime::SystemTime{} + 500'000h};
  MemoryJournal journal;
  NotingGateway gateway;
  std::string transcript;
  std::vector<Outcome> outcomes;
  Client client;

 private:
  void reply(AttemptId attempt, runtime::Result<Answer, PartnerError> result, const std::string& what) {
    note(concat("<- ", attempt, " ", what));
    client.on_reply({attempt, std::move(result), {}}, now);
    settle(0);
  }
  /// Notes what came of it, and the state where that changed.
  RequestId settle(RequestId id) {
    for (Outcome& outcome : client.take_outcomes()) {
      note(concat("   ", text_of(outcome.request), ": ", outcome.result ? "done" : outcome.result.error().text,
                  outcome.last ? "" : ", more to come"));
      outcomes.push_back(std::move(outcome));
    }
    if (client.status().state != state_) {
      state_ = client.status().state;
      note(concat("   state ", word(state_)));
    }
    return id;
  }
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

/// Compares with tests/golden/<name>.txt, whose lines starting with # are remarks.
inline void check_golden(const std::string& transcript, const std::string& name) {
  std::ifstream file(std::string(SOURCE_DIR) + "/tests/golden/" + name + ".txt");
  REQUIRE_MESSAGE(file.good(), "no golden file ", name);
  std::string wanted;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') wanted += line + "\n";
  }
  CHECK_MESSAGE(transcript == wanted, "told:\n", transcript);
}

}  // namespace emporia::partner::bench
