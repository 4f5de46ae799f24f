#include "app/periods.hpp"

#include <algorithm>
#include <utility>

#include "app/utc.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using model::UtcSeconds;

constexpr auto kLookEvery = 1min;

bool left_on_utc(const model::Device& device) {
  return device.timezone.empty() || device.timezone == "UTC" || device.timezone == "Etc/UTC";
}

model::PeriodEnergy between(const ledger::Sums& start, const ledger::Sums& end) {
  return {ledger::to_wh(start.positive - end.positive), ledger::to_wh(start.negative - end.negative)};
}

std::string warning_of(const std::vector<std::string>& devices, const std::string& what, const char* next_step) {
  constexpr std::size_t kMostNamed = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(devices.size(), kMostNamed); ++i) text += (i == 0 ? "" : ", ") + devices[i];
  if (devices.size() > kMostNamed) text += runtime::concat(" and ", devices.size() - kMostNamed, " more");
  return runtime::concat(text, devices.size() == 1 ? " is " : " are ", what,
                         ": today's and this cycle's energy begin at midnight UTC; ", next_step);
}

}  // namespace

std::vector<std::string> Periods::meet(const std::vector<model::Device>& devices) {
  std::vector<std::string> on_utc;
  std::map<std::string, std::vector<std::string>> in_unknown;
  std::vector<std::string> without_data;
  for (const model::Device& device : devices) {
    if (warned_.count(device.id.text()) > 0) continue;
    const auto known = left_on_utc(device) ? zones::Known::yes : zones_.find(device.timezone).known;
    if (!left_on_utc(device) && known == zones::Known::yes) continue;
    warned_.insert(device.id.text());
    const std::string name = device.name.empty() ? device.id.text() : device.name;
    if (left_on_utc(device)) {
      on_utc.push_back(name);
    } else if (known == zones::Known::no_data) {
      without_data.push_back(name);
    } else {
      in_unknown[device.timezone].push_back(name);
    }
  }
  std::vector<std::string> warnings;
  const auto warn = [&warnings](const std::vector<std::string>& names, const std::string& what, const char* next_step) {
    if (!names.empty()) warnings.push_back(warning_of(names, what, next_step));
  };
  warn(on_utc, "left on the time zone UTC", "set the time zone in the Emporia app");
  warn(without_data, "without a time zone, because this system has no time zone data",
       "install tzdata and start again");
  for (const auto& [zone, names] : in_unknown) {
    warn(names, runtime::concat("in the time zone \"", zone, "\", which is not known here"),
         "set another one in the Emporia app, or install a newer tzdata and start again");
  }
  return warnings;
}

zones::Zone Periods::zone_of(const model::Device& device) {
  return left_on_utc(device) ? zones::Zone() : zones_.find(device.timezone).zone;
}

bool Periods::is_current(const zones::Span& span, runtime::Now now) const {
  return utc(now) < span.end + std::chrono::minutes{settings_.stale_after_minutes};
}

void Periods::fill(model::UsageSeen& seen, const model::Device& device, runtime::Now now) {
  if (!seen.as_of) return;
  const UtcSeconds newest = *seen.as_of - 1s;
  const zones::Zone zone = zone_of(device);
  const zones::Span today = zone.day_of(newest);
  const zones::Span cycle = zone.cycle_of(newest, device.billing_cycle_start_day);

  Standing& standing = standing_[device.id];
  const bool day_over = standing.today.shown && today.start >= standing.today.span.end;
  const bool cycle_over = day_over && standing.cycle.shown && cycle.start >= standing.cycle.span.end;
  if (!day_over) standing.today = {today, is_current(today, now)};
  if (!cycle_over) standing.cycle = {cycle, is_current(cycle, now)};
  if (day_over) {
    closing_.insert(device.id);
  } else {
    closing_.erase(device.id);
  }

  const Wanted wanted[] = {
      {&standing.today, day_over, &model::Reading::today, &model::Periods::today_since},
      {&standing.cycle, cycle_over, &model::Reading::cycle, &model::Periods::cycle_since},
  };
  std::vector<UtcSeconds> moments;
  for (const Wanted& each : wanted) {
    moments.push_back(each.period->span.start);
    // Asked for as well while the day lasts it would be one more moment to keep count of.
    moments.push_back(each.over ? each.period->span.end : each.period->span.start);
  }
  const auto energies = ledger_.energy_since(device.id, moments);
  for (std::size_t i = 0; i < std::size(wanted); ++i) read(wanted[i], seen, energies[2 * i], energies[2 * i + 1]);
}

void Periods::read(const Wanted& wanted, model::UsageSeen& seen, const ledger::EnergySince& start,
                   const ledger::EnergySince& end) const {
  if (!wanted.period->shown || start.channels.empty()) return;
  seen.periods.*wanted.since = start.since;
  for (auto& [channel, reading] : seen.readings) {
    const auto from_start = start.channels.find(channel);
    const auto from_end = end.channels.find(channel);
    if (from_start == start.channels.end()) continue;
    const bool minus_end = wanted.over && from_end != end.channels.end();
    reading.*wanted.energy = between(from_start->second, minus_end ? from_end->second : ledger::Sums{});
  }
}

std::vector<model::DeviceId> Periods::due(const std::function<bool(const model::DeviceId&)>& shown, runtime::Now now) {
  std::vector<model::DeviceId> devices;
  for (auto closing = closing_.begin(); closing != closing_.end();) {
    if (!shown(*closing)) {
      ++closing;
      continue;
    }
    Standing& standing = standing_[*closing];
    standing.today.shown = standing.cycle.shown = false;
    devices.push_back(*closing);
    closing = closing_.erase(closing);
  }
  if (now.steady < look_at_) return devices;
  look_at_ = now.steady + kLookEvery;
  for (const auto& [device, standing] : standing_) {
    const auto outdated = [&](const Period& period) { return period.shown && !is_current(period.span, now); };
    if (closing_.count(device) > 0) continue;
    if (outdated(standing.today) || outdated(standing.cycle)) devices.push_back(device);
  }
  return devices;
}

void Periods::forget(const model::DeviceId& device) {
  standing_.erase(device);
  closing_.erase(device);
}

}  // namespace emporia::app
