#include "app/commander.hpp"

#include <algorithm>
#include <utility>

#include "app/answer_topic.hpp"
#include "app/device_name.hpp"
#include "commands/setting.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

constexpr const char* kRoom = "commands";

commands::QueueOptions queue_options(const settings::Commands& settings) {
  commands::QueueOptions options;
  options.gathering = std::chrono::milliseconds{settings.gathering_ms};
  options.deadline = std::chrono::seconds{settings.deadline_s};
  options.wait_for_budget = settings.wait_for_budget;
  return options;
}

/// The queue's words for a call in those of the partner's room.
struct ToPartner {
  partner::Request operator()(const commands::UpdateOutlets& call) const {
    partner::UpdateOutlets request;
    for (const auto& change : call.changes) request.updates.push_back({change.device, change.on});
    return request;
  }
  partner::Request operator()(const commands::UpdateChargers& call) const {
    partner::UpdateChargers request;
    for (const auto& change : call.changes) request.updates.push_back({change.device, change.on, change.charge_rate_a});
    return request;
  }
  partner::Request operator()(const commands::UpdateBatteries& call) const {
    partner::UpdateBatteries request;
    for (const auto& change : call.changes) {
      request.updates.push_back({change.device, change.reserve_soc_pct, change.dispatch});
    }
    return request;
  }
  partner::Request operator()(const commands::ReadBack& call) const {
    switch (call.kind) {
      case commands::CallKind::outlets:
        return partner::ListStates{partner::StateKind::outlets, call.devices};
      case commands::CallKind::chargers:
        return partner::ListStates{partner::StateKind::ev_chargers, call.devices};
      case commands::CallKind::batteries:
        break;
    }
    return partner::ListStates{partner::StateKind::batteries, call.devices};
  }
  partner::Request operator()(const commands::ReadInventory&) const { return partner::ListDevices{customers}; }
  const std::vector<std::string>& customers;
};

commands::CallFailure to_failure(const partner::PartnerError& error) {
  using Kind = commands::CallFailure::Kind;
  switch (error.kind) {
    case partner::PartnerError::Kind::refused:
      return {Kind::refused, error.text, std::nullopt};
    case partner::PartnerError::Kind::try_later:
      return {error.quota ? Kind::over_budget : Kind::try_later, error.text, std::nullopt};
    case partner::PartnerError::Kind::malformed:
    case partner::PartnerError::Kind::too_large:
      return {Kind::unclear, error.text, std::nullopt};
    case partner::PartnerError::Kind::sign_in_again:
      break;
  }
  return {Kind::try_later, error.text, std::nullopt};
}

std::vector<commands::State> to_states(const partner::Answer& answer) {
  std::vector<commands::State> states;
  const auto* told = std::get_if<partner::States>(&answer);
  if (told == nullptr) return states;
  for (const partner::DeviceState& state : told->states) {
    if (const auto* outlet = std::get_if<model::OutletState>(&state)) states.emplace_back(*outlet);
    if (const auto* charger = std::get_if<model::ChargerState>(&state)) states.emplace_back(*charger);
    if (const auto* battery = std::get_if<model::BatteryState>(&state)) states.emplace_back(*battery);
  }
  return states;
}

}  // namespace

Commander::Commander(mqtt::Session& session, Collector& collector, const model::Home& home,
                     commands::DraftStore& drafts, const settings::Settings& settings, const OwnDevices& own)
    : session_(session),
      collector_(collector),
      home_(home),
      topics_(topics_of(settings)),
      own_(own),
      queue_(
          home, [](const std::string& id) { return mqtt::topic_id(id); }, drafts, queue_options(settings.commands)) {
  // With the retained ones, which are not carried out: a person should be told why, and at the first one rather than
  // when the broker replays it after a restart. The filter takes in <base>/<id>/set itself, and what is deeper than any
  // setting: whoever sends there is to hear which settings exist.
  session_.subscribe({{topics_.base() + "/+/set/#", false, false, true}});
}

void Commander::reconfigure(const settings::Commands& settings) {
  queue_.reconfigure(queue_options(settings));
}

