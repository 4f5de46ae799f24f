#include "app/collector.hpp"

#include <algorithm>
#include <utility>

#include "app/utc.hpp"
#include "model/derive.hpp"
#include "polling/window.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using partner::Priority;
using polling::PollKind;

constexpr const char* kRoom = "collector";
// Devices far behind have their own request; one that has been offline for days must not cost a call each round.
constexpr auto kLateAskedEvery = 15min;
// A broker that takes messages takes a fleet's within this.
constexpr auto kWaitForAll = 10s;
// What is booked at once beyond this follows an outage.
constexpr auto kGapFrom = 1h;
// A circuit that was taken out keeps its counter, in case it comes back, but is shown only while it still reports.
constexpr auto kUnlistedShownFor = 1h;

partner::ClientOptions client_options(const settings::Settings& settings, runtime::Now now) {
  partner::ClientOptions options;
  options.email = settings.partner.email;
  options.password = settings.partner.password.reveal();
  options.budget = {static_cast<unsigned>(settings.budget.calls_per_hour),
                    static_cast<unsigned>(settings.budget.command_reserve)};
  options.seed = static_cast<std::uint64_t>(now.system.time_since_epoch().count());
  return options;
}

/// 0 in the settings stands for automatic.
std::optional<std::chrono::seconds> wish(int interval_s) {
  if (interval_s == 0) return std::nullopt;
  return std::chrono::seconds{interval_s};
}

polling::PollingOptions polling_options(const settings::Settings& settings) {
  return {static_cast<unsigned>(settings.budget.calls_per_hour), static_cast<unsigned>(settings.budget.command_reserve),
          wish(settings.polling.inventory_interval_s), wish(settings.polling.usage_interval_s),
          wish(settings.polling.state_interval_s)};
}

partner::StateKind state_kind(PollKind kind) {
  switch (kind) {
    case PollKind::ev_chargers:
      return partner::StateKind::ev_chargers;
    case PollKind::batteries:
      return partner::StateKind::batteries;
    case PollKind::utility_connects:
      return partner::StateKind::utility_connects;
    case PollKind::inventory:
    case PollKind::usage:
    case PollKind::outlets:
      break;
  }
  return partner::StateKind::outlets;
}

/// The one device a request is about, or nullptr.
const model::DeviceId* only_device(const partner::Request& request) {
  const std::vector<model::DeviceId>* devices = nullptr;
  if (const auto* usage = std::get_if<partner::FetchUsage>(&request)) devices = &usage->devices;
  if (const auto* states = std::get_if<partner::ListStates>(&request)) devices = &states->devices;
  return devices != nullptr && devices->size() == 1 ? &devices->front() : nullptr;
}

std::optional<model::UtcSeconds> booked_until(const ledger::Counters& counters) {
  std::optional<model::UtcSeconds> newest;
  for (const auto& [channel, counter] : counters) newest = std::max(newest, std::optional(counter.booked_until));
  return newest;
}

/// The inventory knows the channel, or it is computed from those that it knows.
bool listed(const model::Device& device, model::Channel channel) {
  const auto is_it = [channel](const model::Circuit& circuit) { return circuit.channel == channel; };
  return channel > model::kLastChannel || std::any_of(device.circuits.begin(), device.circuits.end(), is_it);
}

model::LastKnown last_known(const ledger::Counters& counters) {
  model::LastKnown known;
  for (const auto& [channel, counter] : counters) {
    if (channel <= model::kLastChannel) known.emplace(channel, counter.booked_until);
  }
  return known;
}

model::Reading reading_of(model::Channel channel, const ledger::Counter& counter) {
  model::Reading reading;
  // The balance may fall; what is shown of it is its highest value, because a counter that falls is taken for a reset.
  const bool balance = channel == model::kBalance;
  reading.positive_wh = ledger::to_wh(balance ? counter.shown_net : counter.shown_positive);
  reading.negative_wh = ledger::to_wh(counter.shown_negative);
  reading.exact_positive_wh = balance ? counter.net_wh() : counter.positive_wh();
  reading.exact_negative_wh = counter.negative_wh();
  reading.net_wh = counter.net_wh();
  return reading;
}

}  // namespace

Collector::Collector(partner::Gateway& gateway, partner::CallJournal& journal, ledger::UsageLedger& ledger,
                     model::Home& home, const settings::Settings& settings, Shown shown, runtime::Now now)
    : ledger_(ledger),
      home_(home),
      settings_(settings),
      client_(gateway, journal, client_options(settings, now), now),
      planner_(polling_options(settings)),
      upkeep_(ledger, now),
      shown_(std::move(shown)) {}

Findings Collector::take_findings() {
  return std::exchange(findings_, {});
}

runtime::SteadyTime Collector::next_deadline() const {
  const auto next = std::min({client_.next_deadline(), planner_.next_deadline(), upkeep_.next_deadline()});
  return waiting_usage_ && wait_for_all_until_ > last_turn_ ? std::min(next, wait_for_all_until_) : next;
}

