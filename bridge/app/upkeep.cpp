#include "app/upkeep.hpp"

#include <algorithm>
#include <utility>

#include "app/device_name.hpp"
#include "app/utc.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using model::UtcSeconds;

constexpr const char* kRoom = "collector";
// The round after the start brings devices up to the horizon first.
constexpr auto kFirstAfter = 2min;
// A bucket of the newest day is read again this often, and a last time when it is about a day old.
constexpr auto kRereadEvery = 2h;
// An hour that ended less than this before the horizon may be completed by the ordinary rounds.
constexpr auto kLeftAlone = 1h;
// What is read from the ledger in one go must not hold up the loop.
constexpr std::size_t kLookedAtTogether = 50;
constexpr std::size_t kMostHoles = 10'000;

UtcSeconds oldest_of(const ledger::Counters& counters) {
  UtcSeconds oldest = UtcSeconds::max();
  for (const auto& [channel, counter] : counters) oldest = std::min(oldest, counter.booked_from);
  return oldest;
}

UtcSeconds hour_of(UtcSeconds time) {
  return model::bucket_start(time, model::Scale::hours);
}

}  // namespace

Upkeep::Upkeep(ledger::UsageLedger& ledger, const model::Home& home, runtime::Now now)
    : ledger_(ledger), home_(home), due_(now.steady + kFirstAfter) {}

void Upkeep::jumped(const model::DeviceId& device, UtcSeconds from, UtcSeconds until) {
  Watch& watch = watches_[device];
  watch.complete_until = std::min(watch.complete_until, hour_of(from));
  if (!watch.unread_until) watch.unread_until = from;
  if (watch.gap) {
    watch.gap->from = std::min(watch.gap->from, hour_of(from));
    watch.gap->until = std::max(watch.gap->until, until);
  } else {
    watch.gap = GapFill{device, hour_of(from), until, 0, 0, 0};
  }
  runtime::log_info(kRoom, runtime::concat(named(home_, device), ": energy from ", runtime::iso8601(from), " to ",
                                           runtime::iso8601(until), " is read from the service's history"));
}

std::optional<partner::FetchUsage> Upkeep::next(const std::vector<model::DeviceId>& devices, UtcSeconds horizon,
                                                runtime::Now now) {
  if (under_way_ || now.steady < due_) return std::nullopt;
  auto window = unread(horizon);
  bool rereads = window.has_value();
  if (!window) window = missing(devices, horizon, utc(now));
  rereads = rereads || !window;
  if (!window) window = revisions(devices, horizon, now);
  started_ = now.steady;
  if (!window) {
    due_ = now.steady + kEvery;
    return std::nullopt;
  }
  due_ = runtime::kNever;
  partner::FetchUsage request{window->devices, window->scale, window->first, window->last};
  under_way_ = UnderWay{std::move(*window), rereads, horizon};
  return request;
}

void Upkeep::done(bool ok, runtime::Now now) {
  due_ = std::max(started_ + kEvery, now.steady);
  const auto asked = std::exchange(under_way_, std::nullopt);
  if (!asked || !ok) return;
  const polling::RepairWindow& window = asked->window;
  const UtcSeconds until = window.last + model::bucket_length(window.scale);
  for (const model::DeviceId& device : window.devices) {
    if (asked->rereads) {
      Watch& watch = watches_[device];
      if (!watch.unread_until) watch.reread_at = now.steady + kRereadEvery;
      watch.unread_until.reset();
      continue;
    }
    std::vector<UtcSeconds> hours;
    for (const ledger::Hole& hole : ledger_.holes(device, window.first, until, kMostHoles)) {
      if (polling::may_ask_again(hole.attempts, hole.asked_at, utc(now))) hours.push_back(hole.hour);
    }
    // What cannot be noted is asked for once more; the pace bounds how often.
    const auto noted = ledger_.asked_again(device, hours, utc(now));
    if (noted) {
      not_noted_.ended(kRoom, "what was asked for again is noted again");
    } else {
      not_noted_.failed(kRoom, noted.error().text);
    }
    look_at(device, asked->horizon, utc(now));
  }
}

polling::Lack Upkeep::look_at(const model::DeviceId& device, UtcSeconds horizon, UtcSeconds now) {
  polling::Lack lack{device, {}};
  const auto newest = ledger_.booked_until(device);
  if (!newest) return lack;
  Watch& watch = watches_[device];
  const UtcSeconds until = std::min(horizon - kLeftAlone, *newest);
  const UtcSeconds from = std::max(watch.complete_until, oldest_of(ledger_.counters(device)));
  const auto holes = ledger_.holes(device, from, until, kMostHoles);
  watch.complete_until = hour_of(until);
  for (const ledger::Hole& hole : holes) {
    if (hole.attempts >= polling::kAttempts) continue;
    watch.complete_until = std::min(watch.complete_until, hole.hour);
    // An hour that still goes on at the edge is looked at when it is over.
    if (hole.hour + 1h > until) continue;
    if (polling::may_ask_again(hole.attempts, hole.asked_at, now)) lack.hours.push_back(hole.hour);
  }
  follow(watch, device, holes, until);
  return lack;
}

