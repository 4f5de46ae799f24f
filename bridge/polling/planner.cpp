#include "polling/planner.hpp"

#include <algorithm>

namespace emporia::polling {
namespace {

using namespace std::chrono_literals;

constexpr auto kHoldFor = 1h;
constexpr auto kFirstRetry = 5s;
// Somebody leaning on the refresh button must not spend the hour's calls.
constexpr auto kRefreshAtMostEvery = 10s;
constexpr auto kLongestRetry = 10min;
// A token lasts an hour; a second sign-in within it happens when the service drops one early.
constexpr unsigned kSignInsPerHour = 2;
// What is asked of the past once more, for gaps and revisions, at one call in ten minutes.
constexpr unsigned kUpkeepPerHour = 6;
// Full monitors in one reply, at the dozen buckets of a round; more of them take several calls a round.
constexpr std::size_t kDevicesPerCall = 4000;

std::size_t index(PollKind kind) {
  return static_cast<std::size_t>(kind);
}

std::optional<PollKind> state_poll(model::DeviceModel model) {
  switch (model) {
    case model::DeviceModel::outlet:
      return PollKind::outlets;
    case model::DeviceModel::ev_charger:
      return PollKind::ev_chargers;
    case model::DeviceModel::battery:
      return PollKind::batteries;
    case model::DeviceModel::utility_connect:
      return PollKind::utility_connects;
    case model::DeviceModel::vue1:
    case model::DeviceModel::vue2:
    case model::DeviceModel::vue3:
    case model::DeviceModel::group:
    case model::DeviceModel::unknown:
      break;
  }
  return std::nullopt;
}

}  // namespace

Planner::Planner(PollingOptions options) : options_(options) {
  of(PollKind::inventory).due = runtime::SteadyTime{};
}

void Planner::on_home(const model::Home& home, runtime::Now now) {
  for (auto& devices : devices_) devices.clear();
  for (const auto& [id, picture] : home.devices()) {
    if (picture.device.model == model::DeviceModel::group) continue;  // which the service does not know
    devices_[index(PollKind::usage)].push_back(id);
    if (const auto kind = state_poll(picture.device.model)) devices_[index(*kind)].push_back(id);
  }
  Demand demand;
  const unsigned kept_back = options_.command_reserve + kSignInsPerHour + kUpkeepPerHour;
  demand.calls_per_hour = options_.calls_per_hour > kept_back ? options_.calls_per_hour - kept_back : 1;
  demand.calls_per_round[index(PollKind::inventory)] = 1;
  for (std::size_t i = index(PollKind::usage); i < kPollKinds; ++i) {
    demand.calls_per_round[i] = static_cast<unsigned>((devices_[i].size() + kDevicesPerCall - 1) / kDevicesPerCall);
  }
  demand.configured[index(PollKind::inventory)] = options_.inventory_interval;
  demand.configured[index(PollKind::usage)] = options_.usage_interval;
  for (const PollKind kind : {PollKind::outlets, PollKind::ev_chargers, PollKind::batteries}) {
    demand.configured[index(kind)] = options_.state_interval;
  }
  intervals_ = share_calls(demand);
  for (std::size_t i = index(PollKind::usage); i < kPollKinds; ++i) {
    Schedule& schedule = schedules_[i];
    if (!intervals_[i]) {
      schedule.due = runtime::kNever;
    } else if (!schedule.under_way && schedule.due == runtime::kNever) {
      schedule.due = now.steady;
    }
  }
}

std::vector<model::DeviceId> Planner::askable(PollKind kind, runtime::Now now) const {
  std::vector<model::DeviceId> devices;
  for (const model::DeviceId& device : devices_[index(kind)]) {
    const auto held = held_until_.find(device);
    if (held == held_until_.end() || held->second <= now.steady) devices.push_back(device);
  }
  return devices;
}

std::vector<Poll> Planner::take_due(runtime::Now now) {
  std::vector<Poll> polls;
  for (std::size_t i = 0; i < kPollKinds; ++i) {
    const auto kind = static_cast<PollKind>(i);
    Schedule& schedule = schedules_[i];
    if (schedule.under_way || schedule.due > now.steady) continue;
    Poll poll{kind, askable(kind, now)};
    schedule.started = now.steady;
    if (kind != PollKind::inventory && poll.devices.empty()) {
      schedule.due = now.steady + intervals_[i].value_or(kHoldFor);
      continue;
    }
    schedule.under_way = true;
    schedule.due = runtime::kNever;
    polls.push_back(std::move(poll));
  }
  return polls;
}

void Planner::done(PollKind kind, bool ok, runtime::Now now) {
  Schedule& schedule = of(kind);
  schedule.under_way = false;
  const auto interval = intervals_[index(kind)];
  schedule.failures = ok ? 0 : schedule.failures + 1;
  if (ok) schedule.last = now.system;
  if (!ok) {
    const auto pause = kFirstRetry * (1U << std::min(schedule.failures - 1, 8U));
    schedule.due = now.steady + std::min<std::chrono::seconds>(pause, kLongestRetry);
  } else if (interval) {
    // Counted from the start of the round, so that slow replies do not stretch the interval.
    schedule.due = std::max(schedule.started + *interval, now.steady);
  } else if (kind == PollKind::inventory) {
    schedule.due = now.steady + 1min;  // an account without devices
  }
}

void Planner::hold(const model::DeviceId& device, runtime::Now now) {
  std::erase_if(held_until_, [&now](const auto& held) { return held.second <= now.steady; });
  held_until_[device] = now.steady + kHoldFor;
}

void Planner::refresh(runtime::Now now) {
  for (Schedule& schedule : schedules_) {
    if (schedule.due == runtime::kNever) continue;
    schedule.due = std::min(schedule.due, std::max(now.steady, schedule.started + kRefreshAtMostEvery));
  }
}

void Planner::reconfigure(PollingOptions options, const model::Home& home, runtime::Now now) {
  options_ = options;
  on_home(home, now);
  for (std::size_t i = 0; i < kPollKinds; ++i) {
    Schedule& schedule = schedules_[i];
    // One that has failed, or was never asked, keeps its time.
    if (schedule.due == runtime::kNever || schedule.failures > 0 || !schedule.last || !intervals_[i]) continue;
    schedule.due = std::max(schedule.started + *intervals_[i], now.steady);
  }
}

void Planner::read_inventory(runtime::Now now) {
  Schedule& schedule = of(PollKind::inventory);
  if (!schedule.under_way) schedule.due = std::min(schedule.due, now.steady);
}

runtime::SteadyTime Planner::next_deadline() const {
  runtime::SteadyTime next = runtime::kNever;
  for (const Schedule& schedule : schedules_) next = std::min(next, schedule.due);
  return next;
}

PollTimes Planner::times(PollKind kind, runtime::Now now) const {
  const Schedule& schedule = schedules_[index(kind)];
  PollTimes times{schedule.last, std::nullopt};
  if (schedule.due != runtime::kNever) {
    const auto wait = std::max(schedule.due - now.steady, runtime::SteadyTime::duration::zero());
    times.next = now.system + std::chrono::duration_cast<runtime::SystemTime::duration>(wait);
  }
  return times;
}

}  // namespace emporia::polling
