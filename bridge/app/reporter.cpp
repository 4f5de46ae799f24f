#include "app/reporter.hpp"

#include <algorithm>
#include <utility>

#include "app/resident_memory.hpp"
#include "app/version.hpp"
#include "homeassistant/discovery.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using Kind = model::HomeChange::Kind;

constexpr const char* kRoom = "bridge";
constexpr auto kHealthEvery = 30s;
// After something worth telling, such as a call: soon, and once for several.
constexpr auto kHealthSoon = 1s;
// Data settles half an hour after the fact; as much again is more than the service's ordinary delay.
constexpr auto kLateAfterSettling = 30min;

json::Value time_or_null(const std::optional<runtime::SystemTime>& time) {
  if (!time) return nullptr;
  return runtime::iso8601(std::chrono::floor<std::chrono::seconds>(*time));
}

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value() : json::Value(text);
}

/// The settings as they may be shown to everybody on the broker: whose account it is stays between its owner and the
/// service.
std::string public_configuration(settings::Settings settings) {
  settings.partner.email = "***";
  for (std::string& customer : settings.partner.customers) customer = "***";
  return settings::describe(settings);
}

struct EventRow {
  Kind kind;
  const char* type;
};
constexpr std::array<EventRow, 8> kEvents{{
    {Kind::device_added, "device_added"},
    {Kind::device_removed, "device_removed"},
    {Kind::device_renamed, "device_renamed"},
    {Kind::device_online, "device_online"},
    {Kind::device_offline, "device_offline"},
    {Kind::circuit_added, "circuit_added"},
    {Kind::circuit_removed, "circuit_removed"},
    {Kind::circuit_renamed, "circuit_renamed"},
}};

/// The gaps that are being filled; of a fleet's the first ones.
json::Array gap_list(const std::vector<GapFill>& gaps) {
  constexpr std::size_t kMost = 20;
  json::Array list;
  for (const GapFill& gap : gaps) {
    if (list.size() == kMost) break;
    list.push_back(json::Object{{"device", gap.device.text()},
                                {"from", runtime::iso8601(gap.from)},
                                {"until", runtime::iso8601(gap.until)},
                                {"hours", gap.hours},
                                {"hours_left", gap.hours_left}});
  }
  return list;
}

}  // namespace

Reporter::Reporter(mqtt::Session& session, const Collector& collector, const model::Home& home,
                   const settings::Settings& settings, runtime::Now now)
    : session_(session),
      collector_(collector),
      home_(home),
      settings_(settings),
      topics_(settings.mqtt.base_topic, settings.homeassistant.prefix),
      started_(now),
      health_at_(now.steady) {
  publish_info(now);
}

void Reporter::event(const char* type, json::Object details, runtime::Now now) {
  json::Object payload{{"event_type", type}};
  for (auto& member : details) payload.push_back(std::move(member));
  payload.emplace_back("at", time_or_null(now.system));
  mqtt::Message message;
  message.topic = topics_.bridge("event");
  message.payload = json::to_text(std::move(payload));
  session_.publish(std::move(message));
}

void Reporter::changed(const model::HomeChange& change, runtime::Now now) {
  devices_changed_ = true;
  const auto row =
      std::find_if(kEvents.begin(), kEvents.end(), [&](const EventRow& r) { return r.kind == change.kind; });
  if (row == kEvents.end()) return;
  json::Object details{{"device", change.device.text()}};
  if (const model::DevicePicture* picture = home_.find(change.device))
    details.emplace_back("name", picture->device.name);
  if (change.channel != 0) details.emplace_back("channel", change.channel);
  const bool renamed = change.kind == Kind::device_renamed || change.kind == Kind::circuit_renamed;
  if (renamed) {
    details.emplace_back("old_name", change.old_name);
    details.emplace_back("new_name", change.new_name);
  }
  runtime::log_info(kRoom,
                    runtime::concat(row->type, " ", change.device.text(),
                                    change.channel != 0 ? " channel " + std::to_string(change.channel) : "",
                                    renamed ? ": \"" + change.old_name + "\" is now \"" + change.new_name + "\"" : ""));
  event(row->type, std::move(details), now);
}