bool Commander::on_received(const mqtt::Received& received, runtime::Now now) {
  const std::string& topic = received.message.topic;
  const std::string start = topics_.base() + "/";
  if (topic.compare(0, start.size(), start) != 0) return false;
  const auto id_end = topic.find('/', start.size());
  if (id_end == std::string::npos) return false;
  const std::string rest = topic.substr(id_end + 1);
  if (rest != "set" && rest.compare(0, 4, "set/") != 0) return false;
  commands::Incoming incoming;
  incoming.topic_id = topic.substr(start.size(), id_end - start.size());
  if (!own_.has_level(incoming.topic_id)) return true;
  if (rest.size() > 4) incoming.setting = rest.substr(4);
  incoming.payload = received.message.payload;
  incoming.retained = received.retained;
  incoming.origin = {received.message.response_topic, received.message.correlation_data};
  queue_.on_message(incoming, now);
  return true;
}

void Commander::on_change(const model::HomeChange& change) {
  const model::DevicePicture* picture = home_.find(change.device);
  if (picture == nullptr) return;
  if (const auto* battery = std::get_if<model::BatteryState>(&picture->state)) queue_.seen(*battery);
}

void Commander::on_outcome(const partner::Outcome& outcome, runtime::Now now) {
  const auto asked = asked_.find(outcome.id);
  if (asked == asked_.end()) return;
  const commands::CallId call = asked->second;
  asked_.erase(asked);
  if (outcome.result) {
    queue_.on_outcome(call, to_states(outcome.result.value()), now);
  } else {
    queue_.on_outcome(call, runtime::Failure{to_failure(outcome.result.error())}, now);
  }
}

bool Commander::on_time(runtime::Now now) {
  queue_.on_time(now);
  for (const commands::CallId call : queue_.take_withdrawn()) {
    const auto is_it = [call](const auto& entry) { return entry.second == call; };
    const auto asked = std::find_if(asked_.begin(), asked_.end(), is_it);
    if (asked == asked_.end() || !collector_.withdraw(asked->first)) continue;
    asked_.erase(asked);
    queue_.on_outcome(call,
                      runtime::Failure{commands::CallFailure{commands::CallFailure::Kind::try_later,
                                                             "taken back before it was sent", std::nullopt}},
                      now);
  }
  const auto calls = queue_.take_calls();
  for (const commands::Call& call : calls) make(call, now);
  return !calls.empty();
}

void Commander::make(const commands::Call& call, runtime::Now now) {
  const partner::CallBudget& budget = collector_.client().budget();
  const auto free_at = budget.free_at(partner::Priority::command, now.steady);
  if (free_at > now.steady) {
    const std::string text = runtime::concat("the call budget is spent (", budget.limit(), " calls in an hour)");
    return queue_.on_outcome(
        call.id, runtime::Failure{commands::CallFailure{commands::CallFailure::Kind::over_budget, text, free_at}}, now);
  }
  asked_.emplace(collector_.command(std::visit(ToPartner{collector_.customers()}, call.request), now), call.id);
}

std::vector<commands::Result> Commander::take_results() {
  auto results = queue_.take_results();
  for (const commands::Result& result : results) publish(result);
  return results;
}

void Commander::publish(const commands::Result& result) {
  mqtt::Message message;
  message.topic = topics_.base() + "/" + result.topic_id + "/result";
  message.payload = json::to_text(commands::result_payload(result));
  if (!result.origin.response_topic.empty()) {
    const std::string reason = why_no_answer_at(topics_, result.origin.response_topic);
    if (reason.empty()) {
      mqtt::Message answer = message;
      answer.topic = result.origin.response_topic;
      answer.correlation_data = result.origin.correlation_data;
      session_.publish(std::move(answer));
    } else {
      runtime::log_warning(
          kRoom, runtime::concat("a command wants its answer on ", commands::excerpt(result.origin.response_topic),
                                 ", which ", reason, ": it is answered on result alone"));
    }
  }
  const std::string settings = json::to_text(result.settings);
  const std::string line =
      runtime::concat(named(home_, model::DeviceId(result.device)), settings == "{}" ? "" : " " + settings, ": ",
                      commands::word(result.status), result.error.empty() ? "" : " (" + result.error + ")");
  if (result.status == commands::Status::accepted) {
    runtime::log_debug(kRoom, line);
  } else {
    runtime::log_info(kRoom, line);
  }
  session_.publish(std::move(message));
}

}  // namespace emporia::app
