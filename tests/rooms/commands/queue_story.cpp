#include "queue_story.hpp"

#include <algorithm>
#include <doctest/doctest.h>

#include "runtime/text.hpp"
#include "support/golden.hpp"

namespace emporia::commands {

void QueueStory::send(const std::string& topic, const std::string& payload, bool retained, Origin origin) {
  note(topic + " " + payload + (retained ? " (retained)" : ""));
  const auto first = topic.find('/');
  const auto second = topic.find('/', first + 1);
  Incoming incoming{topic.substr(0, first), std::nullopt, payload, retained, std::move(origin)};
  if (second != std::string::npos) incoming.setting = topic.substr(second + 1);
  queue.on_message(incoming, now_);
  collect();
}

void QueueStory::fails(CallFailure::Kind kind, const std::string& text, std::optional<double> earliest_s) {
  std::optional<runtime::SteadyTime> earliest;
  if (earliest_s) earliest = start() + std::chrono::milliseconds(static_cast<long>(*earliest_s * 1000));
  service.failures.push_back({kind, text, earliest});
}

void QueueStory::poll() {
  model::StatesSeen seen{std::chrono::floor<std::chrono::seconds>(now_.system), {}};
  for (const auto& entry : service.states) {
    std::visit([&](const auto& state) { seen.states.emplace_back(state); }, entry.second);
    if (const auto* state = std::get_if<model::BatteryState>(&entry.second)) queue.seen(*state);
  }
  home.apply(seen);
}

void QueueStory::read_inventory() {
  model::InventorySeen seen = sample_inventory(std::chrono::floor<std::chrono::seconds>(now_.system));
  for (model::Device& each : seen.devices) each.connected = service.disconnected.count(each.id.text()) == 0;
  home.apply(seen);
}

void QueueStory::check(const std::string& name) {
  at(1000);
  support::check_golden("commands_" + name, transcript);
  CHECK(queue.pending() == 0);
  CHECK(queue.next_deadline() == runtime::kNever);
}

void QueueStory::run_until(runtime::SteadyTime end) {
  for (int turns = 0; turns < 100'000; ++turns) {
    runtime::SteadyTime next = queue.next_deadline();
    for (const auto& [when, call] : under_way_) next = std::min(next, when);
    if (next > end) break;
    advance(std::max(next, now_.steady));
    deliver();
    queue.on_time(now_);
    collect();
  }
  advance(std::max(end, now_.steady));
}

void QueueStory::advance(runtime::SteadyTime to) {
  now_.system += std::chrono::duration_cast<std::chrono::system_clock::duration>(to - now_.steady);
  now_.steady = to;
}

void QueueStory::deliver() {
  while (!under_way_.empty() && under_way_.front().first <= now_.steady) {
    const Call call = under_way_.front().second;
    under_way_.pop_front();
    const Outcome outcome = service.answer(call.request);
    if (outcome) {
      std::string line = "  reply:";
      for (const State& state : outcome.value()) line += " " + device_of(state).text();
      const bool inventory = std::holds_alternative<ReadInventory>(call.request);
      note(inventory ? "  reply: the inventory" : outcome.value().empty() ? "  reply: nobody" : line);
      if (inventory) read_inventory();
      model::StatesSeen seen{std::chrono::floor<std::chrono::seconds>(now_.system), {}};
      for (const State& state : outcome.value()) {
        std::visit([&](const auto& each) { seen.states.emplace_back(each); }, state);
      }
      home.apply(seen);
    } else {
      note("  failure: " + outcome.error().text);
    }
    queue.on_outcome(call.id, outcome, now_);
    collect();
  }
}

void QueueStory::collect() {
  for (const Result& result : queue.take_results()) {
    std::string line =
        runtime::concat("  ", result.device, " ", word(result.status), " ", json::to_text(result.settings));
    if (!result.id.is_null()) line += " id " + json::to_text(result.id);
    if (!result.origin.response_topic.empty()) {
      line += " to " + result.origin.response_topic + " " + result.origin.correlation_data;
    }
    if (!result.error.empty()) line += ": " + result.error;
    if (!result.note.empty()) line += " (" + result.note + ")";
    note(line);
    results.push_back(result);
  }
  for (Call& call : queue.take_calls()) {
    note("  call: " + told(call.request));
    on_call(call.request);
    calls.push_back(call.request);
    under_way_.emplace_back(now_.steady + latency, std::move(call));
  }
  for (const CallId id : queue.take_withdrawn()) {
    (void)id;
    note("  that call is withdrawn");
  }
  std::stable_sort(under_way_.begin(), under_way_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

void QueueStory::note(const std::string& line) {
  if (silent) return;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_.steady - start()).count();
  std::string digits = std::to_string(1000 + ms % 1000);
  transcript += runtime::concat(ms / 1000, ".", digits.substr(1), " ", line, "\n");
}

std::string told(const Request& request) {
  using runtime::concat;
  std::string text;
  if (const auto* outlets = std::get_if<UpdateOutlets>(&request)) {
    text = "UpdateOutlets";
    for (const auto& each : outlets->changes) text += concat(" ", each.device.text(), each.on ? " on" : " off");
  } else if (const auto* chargers = std::get_if<UpdateChargers>(&request)) {
    text = "UpdateEVChargers";
    for (const auto& each : chargers->changes) {
      text += " " + each.device.text();
      if (each.on) text += *each.on ? " on" : " off";
      if (each.charge_rate_a) text += concat(" ", *each.charge_rate_a, " A");
    }
  } else if (const auto* batteries = std::get_if<UpdateBatteries>(&request)) {
    text = "UpdateBatteries";
    for (const auto& each : batteries->changes) {
      text += " " + each.device.text();
      if (each.reserve_soc_pct) text += concat(" reserve ", *each.reserve_soc_pct);
      if (!each.dispatch) continue;
      text += concat(" ", word(each.dispatch->mode));
      if (each.dispatch->power_kw) text += concat(" power ", *each.dispatch->power_kw);
      if (each.dispatch->charge_power_kw) text += concat(" charge ", *each.dispatch->charge_power_kw);
      if (each.dispatch->discharge_power_kw) text += concat(" discharge ", *each.dispatch->discharge_power_kw);
      if (each.dispatch->target_soc_pct) text += concat(" target ", *each.dispatch->target_soc_pct);
    }
  } else if (const auto* list = std::get_if<ReadBack>(&request)) {
    static const char* const kLists[] = {"ListOutlets", "ListEVChargers", "ListBatteries"};
    text = kLists[static_cast<int>(list->kind)];
    for (const auto& id : list->devices) text += " " + id.text();
  } else {
    text = "GetDevices";
  }
  return text;
}

}  // namespace emporia::commands
