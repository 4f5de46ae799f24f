#include "app/bridge.hpp"

#include <algorithm>
#include <utility>

#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

constexpr const char* kRoom = "bridge";
constexpr std::chrono::seconds kTimeToTell{5};

mqtt::SessionOptions session_options(const mqtt::TopicTree& topics, runtime::Now now) {
  mqtt::SessionOptions options;
  options.farewell = {topics.bridge("state"), "offline", mqtt::Qos::at_least_once, true, {}, {}};
  options.last_topics = {topics.bridge("state")};
  // A fleet's poll is one usage message a device.
  options.one_shots_kept = 20'000;
  options.seed = static_cast<std::uint64_t>(now.system.time_since_epoch().count()) + 7;
  return options;
}

}  // namespace

Bridge::Bridge(Parts parts, const settings::Settings& settings, runtime::Now now)
    : topics_(settings.mqtt.base_topic, settings.homeassistant.prefix),
      session_(parts.link, session_options(topics_, now)),
      collector_(
          parts.gateway, parts.journal, parts.ledger, home_, settings,
          [this](const model::DeviceId& device) { return publisher_.shown(device); }, now),
      commander_(session_, collector_, home_, parts.drafts, settings),
      publisher_(
          session_, home_, settings, [this](const model::DeviceId& device) { return commander_.drafts(device); }, now),
      reporter_(session_, collector_, home_, settings, now) {
  session_.subscribe({{topics_.bridge("request/+"), false, true}});
  session_.publish_retained(topics_.bridge("state"), "online");
  session_.start(now);
}

void Bridge::handle(Event event, runtime::Now now) {
  if (auto* reply = std::get_if<partner::Reply>(&event)) {
    if (!exit_code_) collector_.on_reply(std::move(*reply), now);
  } else if (const auto* link = std::get_if<mqtt::LinkEvent>(&event)) {
    on_link_event(*link, now);
  } else if (std::get<runtime::Signal>(event) == runtime::Signal::stop) {
    runtime::log_info(kRoom, "asked to stop");
    stop(ExitCode::ok, now);
  }
}

void Bridge::on_link_event(const mqtt::LinkEvent& event, runtime::Now now) {
  session_.on_event(event, now);
  if (std::holds_alternative<mqtt::LinkUp>(event)) publisher_.on_link(true, now);
  if (std::holds_alternative<mqtt::LinkDown>(event)) publisher_.on_link(false, now);
  const auto* received = std::get_if<mqtt::Received>(&event);
  if (received == nullptr || exit_code_) return;
  if (commander_.on_received(*received, now) || publisher_.on_received(*received, now)) return;
  on_request(*received, now);
}

void Bridge::on_request(const mqtt::Received& received, runtime::Now now) {
  if (received.retained || received.message.topic != topics_.bridge("request/refresh")) return;
  runtime::log_info(kRoom, "asked to refresh");
  collector_.refresh(now);
}

void Bridge::on_time(runtime::Now now) {
  session_.on_time(now);
  if (exit_code_) return;
  // A call may fail at once, and then its command has its result, or its next step, within this turn.
  do {
    collector_.on_time(now);
    spread(now);
  } while (commander_.on_time(now));
  tell_results(now);
  publisher_.on_time(now);
  reporter_.on_time(now);
  give_up_when_refused(now);
}

void Bridge::give_up_when_refused(runtime::Now now) {
  const partner::PartnerStatus& status = collector_.client().status();
  if (status.state != partner::PartnerState::auth_refused || status.ever_signed_in) return;
  if (give_up_at_ == runtime::kNever) {
    give_up_at_ = now.steady + kTimeToTell;
    runtime::log_error(kRoom, runtime::concat(status.last_error,
                                              ": put the e-mail and password of the partner portal into [partner] and "
                                              "start again"));
  }
  // What is wrong should stand at the broker, where a person looks first, unless there is no broker either.
  const bool told = session_.up() && session_.standing(topics_.bridge("health"));
  if (told || now.steady >= give_up_at_) stop(ExitCode::sign_in_refused, now);
}

void Bridge::spread(runtime::Now now) {
  Findings findings = collector_.take_findings();
  for (const model::HomeChange& change : findings.changes) {
    commander_.on_change(change);
    publisher_.changed(change, now);
    reporter_.changed(change, now);
  }
  for (const partner::Outcome& outcome : findings.command_outcomes) commander_.on_outcome(outcome, now);
  for (const ledger::BookedSpan& span : findings.booked) publisher_.booked(span);
  for (const GapFill& gap : findings.gaps_filled) reporter_.gap_filled(gap, now);
  const bool inventory_read = std::exchange(inventories_seen_, collector_.inventories()) != collector_.inventories();
  if (inventory_read || (inventories_seen_ > 0 && publisher_.has_found())) {
    publisher_.clean_up(collector_.inventories(), collector_.left_out(), now);
  }
}

void Bridge::tell_results(runtime::Now now) {
  for (const commands::Result& result : commander_.take_results()) {
    if (commands::is_failure(result.status)) reporter_.command_failed(result, now);
    // What is set for another mode is shown, and may be all that the command changed.
    publisher_.changed({model::HomeChange::Kind::updated, model::DeviceId(result.device), 0, {}, {}}, now);
  }
}

void Bridge::stop(ExitCode code, runtime::Now now) {
  if (exit_code_) return;
  exit_code_ = code;
  session_.stop(now);
}

runtime::SteadyTime Bridge::next_deadline() const {
  if (exit_code_) return session_.next_deadline();
  return std::min({session_.next_deadline(), collector_.next_deadline(), commander_.next_deadline(),
                   publisher_.next_deadline(), reporter_.next_deadline()});
}

std::optional<ExitCode> Bridge::finished() const {
  if (!exit_code_ || !session_.stopped()) return std::nullopt;
  return exit_code_;
}

}  // namespace emporia::app
