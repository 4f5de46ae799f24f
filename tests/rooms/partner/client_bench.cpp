#include "rooms/partner/client_bench.hpp"

namespace emporia::partner::bench {

std::string text_of(const Request& request) {
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

Bench::Bench(ClientOptions with) : client(gateway, journal, std::move(with), now) {
  gateway.on_send = [this](const Sent& sent) {
    note(concat("-> ", sent.attempt, " ", text_of(sent.request), sent.token.empty() ? "" : " [", sent.token,
                sent.token.empty() ? "" : "]"));
  };
}

RequestId Bench::poll(Request request) {
  note("poll " + text_of(request));
  return settle(client.submit(std::move(request), Priority::poll, now));
}

RequestId Bench::command(Request request) {
  note("command " + text_of(request));
  return settle(client.submit(std::move(request), Priority::command, now));
}

void Bench::fail(AttemptId attempt, PartnerError::Kind kind, bool quota) {
  static const char* const kWords[] = {"token not taken", "unreachable", "refused", "too large", "malformed"};
  const char* what = quota ? "quota used up" : kWords[static_cast<int>(kind)];
  reply(attempt, runtime::Failure{PartnerError{kind, what, quota}}, what);
}

void Bench::wait(std::chrono::seconds least, std::chrono::seconds most) {
  REQUIRE(client.next_deadline() != runtime::kNever);
  const auto pause = client.next_deadline() - now.steady;
  CHECK_MESSAGE((pause >= least && pause <= most), "waits ",
                std::chrono::duration_cast<std::chrono::seconds>(pause).count(), " s");
  note(concat("waits ", least.count(), " to ", most.count(), " s"));
  pass(pause);
}

void Bench::pass(runtime::SteadyTime::duration time) {
  now.steady += time;
  now.system += std::chrono::duration_cast<runtime::SystemTime::duration>(time);
  client.on_time(now);
  settle(0);
}

void Bench::reply(AttemptId attempt, runtime::Result<Answer, PartnerError> result, const std::string& what) {
  note(concat("<- ", attempt, " ", what));
  client.on_reply({attempt, std::move(result), {}}, now);
  settle(0);
}

RequestId Bench::settle(RequestId id) {
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

}  // namespace emporia::partner::bench