void Upkeep::follow(Watch& watch, const model::DeviceId& device, const std::vector<ledger::Hole>& holes,
                    UtcSeconds looked_until) {
  if (!watch.gap) {
    // A gap from before this run: whole hours that nobody has asked for.
    for (const ledger::Hole& hole : holes) {
      if (hole.attempts > 0 || hole.missing_minutes < 60 || hole.hour + 1h > looked_until) continue;
      if (!watch.gap) watch.gap = GapFill{device, hole.hour, hole.hour, 0, 0, 0};
      watch.gap->until = hole.hour + 1h;
    }
    if (!watch.gap) return;
  }
  GapFill& gap = *watch.gap;
  gap.hours = static_cast<unsigned>((gap.until - gap.from + 1h - 1s) / 1h);
  const unsigned before = gap.hours_left;
  gap.hours_left = gap.hours_missing = 0;
  for (const ledger::Hole& hole : holes) {
    if (hole.hour < gap.from || hole.hour + 1h > std::min(gap.until, looked_until)) continue;
    ++(hole.attempts == 0 ? gap.hours_left : gap.hours_missing);
  }
  const std::string stretch = runtime::concat(named(home_, device), ": energy from ", runtime::iso8601(gap.from),
                                              " to ", runtime::iso8601(gap.until));
  if (gap.hours_left > 0) {
    if (gap.hours_left == before) return;
    runtime::log_info(kRoom, runtime::concat(stretch, ": ", gap.hours_left, " of ", gap.hours, " hours to go"));
    return;
  }
  runtime::log_info(kRoom, runtime::concat(stretch, " is filled",
                                           gap.hours_missing == 0
                                               ? std::string()
                                               : runtime::concat(", but for ", gap.hours_missing,
                                                                 " hours that the service does not have in full")));
  filled_.push_back(gap);
  watch.gap.reset();
}

std::optional<polling::RepairWindow> Upkeep::missing(const std::vector<model::DeviceId>& devices, UtcSeconds horizon,
                                                     UtcSeconds now) {
  std::vector<polling::Lack> lacks;
  for (std::size_t i = 0; i < std::min(devices.size(), kLookedAtTogether); ++i) {
    polling::Lack lack = look_at(devices[cursor_++ % devices.size()], horizon, now);
    if (!lack.hours.empty()) lacks.push_back(std::move(lack));
  }
  return polling::gap_window(lacks, horizon);
}

std::optional<polling::RepairWindow> Upkeep::unread(UtcSeconds horizon) const {
  std::vector<model::DeviceId> devices;
  UtcSeconds until{};
  for (const auto& [device, watch] : watches_) {
    if (!watch.unread_until || devices.size() == polling::kRereadTogether) continue;
    if (!devices.empty() && hour_of(*watch.unread_until) != hour_of(until)) continue;
    devices.push_back(device);
    until = std::max(until, *watch.unread_until);
  }
  if (devices.empty()) return std::nullopt;
  polling::RepairWindow window = polling::reread_window(std::move(devices), until);
  // Minutes that the service has forgotten cannot be read again.
  while (window.first < window.last && polling::finest_scale(window.first, horizon) != model::Scale::minutes) {
    window.first += 1h;
  }
  window.first = std::min(window.first, window.last);
  return window;
}

std::optional<polling::RepairWindow> Upkeep::revisions(const std::vector<model::DeviceId>& devices, UtcSeconds horizon,
                                                       runtime::Now now) {
  std::vector<std::pair<runtime::SteadyTime, model::DeviceId>> due;
  for (const model::DeviceId& device : devices) {
    const auto newest = ledger_.booked_until(device);
    const Watch& watch = watches_[device];
    if (watch.reread_at > now.steady || !newest || *newest <= horizon - polling::kRevisedWithin) continue;
    due.emplace_back(watch.reread_at, device);
  }
  if (due.empty()) return std::nullopt;
  std::sort(due.begin(), due.end());
  std::vector<model::DeviceId> chosen;
  UtcSeconds oldest = UtcSeconds::max();
  for (const auto& [when, device] : due) {
    if (chosen.size() == polling::kRereadTogether) break;
    oldest = std::min(oldest, oldest_of(ledger_.counters(device)));
    chosen.push_back(device);
  }
  polling::RepairWindow window = polling::reread_window(std::move(chosen), horizon);
  window.first = std::max(window.first, std::min(oldest, window.last));
  return window;
}

std::vector<GapFill> Upkeep::gaps() const {
  std::vector<GapFill> gaps;
  for (const auto& [device, watch] : watches_) {
    if (watch.gap) gaps.push_back(*watch.gap);
  }
  return gaps;
}

std::vector<GapFill> Upkeep::take_filled() {
  return std::exchange(filled_, {});
}

}  // namespace emporia::app
