#include "app/bridge.hpp"

#include <algorithm>
#include <utility>

#include "app/status_line.hpp"
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

model::HomeChange updated(model::DeviceId device) {
  return {model::HomeChange::Kind::updated, std::move(device), 0, {}, {}};
}

}  // namespace

Bridge::Bridge(Parts parts, const settings::Settings& settings, runtime::Now now)
    : settings_(settings),
      topics_(topics_of(settings)),
      own_(settings),
      session_(parts.link, session_options(topics_, now)),
      collector_(
          parts.gateway, parts.journal, parts.ledger, home_, settings_, own_,
          [this](const model::DeviceId& device) { return publisher_.shown(device); }, now),
      recovery_(session_, collector_, parts.ledger, home_, topics_,
                own_.shard() || settings.fleet.standby ? Recovery::Whom::all : Recovery::Whom::unknown_ones),
      commander_(session_, collector_, home_, parts.drafts, settings_, own_),
      publisher_(
          session_, home_, settings_, own_, [this](const model::DeviceId& device) { return commander_.drafts(device); },
          [this](const model::DeviceId& device) { return recovery_.waits(device); },
          [this](const model::DeviceId& device) { return collector_.owes_counters(device); }, now),
      reporter_(session_, collector_, home_, settings_, std::move(parts.ledger_set_aside), now),
      requests_(session_, collector_, reporter_, home_, settings_),
      vitals_(parts.vitals),
      look_at_service_(std::move(parts.look_at_service)) {
  if (parts.recorder != nullptr && parts.hours != nullptr) {
    statistics_.emplace(*parts.recorder, *parts.hours, home_, settings_, now);
    reporter_.tell_of(*statistics_);
  }
  if (parts.lease != nullptr) reporter_.tell_of(*parts.lease);
  session_.publish_retained(topics_.bridge("state"), "online");
  session_.start(now);
}

void Bridge::handle(Event event, runtime::Now now) {
  if (auto* reply = std::get_if<partner::Reply>(&event)) {
    if (!exit_code_) collector_.on_reply(std::move(*reply), now);
  } else if (const auto* link = std::get_if<mqtt::LinkEvent>(&event)) {
    on_link_event(*link, now);
  } else if (const auto* distrust = std::get_if<DistrustExplained>(&event)) {
    collector_.explain_distrust(distrust->why);
  } else if (const auto* recorder = std::get_if<recorder::SocketEvent>(&event)) {
    if (statistics_ && !exit_code_) statistics_->on_event(*recorder, now);
  } else if (const auto* signal = std::get_if<runtime::Signal>(&event);
             signal != nullptr && *signal == runtime::Signal::stop) {
    runtime::log_info(kRoom, "asked to stop");
    stop(ExitCode::ok, now);
  }
}

void Bridge::on_link_event(const mqtt::LinkEvent& event, runtime::Now now) {
  session_.on_event(event, now);
  const bool up = std::holds_alternative<mqtt::LinkUp>(event);
  if (up || std::holds_alternative<mqtt::LinkDown>(event)) {
    publisher_.on_link(up, now);
    recovery_.on_link(up);
  }
  const auto* received = std::get_if<mqtt::Received>(&event);
  if (received == nullptr || exit_code_ || recovery_.on_received(*received, now)) return;
  if (commander_.on_received(*received, now) || publisher_.on_received(*received, now)) return;
  requests_.on_received(*received, now);
}

