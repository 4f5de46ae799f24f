#include "app/loop.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "app/turn.hpp"
#include "runtime/heap.hpp"
#include "runtime/log.hpp"

namespace emporia::app {
namespace {

constexpr const char* kRoom = "bridge";

std::string in_one_line(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// One event; false when the term is over.
bool handle(Event event, Works& works, Surroundings& around, Term* term) {
  if (auto* lease = std::get_if<LeaseEvent>(&event)) {
    if (term == nullptr) return true;
    term->lease().on_event(lease->event, term->time());
    return term->lasts();
  }
  const auto* signal = std::get_if<runtime::Signal>(&event);
  if (signal != nullptr && *signal == runtime::Signal::reload) {
    if (!works.bridge().stopping()) read_again(around, &works.bridge(), kRoom);
    return true;
  }
  if (works.web() != nullptr) works.web()->passing(event);
  works.bridge().handle(std::move(event), runtime::read_clock());
  return true;
}

/// The term is over: the lease hears what has come for it, and the program what it was told. The rest was for works
/// that are no more.
std::optional<ExitCode> leave(const Works& works, Surroundings& around, Term& term, std::deque<Event>& events) {
  for (Event& event : events) {
    if (const auto* lease = std::get_if<LeaseEvent>(&event)) term.lease().on_event(lease->event, term.time());
    if (std::holds_alternative<runtime::Signal>(event)) around.inbox.post(std::move(event));
  }
  if (works.bridge().stopping()) return ExitCode::ok;
  return std::nullopt;
}

/// False when the term is over; asked before anything is done, for the machine may have slept.
bool goes_on(Term* term) {
  if (term == nullptr) return true;
  term->lease().on_time(term->time());
  return term->lasts();
}

/// Says in the log what became of a configuration that was read again.
void tell_differences(const settings::Differences& differences) {
  if (differences.live.empty() && differences.at_start.empty()) {
    return runtime::log_info(kRoom, "the configuration was read again: nothing is different");
  }
  if (!differences.live.empty()) {
    runtime::log_info(kRoom, "the configuration was read again, from now on applies: " + in_one_line(differences.live));
  }
  if (!differences.at_start.empty()) {
    runtime::log_warning(kRoom, "these options are different and apply only when the bridge is restarted: " +
                                    in_one_line(differences.at_start));
  }
}

}  // namespace

void read_again(Surroundings& around, Bridge* bridge, const char* room) {
  const runtime::Now now = runtime::read_clock();
  around.supervision.reloading(now);
  runtime::log_info(room, "asked to read the configuration again");
  if (const auto fresh = around.reload()) {
    const auto own = settings::take_over(around.settings, *fresh);
    tell_differences(bridge == nullptr ? own : bridge->reconfigure(*fresh, now));
  }
  around.supervision.reloaded();
}

std::optional<ExitCode> loop(Works& works, Surroundings& around, Term* term) {
  constexpr std::chrono::seconds kStatusEvery{1};
  // When nothing else is due so soon, and not after every message.
  constexpr std::chrono::seconds kIdle{1};
  constexpr std::chrono::minutes kGiveBackEvery{10};
  Bridge& bridge = works.bridge();
  runtime::SteadyTime give_back_at{};
  runtime::SteadyTime status_at{};
  std::string status;
  std::deque<Event> events;
  while (!bridge.finished()) {
    auto deadline = std::min(bridge.next_deadline(), around.supervision.next_deadline());
    if (term != nullptr) deadline = std::min(deadline, term->lease().next_deadline());
    for (Event& event : around.inbox.take_until(events.empty() ? deadline : runtime::SteadyTime{})) {
      events.push_back(std::move(event));
    }
    if (!goes_on(term)) return leave(works, around, *term, events);
    const TurnWatch turn;
    while (!events.empty() && turn.lasted() < kEventsFor) {
      Event event = std::move(events.front());
      events.pop_front();
      if (!handle(std::move(event), works, around, term)) return leave(works, around, *term, events);
    }
    const runtime::Now now = runtime::read_clock();
    bridge.on_time(now);
    works.turned();
    if (bridge.stopping()) around.supervision.stopping();
    // Looks at every device: not for each message of a burst.
    if (now.steady >= status_at) {
      status = bridge.status_line(now);
      status_at = now.steady + kStatusEvery;
    }
    around.supervision.on_time(bridge.settled(), status, now);
    bridge.turned(turn.so_far());
    if (events.empty() && now.steady >= give_back_at && bridge.next_deadline() > now.steady + kIdle) {
      runtime::give_back_memory();
      give_back_at = now.steady + kGiveBackEvery;
    }
  }
  return bridge.finished();
}

}  // namespace emporia::app