void Reporter::command_failed(const commands::Result& result, runtime::Now now) {
  event("command_failed",
        {{"device", result.device},
         {"settings", result.settings},
         {"status", commands::word(result.status)},
         {"error", result.error},
         {"id", result.id}},
        now);
}

void Reporter::gap_filled(const GapFill& gap, runtime::Now now) {
  event("gap_filled",
        {{"device", gap.device.text()},
         {"from", runtime::iso8601(gap.from)},
         {"until", runtime::iso8601(gap.until)},
         {"hours", gap.hours},
         {"hours_missing", gap.hours_missing}},
        now);
}

void Reporter::on_time(runtime::Now now) {
  watch_partner(now);
  watch_budget(now);
  // Before the first inventory nothing is known, which is not the same as that there are no devices.
  if (collector_.inventories() > 0 && std::exchange(devices_changed_, false)) publish_devices();
  const unsigned used = collector_.client().budget().used(now.steady);
  if (used != calls_told_) health_at_ = std::min(health_at_, now.steady + kHealthSoon);
  calls_told_ = used;
  if (now.steady < health_at_) return;
  watch_data(now);
  publish_health(now);
  health_at_ = now.steady + kHealthEvery;
}

void Reporter::watch_partner(runtime::Now now) {
  const partner::PartnerStatus& status = collector_.client().status();
  if (status.state == partner_state_) return;
  partner_state_ = status.state;
  health_at_ = now.steady;
  switch (status.state) {
    case partner::PartnerState::auth_refused:
      partner_was_lost_ = true;
      return event("sign_in_refused", {{"error", status.last_error}}, now);
    case partner::PartnerState::unreachable:
    case partner::PartnerState::throttled:
      if (!std::exchange(partner_was_lost_, true)) event("service_unreachable", {{"error", status.last_error}}, now);
      return;
    case partner::PartnerState::ok:
      if (std::exchange(partner_was_lost_, false)) event("service_restored", {}, now);
      return;
    case partner::PartnerState::signing_in:
      return;
  }
}

void Reporter::watch_budget(runtime::Now now) {
  const bool reached = collector_.client().postponed() > 0;
  if (reached == budget_reached_) return;
  budget_reached_ = reached;
  health_at_ = now.steady;
  if (!reached) return;
  const auto& budget = collector_.client().budget();
  runtime::log_warning(kRoom,
                       runtime::concat("the call budget is reached (", budget.used(now.steady), " of ", budget.limit(),
                                       " in the last hour, ", budget.reserve(), " kept for commands): polls wait"));
  event("budget_reached", {{"used_last_hour", budget.used(now.steady)}, {"budget", budget.limit()}}, now);
}

void Reporter::watch_data(runtime::Now now) {
  const auto late_after = std::chrono::minutes{settings_.polling.settle_minutes} + kLateAfterSettling;
  for (const auto& [id, picture] : home_.devices()) {
    const bool late = picture.device.connected && picture.as_of && now.system - *picture.as_of > late_after;
    bool& was_late = data_late_[id];
    if (late == was_late) continue;
    was_late = late;
    if (!late && !picture.device.connected) continue;
    event(late ? "data_late" : "data_resumed",
          {{"device", id.text()}, {"name", picture.device.name}, {"as_of", time_or_null(picture.as_of)}}, now);
  }
}

std::optional<std::chrono::seconds> Reporter::data_lag(runtime::Now now) const {
  std::optional<std::chrono::seconds> lag;
  for (const auto& [id, picture] : home_.devices()) {
    if (!picture.device.connected || !picture.as_of) continue;
    lag = std::max(lag, std::optional(std::chrono::floor<std::chrono::seconds>(now.system - *picture.as_of)));
  }
  return lag;
}

void Reporter::publish_info(runtime::Now now) {
  session_.publish_retained(topics_.bridge("info"),
                            json::to_text(json::Object{{"name", "emporia2mqtt"},
                                                       {"version", kVersion},
                                                       {"started", time_or_null(now.system)},
                                                       {"configuration", public_configuration(settings_)}}));
}