void Collector::on_time(runtime::Now now) {
  last_turn_ = now.steady;
  client_.on_time(now);
  for (const polling::Poll& poll : planner_.take_due(now)) ask(poll, now);
  if (const auto waiting = waiting_usage_) ask_usage(*waiting, now);
  ask_upkeep(now);
  for (partner::Outcome& outcome : client_.take_outcomes()) take(std::move(outcome), now);
}

void Collector::on_reply(partner::Reply reply, runtime::Now now) {
  client_.on_reply(std::move(reply), now);
  for (partner::Outcome& outcome : client_.take_outcomes()) take(std::move(outcome), now);
}

void Collector::ask(const polling::Poll& poll, runtime::Now now) {
  rounds_[static_cast<std::size_t>(poll.kind)] = {};
  switch (poll.kind) {
    case PollKind::inventory:
      return ask_inventory(now);
    case PollKind::usage:
      return ask_usage(poll, now);
    case PollKind::outlets:
    case PollKind::ev_chargers:
    case PollKind::batteries:
    case PollKind::utility_connects:
      return submit(poll.kind, partner::ListStates{state_kind(poll.kind), poll.devices}, Priority::poll, now);
  }
}

void Collector::ask_usage(const polling::Poll& poll, runtime::Now now) {
  const auto horizon = polling::settled_until(utc(now), std::chrono::minutes{settings_.polling.settle_minutes});
  if (!waiting_usage_) wait_for_all_until_ = now.steady + kWaitForAll;
  std::vector<polling::UsageState> states;
  states.reserve(poll.devices.size());
  for (const model::DeviceId& device : poll.devices) {
    // Home Assistant takes the first value of a counter for its zero point: the first booking would be lost there
    // unless the counter's start has been seen before.
    const ledger::Counters& counters = ledger_.counters(device);
    if (counters.empty() && !shown_(device)) continue;
    states.push_back({device, booked_until(counters)});
  }
  const bool all = states.size() == poll.devices.size();
  if (!all && (states.empty() || now.steady < wait_for_all_until_)) {
    waiting_usage_ = poll;
    return;
  }
  waiting_usage_.reset();
  const bool with_late = late_asked_at_ == runtime::SteadyTime{} || now.steady - late_asked_at_ >= kLateAskedEvery;
  if (with_late) late_asked_at_ = now.steady;
  const auto windows = polling::usage_windows(states, horizon, with_late);
  if (windows.empty()) return planner_.done(PollKind::usage, true, now);
  for (const polling::UsageWindow& window : windows) {
    submit(PollKind::usage, partner::FetchUsage{window.devices, model::Scale::minutes, window.first, window.last},
           Priority::poll, now);
  }
}

void Collector::ask_inventory(runtime::Now now) {
  // Before the first one no command can be carried out. When the polls of earlier runs have left no room for it and the
  // sign-in, it is the commands' own call.
  constexpr unsigned kCallsToKnow = 2;
  const partner::CallBudget& budget = client_.budget();
  const bool spent = budget.used(now.steady) + kCallsToKnow + budget.reserve() > budget.limit();
  submit(PollKind::inventory, partner::ListDevices{settings_.partner.customers},
         inventories_ == 0 && spent ? Priority::command : Priority::poll, now);
}

void Collector::ask_upkeep(runtime::Now now) {
  if (now.steady < upkeep_.next_deadline()) return;
  std::vector<model::DeviceId> devices;
  for (const auto& [id, picture] : home_.devices()) devices.push_back(id);
  const auto horizon = polling::settled_until(utc(now), std::chrono::minutes{settings_.polling.settle_minutes});
  auto request = upkeep_.next(devices, horizon, now);
  if (!request) return;
  upkeep_failed_ = false;
  upkeep_asked_ = client_.submit(std::move(*request), partner::Priority::poll, now);
}

void Collector::take_upkeep(partner::Outcome outcome, runtime::Now now) {
  if (outcome.result) {
    take_answer(std::move(outcome.result).value(), now);
    upkeep_failed_ = upkeep_failed_ || !ledger_trouble_.empty();
  } else {
    upkeep_failed_ = true;
  }
  if (!outcome.last) return;
  upkeep_asked_.reset();
  upkeep_.done(!upkeep_failed_, now);
  for (GapFill& gap : upkeep_.take_filled()) findings_.gaps_filled.push_back(std::move(gap));
}

void Collector::submit(PollKind kind, partner::Request request, Priority priority, runtime::Now now) {
  ++rounds_[static_cast<std::size_t>(kind)].requests;
  asked_.emplace(client_.submit(std::move(request), priority, now), kind);
}

partner::RequestId Collector::command(partner::Request request, runtime::Now now) {
  return client_.submit(std::move(request), partner::Priority::command, now);
}

