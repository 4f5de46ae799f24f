#include "cli/ledger_verify.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <utility>

#include "app/utc.hpp"
#include "cli/asking.hpp"
#include "cli/ledger_audit.hpp"
#include "cli/moments.hpp"
#include "polling/repair.hpp"
#include "polling/window.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

using model::Scale;
using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(Scale::hours);

/// A range of whole hours that the service has in one scale.
struct Part {
  Scale scale = Scale::minutes;
  UtcSeconds from;
  UtcSeconds until;
};

/// Cut where a finer scale begins.
std::vector<Part> parts_of(UtcSeconds from, UtcSeconds until, UtcSeconds horizon) {
  std::vector<Part> parts;
  for (UtcSeconds hour = from; hour < until; hour += kHour) {
    const Scale scale = polling::finest_scale(hour, horizon);
    if (parts.empty() || parts.back().scale != scale) parts.push_back({scale, hour, hour});
    parts.back().until = hour + kHour;
  }
  return parts;
}

runtime::Result<std::vector<model::DeviceUsage>, NoAnswer> ask(Asking& asking, const std::string& device,
                                                               const Part& part, bool no_wait) {
  auto answers = asking.ask(
      partner::FetchUsage{
          {model::DeviceId(device)}, part.scale, part.from, part.until - model::bucket_length(part.scale)},
      tell_waiting(asking, no_wait));
  if (!answers) return runtime::Failure{answers.error()};
  std::vector<model::DeviceUsage> usages;
  for (partner::Answer& answer : answers.value()) {
    auto* usage = std::get_if<partner::Usage>(&answer);
    if (usage == nullptr) continue;
    for (model::DeviceUsage& told : usage->devices) {
      if (told.device.text() == device && told.scale == part.scale) usages.push_back(std::move(told));
    }
  }
  return usages;
}

/// The answers to one request, which may have come in portions, as one.
model::DeviceUsage joined(const std::vector<model::DeviceUsage>& portions, const Part& part) {
  model::DeviceUsage all;
  all.scale = part.scale;
  std::map<model::Channel, std::map<UtcSeconds, double>> values;
  std::map<UtcSeconds, bool> starts;
  for (const model::DeviceUsage& portion : portions) {
    for (const model::ChannelUsage& channel : portion.channels) {
      for (std::size_t i = 0; i < portion.starts.size(); ++i) {
        starts[portion.starts[i]] = true;
        if (model::is_known(channel.energy_wh[i])) values[channel.channel][portion.starts[i]] = channel.energy_wh[i];
      }
    }
  }
  for (const auto& [start, present] : starts) all.starts.push_back(start);
  for (const auto& [number, told] : values) {
    model::ChannelUsage channel{number, {}};
    for (const UtcSeconds start : all.starts) {
      const auto found = told.find(start);
      channel.energy_wh.push_back(found == told.end() ? model::kMissing : found->second);
    }
    all.channels.push_back(std::move(channel));
  }
  return all;
}

/// What is before the first booking need not be asked for. Where the rest begins.
UtcSeconds leave_out_uncounted(LedgerAudit& audit, const LedgerDevice& device) {
  UtcSeconds first = audit.until;
  for (const auto& [channel, counter] : device.counters) first = std::min(first, counter.booked_from);
  UtcSeconds hour = audit.from;
  for (; hour + kHour <= first; hour += kHour) {
    audit.audit.left_out[ledger::LeftOut::not_counted][hour] = ledger::kAllMinutes;
  }
  return hour;
}

app::ExitCode not_a_range(const std::string& text) {
  std::cerr << "emporia2mqtt: " << text << '\n';
  return app::ExitCode::usage;
}

}  // namespace

app::ExitCode verify_ledger(const Ledger& command, const settings::Settings& settings, const std::string& path,
                            const LedgerDevice& device) {
  Ears ears;
  const UtcSeconds now = app::utc(runtime::read_clock());
  const auto from = read_moment(command.from, now);
  if (!from) return not_a_range("--from: " + from.error());
  const auto to = read_moment(command.to, now);
  if (!to) return not_a_range("--to: " + to.error());
  const UtcSeconds horizon = polling::settled_until(now, std::chrono::minutes{settings.polling.settle_minutes});
  // What the service cannot have is not asked for.
  const UtcSeconds end = std::min(to.value(), horizon);
  LedgerAudit audit;
  audit.from = model::bucket_start(from.value(), Scale::hours);
  audit.until = model::bucket_start(end + kHour - std::chrono::seconds{1}, Scale::hours);
  if (from.value() >= end) {
    return not_a_range(runtime::concat("from ", minute_text(from.value()), " to ", minute_text(to.value()),
                                       " UTC no time has settled: it takes ", settings.polling.settle_minutes,
                                       " minutes; --from must be earlier than that and than --to"));
  }
  Asking asking(settings, ears);
  tell_alone(asking);
  for (const Part& part : parts_of(leave_out_uncounted(audit, device), audit.until, horizon)) {
    const auto usages = ask(asking, device.id, part, command.no_wait);
    if (!usages) {
      std::cerr << "emporia2mqtt: " << runtime::without_secrets(usages.error().text) << '\n';
      return exit_code(usages.error().why);
    }
    // Read after the answer, and not held while the next one is waited for: the bridge may be booking.
    ledger::Reader reader(path);
    const ledger::Account& account = reader.accounts().at(model::DeviceId(device.id));
    ledger::compare(audit.audit, account, reader.hours(account, part.from, part.until),
                    {part.from, part.until, joined(usages.value(), part)}, horizon);
    audit.scales += (audit.scales.empty() ? "" : ", ") + std::string(model::word(part.scale));
  }
  if (command.json) {
    std::cout << json::to_text(audit_json(device, audit)) << '\n';
  } else {
    for (const std::string& line : audit_text(device, audit)) std::cout << line << '\n';
  }
  if (audit.audit.minutes == 0) return app::ExitCode::try_later;
  return audit.audit.differences.empty() ? app::ExitCode::ok : app::ExitCode::different;
}

}  // namespace emporia::cli
