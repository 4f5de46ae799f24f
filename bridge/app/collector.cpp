// Long because every way of asking and every kind of answer meets here.
#include "app/collector.hpp"

#include <algorithm>
#include <utility>

#include "app/device_name.hpp"
#include "app/utc.hpp"
#include "model/derive.hpp"
#include "polling/window.hpp"
#include "runtime/text.hpp"
#include "settings/shard.hpp"

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
// In one turn of the loop, which a command waits for: what is booked, and devices whose counters are shown. Of 10,000
// devices 50 would take such a turn 50 ms, with all that follows from a booking.
constexpr std::size_t kValuesBookedTogether = 10'000;
constexpr std::size_t kDevicesBookedTogether = 16;
constexpr std::size_t kCountersTogether = 100;
// And devices that are looked through for the next round of usage: 10,000 at once would take 40 ms.
constexpr std::size_t kLookedThroughTogether = 1000;
// A circuit that was taken out keeps its counter, in case it comes back, but is shown only while it still reports.
constexpr auto kUnlistedShownFor = 1h;

partner::ClientOptions client_options(const settings::Settings& settings, runtime::Now now) {
  partner::ClientOptions options;
  options.email = settings.partner.email;
  options.password = settings.partner.password.reveal();
  const settings::Budget budget = settings::own_budget(settings);
  options.budget = {static_cast<unsigned>(budget.calls_per_hour), static_cast<unsigned>(budget.command_reserve)};
  options.seed = static_cast<std::uint64_t>(now.system.time_since_epoch().count());
  return options;
}

/// 0 in the settings stands for automatic.
std::optional<std::chrono::seconds> wish(int interval_s) {
  if (interval_s == 0) return std::nullopt;
  return std::chrono::seconds{interval_s};
}

