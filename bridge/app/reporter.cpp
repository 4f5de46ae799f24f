// Long because all that the bridge tells of itself stands in one place.
#include "app/reporter.hpp"

#include <algorithm>
#include <utility>

#include "app/circuit_list.hpp"
#include "app/device_name.hpp"
#include "app/lease.hpp"
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
// Of a fleet's list, in one turn of the loop.
constexpr std::size_t kListedTogether = 200;
// After something worth telling, such as a call: soon, and once for several.
constexpr auto kHealthSoon = 1s;
// At its edge a budget makes polls wait every few minutes, which is one thing to tell and not many.
constexpr auto kBudgetQuietFor = 1h;
// Data settles half an hour after the fact; as much again is more than the service's ordinary delay.
constexpr auto kLateAfterSettling = 30min;

json::Value time_or_null(const std::optional<runtime::SystemTime>& time) {
  if (!time) return nullptr;
  return runtime::iso8601(std::chrono::floor<std::chrono::seconds>(*time));
}

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value() : json::Value(text);
}

/// Home Assistant takes no state of more than 255 characters; cut at the border of one.
json::Value state_text(const std::string& text) {
  std::size_t end = std::min<std::size_t>(text.size(), 255);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text_or_null(text.substr(0, end));
}

/// The settings as they may be shown to everybody on the broker: whose account it is stays between its owner and the
/// service.
std::string public_configuration(settings::Settings settings) {
  settings.partner.email = "***";
  for (std::string& customer : settings.partner.customers) customer = "***";
  return settings::describe(settings);
}

json::Value milliseconds(std::chrono::nanoseconds duration) {
  return json::rounded(std::chrono::duration<double, std::milli>(duration).count(), 1);
}

struct EventRow {
  Kind kind;
  const char* type;
  /// What the log says of it.
  const char* words;
};
constexpr std::array<EventRow, 8> kEvents{{
    {Kind::device_added, "device_added", "new"},
    {Kind::device_removed, "device_removed", "not shown any more"},
    {Kind::device_renamed, "device_renamed", "renamed"},
    {Kind::device_online, "device_online", "connected to the cloud again"},
    {Kind::device_offline, "device_offline", "not connected to the cloud"},
    {Kind::circuit_added, "circuit_added", "new"},
    {Kind::circuit_removed, "circuit_removed", "gone"},
    {Kind::circuit_renamed, "circuit_renamed", "renamed"},
}};

/// "House (A0001), channel 4 (Oven): renamed, before it was \"Range\"".
std::string log_line(const EventRow& row, const model::HomeChange& change, const model::Home& home) {
  const model::DevicePicture* picture = home.find(change.device);
  std::string line = named(home, change.device);
  if (picture == nullptr && !change.old_name.empty()) line = change.old_name + " (" + change.device.text() + ")";
  if (change.channel != 0 && picture != nullptr) line += ", " + named(picture->device, change.channel);
  line += runtime::concat(": ", row.words);
  const bool renamed = change.kind == Kind::device_renamed || change.kind == Kind::circuit_renamed;
  if (renamed && !change.old_name.empty()) line += ", before it was \"" + change.old_name + "\"";
  return line;
}

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

/// Changes with everything that listed() tells, and costs a small part of it: a fleet's poll changes every device's
/// readings and hardly ever the list.
std::uint64_t fingerprint(const model::Device& device) {
  std::uint64_t print = 0;
  const auto add = [&print](std::uint64_t part) {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
    print = (print ^ part) * kOdd + (print >> 29);
  };
  const auto add_text = [&add](const std::string& text) { add(std::hash<std::string>{}(text)); };
  for (const std::string* text : {&device.name, &device.firmware, &device.timezone}) add_text(*text);
  add(static_cast<std::uint64_t>(device.model));
  add((device.solar ? 2U : 0U) + (device.connected ? 1U : 0U));
  for (const model::Circuit& circuit : device.circuits) {
    add(circuit.channel);
    add(static_cast<std::uint64_t>(circuit.direction));
    add_text(circuit.name);
    add_text(circuit.sub_type);
  }
  return print;
}

/// One device as bridge/devices lists it.
json::Value listed(const model::Device& device, const mqtt::TopicTree& topics) {
  return json::Object{{"id", device.id.text()},
                      {"topic", topics.base() + "/" + mqtt::topic_id(device.id.text())},
                      {"model", model::word(device.model)},
                      {"name", device.name},
                      {"firmware", device.firmware},
                      {"timezone", device.timezone},
                      {"solar", device.solar},
                      {"connected", device.connected},
                      {"circuits", circuit_list(device)}};
}

}  // namespace

