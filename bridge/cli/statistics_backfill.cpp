#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "app/utc.hpp"
#include "cli/asking.hpp"
#include "cli/moments.hpp"
#include "cli/progress.hpp"
#include "cli/statistics.hpp"
#include "cli/usage_range.hpp"
#include "ledger/history.hpp"
#include "model/derive.hpp"
#include "mqtt/message.hpp"
#include "polling/window.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"
#include "settings/shard.hpp"

namespace emporia::cli {
namespace {

using app::ExitCode;
using model::Scale;
using model::UtcSeconds;
using runtime::concat;

constexpr auto kHour = model::bucket_length(Scale::hours);

std::size_t hours_between(UtcSeconds from, UtcSeconds until) {
  return static_cast<std::size_t>((until - from) / kHour);
}

/// What is to be read of one device: up to the first hour that was booked from its beginning.
struct Task {
  model::DeviceId device;
  std::int64_t number = 0;
  UtcSeconds from;
  UtcSeconds until;
  /// Those that are not in the ledger yet.
  std::vector<UsagePortion> portions;
};

/// What has not settled is not read: the bridge's own hour would be hidden by half of it.
std::vector<Task> tasks_of(const std::string& path, UtcSeconds from, UtcSeconds settled) {
  std::vector<Task> tasks;
  const auto reader = open_reader(path);
  for (const auto& [id, account] : reader->accounts()) {
    // A group is nobody the service knows of.
    if (account.counters.empty() || id.text().compare(0, mqtt::kGroupIds.size(), mqtt::kGroupIds) == 0) continue;
    const UtcSeconds first = model::bucket_start(account.start + kHour - std::chrono::seconds{1}, Scale::hours);
    const UtcSeconds until = std::min(first, settled);
    if (from < until) tasks.push_back({id, account.number, from, until, {}});
  }
  std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.device < b.device; });
  return tasks;
}

/// Leaves out what an earlier attempt has brought.
void choose_portions(std::vector<Task>& tasks, ledger::History& history) {
  for (Task& task : tasks) {
    task.portions = portions_of({Scale::hours, task.from, task.until});
    std::erase_if(task.portions, [&](const UsagePortion& portion) {
      const UtcSeconds end = portion.end + kHour;
      return history.count(task.number, portion.start, end) == hours_between(portion.start, end);
    });
  }
}

std::size_t calls_of(const std::vector<Task>& tasks) {
  std::size_t calls = 0;
  for (const Task& task : tasks) calls += task.portions.size();
  return calls;
}

void say_what(const std::vector<Task>& tasks) {
  for (const Task& task : tasks) {
    std::cout << task.device.text() << "  " << runtime::iso8601(task.from) << " to " << runtime::iso8601(task.until)
              << "  " << hours_between(task.from, task.until) << " hours, " << task.portions.size()
              << (task.portions.size() == 1 ? " call" : " calls")
              << (task.portions.empty() ? ": they are in the ledger" : "") << '\n';
  }
}

/// An hour of each bucket; where the service has nothing, one without channels, so that it is not asked for again.
std::map<UtcSeconds, ledger::Hour> hours_of(const std::vector<model::DeviceUsage>& usages,
                                            const UsagePortion& portion) {
  std::map<UtcSeconds, ledger::Hour> hours;
  for (UtcSeconds start = portion.start; start <= portion.end; start += kHour) hours[start].folded = true;
  for (const model::DeviceUsage& usage : usages) {
    for (const model::ChannelUsage& channel : usage.channels) {
      for (std::size_t i = 0; i < usage.starts.size(); ++i) {
        const auto hour = hours.find(usage.starts[i]);
        if (hour == hours.end() || !ledger::is_bookable(channel.energy_wh[i])) continue;
        ledger::ChannelHour& told = hour->second.channels[channel.channel];
        told.booked = ledger::kAllMinutes;
        told.folded = {};
        told.folded.add(ledger::to_micro_wh(channel.energy_wh[i]));
      }
    }
  }
  return hours;
}

class Backfill {
 public:
  Backfill(const settings::Settings& settings, Ears& ears, bool no_wait)
      : settings_(settings), asking_(settings, ears), on_wait_(tell_waiting(asking_, no_wait)) {
    tell_alone(asking_);
  }