void Bridge::on_time(runtime::Now now) {
  session_.on_time(now);
  if (exit_code_) return;
  // A command that is ready goes out before what polls have brought is worked off.
  commander_.on_time(now);
  // A call may fail at once, and then its command has its result, or its next step, within this turn.
  do {
    collector_.on_time(now);
    spread(now);
  } while (commander_.on_time(now));
  recovery_.on_time(now);
  if (recovery_.take_replayed()) publisher_.replayed(now);
  for (const model::DeviceId& device : recovery_.take_settled()) publisher_.changed(updated(device), now);
  tell_results(now);
  requests_.on_time(now);
  publisher_.on_time(now);
  look_closer(now);
  look_at_statistics(now);
  reporter_.on_time(now);
  if (vitals_ != nullptr) vitals_->on_time({session_, collector_, reporter_, home_, settings_}, now);
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

void Bridge::look_closer(runtime::Now now) {
  constexpr std::chrono::minutes kSeldom{10};
  const bool untrusted = collector_.client().status().untrusted;
  if (!untrusted) looked_ = false;
  if (!untrusted || looked_ || !look_at_service_ || now.steady < look_not_before_) return;
  looked_ = true;
  look_not_before_ = now.steady + kSeldom;
  look_at_service_();
}

void Bridge::spread(runtime::Now now) {
  Findings findings = collector_.take_findings();
  for (const model::HomeChange& change : findings.changes) {
    commander_.on_change(change);
    publisher_.changed(change, now);
    reporter_.changed(change, now);
  }
  for (const partner::Outcome& outcome : findings.command_outcomes) commander_.on_outcome(outcome, now);
  for (const partner::Outcome& outcome : findings.inquiry_outcomes) requests_.on_outcome(outcome, now);
  for (const ledger::BookedSpan& span : findings.booked) {
    publisher_.booked(span);
    if (vitals_ != nullptr) vitals_->booked(span);
  }
  for (const GapFill& gap : findings.gaps_filled) reporter_.gap_filled(gap, now);
  const bool inventory_read = std::exchange(inventories_seen_, collector_.inventories()) != collector_.inventories();
  if (inventory_read) recovery_.home_changed();
  if (inventory_read || (inventories_seen_ > 0 && publisher_.has_found())) {
    publisher_.clean_up(collector_.inventories(), collector_.left_out(), now);
  }
}

void Bridge::tell_results(runtime::Now now) {
  for (const commands::Result& result : commander_.take_results()) {
    if (vitals_ != nullptr) vitals_->answered(result);
    if (commands::is_failure(result.status)) reporter_.command_failed(result, now);
    // What is set for another mode is shown, and may be all that the command changed.
    publisher_.changed(updated(model::DeviceId(result.device)), now);
  }
}

void Bridge::look_at_statistics(runtime::Now now) {
  if (!statistics_) return;
  statistics_->on_time(now);
  if (const auto news = statistics_->take_news()) reporter_.statistics_turned(*news, now);
}

settings::Differences Bridge::reconfigure(const settings::Settings& fresh, runtime::Now now) {
  const settings::Settings before = settings_;
  settings::Differences differences = settings::take_over(settings_, fresh);
  if (exit_code_) return differences;
  const bool other_devices =
      before.devices.include != settings_.devices.include || before.devices.exclude != settings_.devices.exclude ||
      before.partner.email != settings_.partner.email || before.partner.customers != settings_.partner.customers;
  collector_.reconfigure(other_devices, now);
  commander_.reconfigure(settings_.commands);
  publisher_.reconfigure(now);
  reporter_.reconfigure(now);
  return differences;
}

void Bridge::stop(ExitCode code, runtime::Now now) {
  if (exit_code_) return;
  exit_code_ = code;
  commander_.stop(now);
  tell_results(now);
  requests_.stop();
  if (statistics_) statistics_->stop();
  session_.stop(now);
}

bool Bridge::settled() const {
  const partner::PartnerStatus& status = collector_.client().status();
  // Refused at the first sign-in, it is about to end.
  const bool open = status.state == partner::PartnerState::signing_in ||
                    (status.state == partner::PartnerState::auth_refused && !status.ever_signed_in);
  return session_.standing(topics_.bridge("state")) && !open;
}

std::string Bridge::status_line(runtime::Now now) const {
  return app::status_line(collector_, session_, home_, now);
}

runtime::SteadyTime Bridge::next_deadline() const {
  if (exit_code_) return session_.next_deadline();
  return std::min({session_.next_deadline(), collector_.next_deadline(), commander_.next_deadline(),
                   publisher_.next_deadline(), reporter_.next_deadline(), recovery_.next_deadline(),
                   requests_.next_deadline(), vitals_ != nullptr ? vitals_->next_deadline() : runtime::kNever,
                   statistics_ ? statistics_->next_deadline() : runtime::kNever});
}

std::optional<ExitCode> Bridge::finished() const {
  if (!exit_code_ || !session_.stopped()) return std::nullopt;
  return exit_code_;
}

}  // namespace emporia::app