Reporter::Reporter(mqtt::Session& session, const Collector& collector, const model::Home& home,
                   const settings::Settings& settings, std::string ledger_set_aside, runtime::Now now)
    : session_(session),
      collector_(collector),
      home_(home),
      settings_(settings),
      ledger_set_aside_(std::move(ledger_set_aside)),
      topics_(topics_of(settings)),
      started_(now),
      health_at_(now.steady) {
  publish_info();
}

void Reporter::reconfigure(runtime::Now now) {
  publish_info();
  health_at_ = now.steady;
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
  unlisted_.insert(change.device);
  const auto row =
      std::find_if(kEvents.begin(), kEvents.end(), [&](const EventRow& r) { return r.kind == change.kind; });
  if (row == kEvents.end()) return;
  json::Object details{{"device", change.device.text()}};
  if (const model::DevicePicture* picture = home_.find(change.device))
    details.emplace_back("name", picture->device.name);
  if (change.channel != 0) details.emplace_back("channel", change.channel);
  if (change.kind == Kind::device_renamed || change.kind == Kind::circuit_renamed) {
    details.emplace_back("old_name", change.old_name);
    details.emplace_back("new_name", change.new_name);
  }
  // The first list is told in one line: a fleet's would be thousands.
  if (!devices_told_ && change.kind == Kind::device_added) {
    runtime::log_debug(kRoom, log_line(*row, change, home_));
  } else {
    runtime::log_info(kRoom, log_line(*row, change, home_));
  }
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

void Reporter::statistics_turned(const std::string& error, runtime::Now now) {
  health_at_ = now.steady;
  if (error.empty()) return event("statistics_restored", {}, now);
  event("statistics_failed", {{"error", error}}, now);
}

void Reporter::on_time(runtime::Now now) {
  watch_partner(now);
  watch_budget(now);
  list_changed();
  // Before the first inventory nothing is known, which is not the same as that there are no devices.
  if (collector_.inventories() > 0 && unlisted_.empty() && !collector_.busy()) {
    if (std::exchange(devices_changed_, false)) session_.publish_retained(topics_.bridge("devices"), devices());
    if (!std::exchange(devices_told_, true)) tell_devices();
  }
  const unsigned used = collector_.client().budget().used(now.steady);
  if (used != calls_told_) health_at_ = std::min(health_at_, now.steady + kHealthSoon);
  calls_told_ = used;
  if (now.steady < health_at_) return;
  watch_data(now);
  session_.publish_retained(topics_.bridge("health"), json::to_text(health(now)));
  health_at_ = now.steady + kHealthEvery;
}

void Reporter::list_changed() {
  for (std::size_t count = 0; count < kListedTogether && !unlisted_.empty(); ++count) {
    const model::DeviceId id = std::move(unlisted_.extract(unlisted_.begin()).value());
    const model::DevicePicture* picture = home_.find(id);
    if (picture == nullptr) {
      devices_changed_ = listed_.erase(id) > 0 || devices_changed_;
      continue;
    }
    const std::uint64_t print = fingerprint(picture->device);
    Listed& known = listed_[id];
    if (!known.text.empty() && known.fingerprint == print) continue;
    known.fingerprint = print;
    std::string text = json::to_text(listed(picture->device, topics_));
    devices_changed_ = devices_changed_ || text != known.text;
    known.text = std::move(text);
  }
}

void Reporter::tell_devices() const {
  constexpr std::size_t kMostNamed = 30;
  const auto& devices = home_.devices();
  if (devices.empty() && collector_.elsewhere() > 0) {
    return runtime::log_info(kRoom, runtime::concat("none of the account's ", collector_.elsewhere(),
                                                    " devices belongs to this one of several bridges"));
  }
  if (devices.empty()) {
    return runtime::log_warning(kRoom,
                                "the account has no device to show: is it the partner account, and do [partner] "
                                "customers and [devices] include leave one?");
  }
  std::string names;
  std::size_t named_so_far = 0;
  for (const auto& [id, picture] : devices) {
    if (named_so_far++ == kMostNamed) break;
    names += (names.empty() ? "" : ", ") + named(home_, id);
  }
  if (devices.size() > kMostNamed) names += runtime::concat(" and ", devices.size() - kMostNamed, " more");
  runtime::log_info(kRoom, runtime::concat(devices.size(), devices.size() == 1 ? " device: " : " devices: ", names));
}

void Reporter::watch_partner(runtime::Now now) {
  const partner::PartnerStatus& status = collector_.client().status();
  if (status.last_error != partner_error_told_) health_at_ = std::min(health_at_, now.steady + kHealthSoon);
  partner_error_told_ = status.last_error;
  if (status.state == partner_state_) return;
  partner_state_ = status.state;
  health_at_ = now.steady;
  switch (status.state) {
    case partner::PartnerState::auth_refused:
      partner_was_lost_ = true;
      // At the first sign-in the bridge ends, and says what to do.
      if (status.ever_signed_in) {
        runtime::log_error(kRoom, status.last_error +
                                      ": it is tried again, seldom; put the new password where [partner] says and "
                                      "reload the bridge (SIGHUP)");
      }
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
  if (collector_.client().postponed() > 0) budget_over_at_ = now.steady + kBudgetQuietFor;
  const bool reached = now.steady < budget_over_at_;
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
    const bool news = late ? data_late_.insert(id).second : data_late_.erase(id) > 0;
    if (!news) continue;
    if (!late && !picture.device.connected) continue;
    event(late ? "data_late" : "data_resumed",
          {{"device", id.text()}, {"name", picture.device.name}, {"as_of", time_or_null(picture.as_of)}}, now);
  }
}

std::optional<std::chrono::seconds> Reporter::data_lag(runtime::Now now) const {
  std::optional<std::chrono::seconds> lag;
  for (const auto& [id, picture] : home_.devices()) {
    // A group lags behind when one circuit has no data, which says nothing of the service.
    const bool group = picture.device.model == model::DeviceModel::group;
    if (group || !picture.device.connected || !picture.as_of) continue;
    lag = std::max(lag, std::optional(std::chrono::floor<std::chrono::seconds>(now.system - *picture.as_of)));
  }
  return lag;
}

void Reporter::publish_info() {
  json::Object info{{"name", "emporia2mqtt"},
                    {"version", kVersion},
                    {"started", time_or_null(started_.system)},
                    {"configuration", public_configuration(settings_)}};
  if (!settings_.fleet.shard.empty()) info.emplace_back("shard", settings_.fleet.shard);
  session_.publish_retained(topics_.bridge("info"), json::to_text(std::move(info)));
}

std::string Reporter::devices() const {
  std::size_t size = 2;
  for (const auto& [id, listed] : listed_) size += listed.text.size() + 1;
  std::string text = "[";
  text.reserve(size);
  for (const auto& [id, listed] : listed_) text.append(text.size() > 1 ? "," : "").append(listed.text);
  return text + "]";
}

json::Value Reporter::health(runtime::Now now) const {
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
                                                {"last_error", state_text(status.last_error)},
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
                                               {"set_aside", text_or_null(ledger_set_aside_)},
                                               {"gaps", gap_list(collector_.gaps())}}},
                       {"mqtt", json::Object{{"connects", static_cast<std::int64_t>(mqtt.connects)},
                                             {"sent", static_cast<std::int64_t>(mqtt.messages.sent)},
                                             {"acknowledged", static_cast<std::int64_t>(mqtt.messages.acknowledged)},
                                             {"dropped", static_cast<std::int64_t>(mqtt.messages.dropped)},
                                             {"waiting", static_cast<std::int64_t>(mqtt.waiting)},
                                             {"retained", static_cast<std::int64_t>(mqtt.retained)},
                                             {"last_error", text_or_null(mqtt.last_error)}}},
                       {"loop", json::Object{{"longest_turn_ms", milliseconds(longest_turn_.lasted)},
                                             {"longest_turn_cpu_ms", milliseconds(longest_turn_.worked)}}},
                       {"resident_memory_bytes", memory ? json::Value(*memory) : json::Value()},
                       {"uptime_s", static_cast<std::int64_t>(uptime.count())}};
  if (const auto& shard = collector_.own().shard()) {
    payload.emplace_back("shard", json::Object{{"number", shard->number},
                                               {"count", shard->count},
                                               {"devices", static_cast<std::int64_t>(home_.devices().size())},
                                               {"devices_elsewhere", static_cast<std::int64_t>(collector_.elsewhere())},
                                               {"calls_of_account", settings_.budget.calls_per_hour}});
  }
  if (lease_ != nullptr) payload.emplace_back("standby", lease_->health());
  if (statistics_ != nullptr) payload.emplace_back("statistics", statistics_->health());
  return payload;
}

}  // namespace emporia::app