void Reporter::publish_devices() {
  json::Array devices;
  for (const auto& [id, picture] : home_.devices()) {
    const model::Device& device = picture.device;
    json::Array circuits;
    for (const model::Circuit& circuit : device.circuits) {
      circuits.push_back(json::Object{{"channel", circuit.channel},
                                      {"name", circuit.name},
                                      {"direction", model::word(circuit.direction)},
                                      {"sub_type", circuit.sub_type}});
    }
    devices.push_back(json::Object{{"id", id.text()},
                                   {"topic", topics_.base() + "/" + mqtt::topic_id(id.text())},
                                   {"model", model::word(device.model)},
                                   {"name", device.name},
                                   {"firmware", device.firmware},
                                   {"timezone", device.timezone},
                                   {"solar", device.solar},
                                   {"connected", device.connected},
                                   {"circuits", std::move(circuits)}});
  }
  session_.publish_retained(topics_.bridge("devices"), json::to_text(std::move(devices)));
}

void Reporter::publish_health(runtime::Now now) {
  const partner::Client& client = collector_.client();
  const partner::PartnerStatus& status = client.status();
  const unsigned used = client.budget().used(now.steady);
  const unsigned limit = client.budget().limit();
  json::Object polls;
  for (std::size_t i = 0; i < polling::kPollKinds; ++i) {
    const auto kind = static_cast<polling::PollKind>(i);
    const auto interval = collector_.planner().intervals()[i];
    if (!interval) continue;
    const auto times = collector_.planner().times(kind, now);
    polls.emplace_back(polling::word(kind), json::Object{{"last", time_or_null(times.last)},
                                                         {"next", time_or_null(times.next)},
                                                         {"interval_s", static_cast<std::int64_t>(interval->count())}});
  }
  const mqtt::SessionHealth mqtt = session_.health();
  const auto lag = data_lag(now);
  const auto memory = resident_memory_bytes();
  const auto uptime = std::chrono::floor<std::chrono::seconds>(now.steady - started_.steady);
  json::Object payload{{"partner", json::Object{{"state", partner::word(status.state)},
                                                {"since", time_or_null(status.since)},
                                                {"last_success", time_or_null(status.last_success)},
                                                {"last_error", text_or_null(status.last_error)},
                                                {"odd_parts", static_cast<std::int64_t>(client.oddities())}}},
                       {"calls", json::Object{{"used_last_hour", used},
                                              {"budget", limit},
                                              {"left", limit - std::min(used, limit)},
                                              {"command_reserve", client.budget().reserve()},
                                              {"postponed", client.postponed()}}},
                       {"data_lag_s", lag ? json::Value(static_cast<std::int64_t>(lag->count())) : json::Value()},
                       {"polls", std::move(polls)},
                       {"ledger", json::Object{{"ok", collector_.ledger_trouble().empty()},
                                               {"error", text_or_null(collector_.ledger_trouble())},
                                               {"gaps", gap_list(collector_.gaps())}}},
                       {"mqtt", json::Object{{"connects", static_cast<std::int64_t>(mqtt.connects)},
                                             {"sent", static_cast<std::int64_t>(mqtt.messages.sent)},
                                             {"acknowledged", static_cast<std::int64_t>(mqtt.messages.acknowledged)},
                                             {"dropped", static_cast<std::int64_t>(mqtt.messages.dropped)},
                                             {"waiting", static_cast<std::int64_t>(mqtt.waiting)},
                                             {"retained", static_cast<std::int64_t>(mqtt.retained)},
                                             {"last_error", text_or_null(mqtt.last_error)}}},
                       {"resident_memory_bytes", memory ? json::Value(*memory) : json::Value()},
                       {"uptime_s", static_cast<std::int64_t>(uptime.count())}};
  session_.publish_retained(topics_.bridge("health"), json::to_text(std::move(payload)));
}

}  // namespace emporia::app