  Ended read(const std::vector<Task>& tasks, ledger::History& history) {
    const auto inventory = asking_.ask(partner::ListDevices{settings_.partner.customers}, on_wait_);
    if (!inventory) return {exit_code(inventory.error().why), inventory.error().text};
    std::map<model::DeviceId, model::Device> devices;
    for (const partner::Answer& answer : inventory.value()) {
      for (const model::Device& device : std::get<partner::Inventory>(answer).devices) devices[device.id] = device;
    }
    Progress progress(calls_of(tasks));
    for (const Task& task : tasks) {
      const auto device = devices.find(task.device);
      if (device == devices.end()) {
        progress.clear();
        std::cerr << "Left out: " << task.device.text() << " is not in the account any more\n";
        continue;
      }
      for (const UsagePortion& portion : task.portions) {
        progress.show(concat(task.device.text(), " ", runtime::iso8601(portion.start)));
        if (auto ended = read(device->second, portion, task.number, history, progress)) return *ended;
        progress.done();
      }
      history.make_due(task.number, task.from);
      hours_ += hours_between(task.from, task.until);
      ++devices_;
    }
    return {};
  }

  std::size_t hours() const { return hours_; }
  std::size_t devices() const { return devices_; }

 private:
  /// Nothing when it is in the ledger now.
  std::optional<Ended> read(const model::Device& device, const UsagePortion& portion, std::int64_t number,
                            ledger::History& history, Progress& progress) {
    const Asking::OnWait on_wait = !on_wait_ ? Asking::OnWait() : [&](runtime::SystemTime free_at) {
      progress.clear();
      on_wait_(free_at);
    };
    const auto answers =
        asking_.ask(partner::FetchUsage{{device.id}, Scale::hours, portion.start, portion.end}, on_wait);
    if (!answers) {
      return Ended{exit_code(answers.error().why),
                   answers.error().text + "; what was read is kept: give the command again to go on"};
    }
    std::vector<model::DeviceUsage> usages;
    for (const partner::Answer& answer : answers.value()) {
      for (model::DeviceUsage usage : std::get<partner::Usage>(answer).devices) {
        if (usage.device != device.id || usage.scale != Scale::hours) continue;
        model::append_derived(usage, device, {});
        usages.push_back(std::move(usage));
      }
    }
    history.put(number, hours_of(usages, portion));
    return std::nullopt;
  }

  const settings::Settings& settings_;
  Asking asking_;
  Asking::OnWait on_wait_;
  std::size_t hours_ = 0;
  std::size_t devices_ = 0;
};

}  // namespace

Ended backfill_statistics(const Statistics& command, const settings::Settings& settings, const std::string& path) {
  if (command.from.empty()) return {ExitCode::usage, "backfill needs --from, such as --from 2024-01-01"};
  const UtcSeconds now = app::utc(runtime::read_clock());
  const auto from = read_moment(command.from, now);
  if (!from) return {ExitCode::usage, "--from: " + from.error()};
  const auto settled = polling::settled_until(now, std::chrono::minutes{settings.polling.settle_minutes});
  const auto range = usage_range(Scale::hours, from.value(), now, settled, now);
  if (!range) return {ExitCode::usage, range.error()};
  Ears ears;
  std::vector<Task> tasks = tasks_of(path, range.value().from, range.value().to);
  if (tasks.empty()) {
    return {ExitCode::ok,
            concat("nothing to do: no device's bookings begin after ", runtime::iso8601(range.value().from))};
  }
  ledger::History history(path);
  choose_portions(tasks, history);
  say_what(tasks);
  const std::size_t calls = calls_of(tasks);
  if (command.dry_run) {
    // The sign-in and the list of devices are calls, too.
    const settings::Budget budget = settings::own_budget(settings);
    std::cout << "Nothing was read. It takes " << (calls == 0 ? 0 : calls + 2) << " calls, of "
              << budget.calls_per_hour - budget.command_reserve << " an hour\n";
    return {};
  }
  Backfill backfill(settings, ears, command.no_wait);
  Ended ended;
  if (calls > 0) {
    ended = backfill.read(tasks, history);
  } else {
    for (const Task& task : tasks) history.make_due(task.number, task.from);
  }
  if (ended.code != ExitCode::ok || calls == 0) return ended;
  std::cout << backfill.hours() << " hours of " << backfill.devices()
            << (backfill.devices() == 1 ? " device" : " devices") << " are in the ledger. "
            << (settings.statistics.enabled ? "A running bridge writes them into Home Assistant within the hour.\n"
                                            : "Set [statistics] enabled = true for the bridge to write them.\n");
  return {};
}

}  // namespace emporia::cli
