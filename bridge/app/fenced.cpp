#include "app/fenced.hpp"

#include <utility>

namespace emporia::app {

bool FencedJournal::record(runtime::SystemTime when) {
  if (!journal_.record(when)) return false;
  term_.lease().note_call(when, term_.time());
  return true;
}

std::vector<runtime::SystemTime> FencedJournal::recent(runtime::SystemTime now) {
  std::vector<runtime::SystemTime> calls = journal_.recent(now);
  const LeaseTime time = term_.time();
  const auto others = term_.lease().calls_of_others(calls, time);
  // What only this one's record knows, such as calls from before the broker lost its memory, is told from now on.
  term_.lease().know_calls(calls, time);
  calls.insert(calls.end(), others.begin(), others.end());
  return calls;
}

std::vector<runtime::SystemTime> FencedJournal::others() {
  std::vector<runtime::SystemTime> calls = journal_.others();
  for (const runtime::SystemTime when : calls) term_.lease().note_call(when, term_.time());
  return calls;
}

void FencedGateway::send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) {
  waiting_.push_back({0, attempt, token, request});
}

void FencedGateway::on_time() {
  // One message for all calls of a turn.
  std::uint64_t number = 0;
  for (Waiting& call : waiting_) {
    if (call.number != 0) continue;
    if (number == 0) number = term_.lease().declare(term_.time());
    call.number = number;
  }
  while (!waiting_.empty() && term_.lease().declared(waiting_.front().number) && term_.lasts()) {
    const Waiting call = std::move(waiting_.front());
    waiting_.pop_front();
    gateway_.send(call.attempt, call.token, call.request);
  }
}

}  // namespace emporia::app