polling::PollingOptions polling_options(const settings::Settings& settings) {
  const settings::Budget budget = settings::own_budget(settings);
  return {static_cast<unsigned>(budget.calls_per_hour), static_cast<unsigned>(budget.command_reserve),
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

/// Whom a request asks about; empty where it names nobody.
const std::vector<model::DeviceId>& devices_of(const partner::Request& request) {
  static const std::vector<model::DeviceId> kNone;
  if (const auto* usage = std::get_if<partner::FetchUsage>(&request)) return usage->devices;
  if (const auto* states = std::get_if<partner::ListStates>(&request)) return states->devices;
  return kNone;
}

/// The one device a request is about, or nullptr.
const model::DeviceId* only_device(const partner::Request& request) {
  const auto& devices = devices_of(request);
  return devices.size() == 1 ? &devices.front() : nullptr;
}

/// The inventory knows the channel, or it is computed from those that it knows.
bool listed(const model::Device& device, model::Channel channel) {
  const auto is_it = [channel](const model::Circuit& circuit) { return circuit.channel == channel; };
  return channel > model::kLastChannel || std::any_of(device.circuits.begin(), device.circuits.end(), is_it);
}

std::vector<settings::Group> own_groups(const std::vector<settings::Group>& all, const OwnDevices& own) {
  std::vector<settings::Group> groups;
  std::copy_if(all.begin(), all.end(), std::back_inserter(groups), [&own](const settings::Group& group) {
    return own.has(model::DeviceId(std::string(mqtt::kGroupIds) + group.id));
  });
  return groups;
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
                     model::Home& home, const settings::Settings& settings, const OwnDevices& own, Shown shown,
                     runtime::Now now)
    : ledger_(ledger),
      home_(home),
      settings_(settings),
      own_(own),
      client_(gateway, journal, client_options(settings, now), now),
      planner_(polling_options(settings)),
      upkeep_(ledger, home, now),
      groups_(own_groups(settings.groups, own), ledger),
      periods_(ledger, settings_.polling),
      shown_(std::move(shown)) {}

void Collector::reconfigure(bool other_devices, runtime::Now now) {
  client_.reconfigure(client_options(settings_, now), now);
  std::vector<model::DeviceId> left_out;
  for (const auto& [id, picture] : home_.devices()) {
    if (picture.device.model == model::DeviceModel::group) continue;
    if (!settings::wanted(settings_.devices, id.text(), model::word(picture.device.model))) left_out.push_back(id);
  }
  for (const model::DeviceId& device : left_out) apply(model::LeftOut{device});
  planner_.reconfigure(polling_options(settings_), home_, now);
  if (other_devices) planner_.read_inventory(now);
}

Findings Collector::take_findings() {
  Findings taken = std::exchange(findings_, {});
  while (!changes_.empty() && taken.changes.size() < kChangesInATurn) {
    const auto counted = changed_.find(changes_.front().device);
    if (--counted->second == 0) changed_.erase(counted);
    taken.changes.push_back(std::move(changes_.front()));
    changes_.pop_front();
  }
  return taken;
}

runtime::SteadyTime Collector::next_deadline() const {
  if (busy() || (usage_round_ && !usage_round_->is_through())) return {};
  const auto next =
      std::min({client_.next_deadline(), planner_.next_deadline(), upkeep_.next_deadline(), periods_.next_deadline()});
  return usage_round_ && wait_for_all_until_ > last_turn_ ? std::min(next, wait_for_all_until_) : next;
}

void Collector::on_time(runtime::Now now) {
  last_turn_ = now.steady;
  client_.on_time(now);
  const bool looking = usage_round_.has_value();
  for (polling::Poll& poll : planner_.take_due(now)) ask(std::move(poll), now);
  if (looking) ask_usage(now);
  ask_upkeep(now);
  const auto shown = [this](const model::DeviceId& device) { return !is_found(device) && shown_(device); };
  for (model::DeviceId& device : periods_.due(shown, now)) counters_due_.insert(std::move(device));
  for (partner::Outcome& outcome : client_.take_outcomes()) receive(std::move(outcome), now);
  work_off(now);
  for (std::size_t count = 0; count < kCountersTogether && !counters_due_.empty(); ++count) {
    const model::DeviceId device = std::move(counters_due_.extract(counters_due_.begin()).value());
    show_counters(device, now);
  }
}

bool Collector::is_found(const model::DeviceId& device) const {
  return changed_.count(device) > 0 || counters_due_.count(device) > 0;
}

void Collector::found(model::HomeChange change) {
  ++changed_[change.device];
  changes_.push_back(std::move(change));
}

void Collector::on_reply(partner::Reply reply, runtime::Now now) {
  client_.on_reply(std::move(reply), now);
  for (partner::Outcome& outcome : client_.take_outcomes()) receive(std::move(outcome), now);
}

void Collector::receive(partner::Outcome outcome, runtime::Now now) {
  const bool books = std::holds_alternative<partner::FetchUsage>(outcome.request) && inquiries_.count(outcome.id) == 0;
  if (!books) return take(std::move(outcome), now);
  replies_.push_back(std::move(outcome));
}

/// Books of the first reply as much as a turn holds; with the last of it, it is taken as any other.
void Collector::work_off(runtime::Now now) {
  std::size_t values = 0;
  std::size_t devices = 0;
  const auto room = [&] { return values < kValuesBookedTogether && devices < kDevicesBookedTogether; };
  while (!replies_.empty() && room()) {
    partner::Outcome& outcome = replies_.front();
    auto* usage = outcome.result ? std::get_if<partner::Usage>(&outcome.result.value()) : nullptr;
    partner::Usage part;
    if (usage != nullptr) {
      auto next = usage->devices.begin();
      for (; next != usage->devices.end() && room(); ++next, ++devices) {
        values += next->channels.size() * next->starts.size();
        part.devices.push_back(std::move(*next));
      }
      usage->devices.erase(usage->devices.begin(), next);
    }
    if (usage != nullptr && !usage->devices.empty()) {
      take_usage(std::move(part), now);
      upkeep_failed_ = upkeep_failed_ || (upkeep_asked_ == outcome.id && !ledger_trouble_.empty());
      return;
    }
    if (usage != nullptr) *usage = std::move(part);
    partner::Outcome last = std::move(outcome);
    replies_.pop_front();
    take(std::move(last), now);
  }
}

void Collector::ask(polling::Poll poll, runtime::Now now) {
  rounds_[static_cast<std::size_t>(poll.kind)] = {};
  switch (poll.kind) {
    case PollKind::inventory:
      return ask_inventory(now);
    case PollKind::usage:
      usage_round_ = UsageRound{std::move(poll.devices), 0, {}, {}};
      wait_for_all_until_ = now.steady + kWaitForAll;
      return ask_usage(now);
    case PollKind::outlets:
    case PollKind::ev_chargers:
    case PollKind::batteries:
    case PollKind::utility_connects:
      return submit(poll.kind, partner::ListStates{state_kind(poll.kind), std::move(poll.devices)}, Priority::poll,
                    now);
  }
}

bool Collector::waits_for_broker(const UsageRound& round, runtime::Now now) const {
  return now.steady < wait_for_all_until_ && !round.unshown.empty() && ledger_.counters(round.unshown).empty() &&
         !shown_(round.unshown);
}

void Collector::look_through(UsageRound& round) {
  const std::size_t end = std::min(round.looked + kLookedThroughTogether, round.devices.size());
  for (; round.looked < end; ++round.looked) {
    const model::DeviceId& device = round.devices[round.looked];
    // Home Assistant takes the first value of a counter for its zero point: the first booking would be lost there
    // unless the counter's start has been seen before.
    const auto booked_until = ledger_.booked_until(device);
    if (!booked_until && !shown_(device)) {
      round.unshown = device;
      continue;
    }
    if (groups_.begins_with(device, shown_)) continue;
    round.states.push_back({device, booked_until});
  }
}

void Collector::ask_usage(runtime::Now now) {
  UsageRound& round = *usage_round_;
  if (round.is_through()) {
    if (waits_for_broker(round, now)) return;
    // What has gone meanwhile will never be shown.
    std::erase_if(round.devices, [this](const model::DeviceId& device) { return home_.find(device) == nullptr; });
    round = {std::move(round.devices), 0, {}, {}};
  }
  look_through(round);
  if (!round.is_through()) return;
  const bool all = round.states.size() == round.devices.size();
  if (!all && (round.states.empty() || now.steady < wait_for_all_until_)) return;
  const std::vector<polling::UsageState> states = std::move(round.states);
  usage_round_.reset();
  const auto horizon = polling::settled_until(utc(now), std::chrono::minutes{settings_.polling.settle_minutes});
  const bool with_late = late_asked_at_ == runtime::SteadyTime{} || now.steady - late_asked_at_ >= kLateAskedEvery;
  if (with_late) late_asked_at_ = now.steady;
  auto windows = polling::usage_windows(states, horizon, with_late);
  if (windows.empty()) return planner_.done(PollKind::usage, true, now);
  for (polling::UsageWindow& window : windows) {
    submit(PollKind::usage,
           partner::FetchUsage{std::move(window.devices), model::Scale::minutes, window.first, window.last},
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
  for (const auto& [id, picture] : home_.devices()) {
    // What is read again brings new minutes too.
    const bool later = picture.device.model == model::DeviceModel::group || groups_.begins_with(id, shown_);
    if (!later) devices.push_back(id);
  }
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
  } else if (outcome.result.error().kind != partner::PartnerError::Kind::refused) {
    // A device that is refused has no more to tell: asked again and again it would keep all others from being repaired.
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

partner::RequestId Collector::inquire(partner::Request request, runtime::Now now) {
  return *inquiries_.insert(client_.submit(std::move(request), partner::Priority::poll, now)).first;
}

bool Collector::withdraw(partner::RequestId id) {
  const bool withdrawn = client_.withdraw(id);
  // No outcome follows.
  if (withdrawn) inquiries_.erase(id);
  return withdrawn;
}

void Collector::take(partner::Outcome outcome, runtime::Now now) {
  if (upkeep_asked_ == outcome.id) return take_upkeep(std::move(outcome), now);
  if (inquiries_.count(outcome.id) != 0) {
    if (outcome.last) inquiries_.erase(outcome.id);
    findings_.inquiry_outcomes.push_back(std::move(outcome));
    return;
  }
  const auto asked = asked_.find(outcome.id);
  if (asked == asked_.end()) {
    if (outcome.result) take_answer(outcome.result.value(), now);
    findings_.command_outcomes.push_back(std::move(outcome));
    return;
  }
  const PollKind kind = asked->second;
  Round& round = rounds_[static_cast<std::size_t>(kind)];
  if (outcome.result) {
    end_refusals(kind, outcome.request);
    take_answer(std::move(outcome.result).value(), now);
  } else if (const auto* device = only_device(outcome.request);
             device != nullptr && outcome.result.error().kind == partner::PartnerError::Kind::refused) {
    const std::string& why = outcome.result.error().text;
    refused_devices_[*device].failed(kRoom,
                                     runtime::concat(named(home_, *device), ": ", partner::method_name(outcome.request),
                                                     ": ", why, "; it is asked again every hour"),
                                     why);
    planner_.hold(*device, now);
  } else {
    if (outcome.result.error().kind == partner::PartnerError::Kind::refused) {
      refusals_[static_cast<std::size_t>(kind)].failed(
          kRoom, runtime::concat(partner::method_name(outcome.request), ": ", outcome.result.error().text));
    }
    round.failed = true;
  }
  if (!outcome.last) return;
  asked_.erase(asked);
  if (--round.requests == 0) planner_.done(kind, !round.failed, now);
}

void Collector::end_refusals(PollKind kind, const partner::Request& request) {
  refusals_[static_cast<std::size_t>(kind)].ended(kRoom,
                                                  runtime::concat(partner::method_name(request), " is answered again"));
  if (refused_devices_.empty()) return;
  for (const model::DeviceId& device : devices_of(request)) {
    const auto refused = refused_devices_.find(device);
    if (refused == refused_devices_.end()) continue;
    refused->second.ended(kRoom, named(home_, device) + ": the service tells of it again");
    refused_devices_.erase(refused);
  }
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
  elsewhere_ = std::erase_if(devices, [this](const model::Device& device) { return !own_.has(device.id); });
  groups_.drop_impostors(devices);
  devices.erase(std::remove_if(devices.begin(), devices.end(), unwanted), devices.end());
  // Not the groups, whose days are those of a device that is met itself.
  for (const std::string& warning : periods_.meet(devices)) runtime::log_warning(kRoom, warning);
  for (model::Device& group : groups_.devices(devices, left_out_, home_)) devices.push_back(std::move(group));
  ++inventories_;
  apply(model::InventorySeen{utc(now), std::move(devices)});
  for (const auto& device : home_.devices()) counters_due_.insert(counters_due_.end(), device.first);
  planner_.on_home(home_, now);
}

void Collector::take_usage(partner::Usage usage, runtime::Now now) {
  const auto horizon = polling::settled_until(utc(now), std::chrono::minutes{settings_.polling.settle_minutes});
  std::vector<ledger::Booking> bookings;
  std::map<model::DeviceId, std::optional<model::UtcSeconds>> booked_before;
  for (model::DeviceUsage& device : usage.devices) {
    const model::DevicePicture* picture = home_.find(device.device);
    booked_before.emplace(device.device, ledger_.booked_until(device.device));
    // The ledger computes its own: what is appended here is for showing power.
    if (picture != nullptr) model::append_derived(device, picture->device, last_known(ledger_.counters(device.device)));
    bookings.push_back({std::move(device), picture == nullptr ? model::DeviceModel::unknown : picture->device.model,
                        horizon, utc(now)});
  }
  auto booked = ledger_.book(bookings);
  if (!booked) {
    ledger_trouble_ = booked.error().text;
    return ledger_episode_.failed(kRoom, ledger_trouble_);
  }
  // Where there was nothing to store nothing shows that it could be.
  if (!booked.value().empty()) {
    ledger_trouble_.clear();
    ledger_episode_.ended(kRoom, "energy is stored again");
  }
  for (const ledger::Booking& booking : bookings) {
    if (home_.find(booking.usage.device) != nullptr) power_.take(booking.usage);
    show_counters(booking.usage.device, now);
  }
  for (const model::DeviceUsage& group : groups_.booked(booked.value())) {
    power_.take(group);
    show_counters(group.device, now);
  }
  for (const auto& [device, before] : booked_before) {
    const auto after = ledger_.booked_until(device);
    if (before && after && *after - *before > kGapFrom) upkeep_.jumped(device, *before, *after);
  }
  for (ledger::BookedSpan& span : booked.value()) findings_.booked.push_back(std::move(span));
}

void Collector::apply(model::Observation observation) {
  for (model::HomeChange& change : home_.apply(std::move(observation))) {
    if (change.kind == model::HomeChange::Kind::device_removed) {
      power_.forget(change.device);
      upkeep_.forget(change.device);
      refused_devices_.erase(change.device);
      periods_.forget(change.device);
    }
    found(std::move(change));
  }
}

bool Collector::adopt(const model::DeviceId& device, const ledger::Counters& last, runtime::Now now) {
  if (!ledger_.adopt(device, last)) return false;
  show_counters(device, now);
  return true;
}

bool Collector::show_at_least(const model::DeviceId& device, const ledger::Counters& last, runtime::Now now) {
  if (!ledger_.show_at_least(device, last)) return false;
  show_counters(device, now);
  return true;
}

void Collector::show_counters(const model::DeviceId& device, runtime::Now now) {
  const model::DevicePicture* picture = home_.find(device);
  if (picture == nullptr) return;
  const ledger::Counters& counters = ledger_.counters(device);
  model::UsageSeen seen{device, ledger_.booked_until(device), {}, {}};
  // Shown at zero before the first booking, so that Home Assistant, which takes the first value it sees for the zero
  // point, counts that booking too. Legs are shown once they measure: a missing third one has an entry as well.
  for (const model::Circuit& circuit : picture->device.circuits) {
    if (groups_.lacks_member(device)) break;
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
  periods_.fill(seen, picture->device, now);
  apply(std::move(seen));
}

}  // namespace emporia::app