void Collector::take(partner::Outcome outcome, runtime::Now now) {
  if (upkeep_asked_ == outcome.id) return take_upkeep(std::move(outcome), now);
  const auto asked = asked_.find(outcome.id);
  if (asked == asked_.end()) {
    if (outcome.result) take_answer(outcome.result.value(), now);
    findings_.command_outcomes.push_back(std::move(outcome));
    return;
  }
  const PollKind kind = asked->second;
  Round& round = rounds_[static_cast<std::size_t>(kind)];
  if (outcome.result) {
    take_answer(std::move(outcome.result).value(), now);
  } else if (const auto* device = only_device(outcome.request);
             device != nullptr && outcome.result.error().kind == partner::PartnerError::Kind::refused) {
    runtime::log_warning(kRoom, runtime::concat(partner::method_name(outcome.request), " for ", device->text(), ": ",
                                                outcome.result.error().text, "; it is asked again in an hour"));
    planner_.hold(*device, now);
  } else {
    if (outcome.result.error().kind == partner::PartnerError::Kind::refused) {
      runtime::log_warning(kRoom,
                           runtime::concat(partner::method_name(outcome.request), ": ", outcome.result.error().text));
    }
    round.failed = true;
  }
  if (!outcome.last) return;
  asked_.erase(asked);
  if (--round.requests == 0) planner_.done(kind, !round.failed, now);
}

void Collector::take_answer(partner::Answer answer, runtime::Now now) {
  if (auto* inventory = std::get_if<partner::Inventory>(&answer)) return take_inventory(std::move(*inventory), now);
  if (auto* usage = std::get_if<partner::Usage>(&answer)) return take_usage(std::move(*usage), now);
  if (auto* states = std::get_if<partner::States>(&answer)) {
    apply(model::StatesSeen{utc(now), std::move(states->states)});
  }
}

void Collector::take_inventory(partner::Inventory inventory, runtime::Now now) {
  left_out_.clear();
  const auto unwanted = [&](const model::Device& device) {
    if (settings::wanted(settings_.devices, device.id.text(), model::word(device.model))) return false;
    left_out_.push_back(device.id);
    return true;
  };
  auto& devices = inventory.devices;
  devices.erase(std::remove_if(devices.begin(), devices.end(), unwanted), devices.end());
  ++inventories_;
  apply(model::InventorySeen{utc(now), std::move(devices)});
  for (const auto& [id, picture] : home_.devices()) show_counters(id);
  planner_.on_home(home_, now);
}

void Collector::take_usage(partner::Usage usage, runtime::Now now) {
  const auto horizon = polling::settled_until(utc(now), std::chrono::minutes{settings_.polling.settle_minutes});
  std::vector<ledger::Booking> bookings;
  std::map<model::DeviceId, std::optional<model::UtcSeconds>> booked_before;
  for (model::DeviceUsage& device : usage.devices) {
    const model::DevicePicture* picture = home_.find(device.device);
    booked_before.emplace(device.device, booked_until(ledger_.counters(device.device)));
    bookings.push_back({device, picture == nullptr ? model::DeviceModel::unknown : picture->device.model, horizon});
    if (picture != nullptr) model::append_derived(device, picture->device, last_known(ledger_.counters(device.device)));
  }
  auto booked = ledger_.book(bookings);
  if (!booked) {
    ledger_trouble_ = booked.error().text;
    return ledger_episode_.failed(kRoom, ledger_trouble_);
  }
  ledger_trouble_.clear();
  ledger_episode_.ended(kRoom, "energy is stored again");
  for (const model::DeviceUsage& device : usage.devices) {
    power_.take(device);
    show_counters(device.device);
  }
  for (const auto& [device, before] : booked_before) {
    const auto after = booked_until(ledger_.counters(device));
    if (before && after && *after - *before > kGapFrom) upkeep_.jumped(device, *before, *after);
  }
  for (ledger::BookedSpan& span : booked.value()) findings_.booked.push_back(std::move(span));
}

void Collector::apply(const model::Observation& observation) {
  for (model::HomeChange& change : home_.apply(observation)) {
    if (change.kind == model::HomeChange::Kind::device_removed) power_.forget(change.device);
    findings_.changes.push_back(std::move(change));
  }
}

void Collector::show_counters(const model::DeviceId& device) {
  const model::DevicePicture* picture = home_.find(device);
  if (picture == nullptr) return;
  const ledger::Counters& counters = ledger_.counters(device);
  model::UsageSeen seen{device, booked_until(counters), {}};
  // Shown at zero before the first booking, so that Home Assistant, which takes the first value it sees for the zero
  // point, counts that booking too. Legs are shown once they measure: a missing third one has an entry as well.
  for (const model::Circuit& circuit : picture->device.circuits) {
    if (!model::is_mains(picture->device.model, circuit.channel))
      seen.readings[circuit.channel] = reading_of(circuit.channel, {});
  }
  // The computed ones of a monitor that has been booked and has none of them are not measured: no leg is fitted.
  if (model::is_monitor(picture->device.model) && counters.empty()) {
    for (const model::Channel channel : {model::kMergedMains, model::kBalance}) {
      seen.readings[channel] = reading_of(channel, {});
    }
  }
  for (const auto& [channel, counter] : counters) {
    if (!listed(picture->device, channel) && counter.booked_until + kUnlistedShownFor < seen.as_of) continue;
    model::Reading& reading = seen.readings[channel];
    reading = reading_of(channel, counter);
    if (seen.as_of) reading.power_w = power_.at(device, channel, *seen.as_of);
  }
  apply(seen);
}

}  // namespace emporia::app
