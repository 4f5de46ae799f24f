#include "bridge/hostile_ledger.hpp"

#include <algorithm>
#include <utility>

namespace emporia::tests {
namespace {

using namespace std::chrono_literals;

const char* const kNoRoom = "no room on the disk (a test)";

/// By how much the sums can grow when a bucket that may have counted before says something else now.
void grow(std::map<CounterKey, double>& growth, model::Channel channel, double before_wh, double now_wh) {
  growth[{channel, Side::positive}] += std::max(0.0, std::max(now_wh, 0.0) - std::max(before_wh, 0.0));
  growth[{channel, Side::negative}] += std::max(0.0, std::max(-now_wh, 0.0) - std::max(-before_wh, 0.0));
}

struct Sums {
  double mains_wh = 0;
  double balance_wh = 0;
};
Sums sums_of(const std::map<model::Channel, double>& channels) {
  Sums sums;
  for (const auto& [channel, energy_wh] : channels) {
    if (channel <= 3) sums.mains_wh += energy_wh;
    sums.balance_wh += channel <= 3 ? energy_wh : -energy_wh;
  }
  return sums;
}

}  // namespace

std::map<CounterKey, double> HostileLedger::take_growth(const model::DeviceId& device) {
  return std::exchange(told_[device].growth_wh, {});
}

std::optional<double> HostileLedger::booked_wh(const model::DeviceId& device, model::Channel channel,
                                               model::UtcSeconds minute) const {
  const auto told = told_.find(device);
  if (told == told_.end()) return std::nullopt;
  const auto bucket = told->second.energy_wh.find({minute, model::bucket_length(model::Scale::minutes)});
  if (bucket == told->second.energy_wh.end()) return std::nullopt;
  const auto value = bucket->second.find(channel);
  return value == bucket->second.end() ? std::nullopt : std::optional(value->second);
}

void HostileLedger::note(Told& told, const ledger::Booking& booking) {
  const auto length = model::bucket_length(booking.usage.scale);
  const auto& starts = booking.usage.starts;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (starts[i] + length > booking.settled_until) continue;
    std::map<model::Channel, double>& channels = told.energy_wh[{starts[i], length}];
    const Sums before = sums_of(channels);
    bool changed = false;
    for (const model::ChannelUsage& channel : booking.usage.channels) {
      const double now_wh = channel.energy_wh[i];
      if (channel.channel > model::kLastChannel || !model::is_known(now_wh)) continue;
      const auto [known, is_new] = channels.try_emplace(channel.channel, 0.0);
      changed = changed || is_new || known->second != now_wh;
      grow(told.growth_wh, channel.channel, known->second, now_wh);
      known->second = now_wh;
    }
    if (!changed) continue;
    // Whether the sums counted in this minute before is the ledger's to know; if not, all of them is new.
    const Sums now = sums_of(channels);
    grow(told.growth_wh, model::kMergedMains, 0, now.mains_wh);
    told.growth_wh[{model::kBalance, Side::net}] += std::max({0.0, now.balance_wh, now.balance_wh - before.balance_wh});
  }
}

runtime::Result<std::vector<ledger::BookedSpan>, ledger::LedgerError> HostileLedger::book(
    const std::vector<ledger::Booking>& bookings) {
  const bool killed = killed_in && (*killed_in)-- == 0;
  if (killed) killed_in.reset();
  if (killed && !killed_after_commit) throw Killed{};
  if (disk_full) {
    ++failures;
    return runtime::Failure{ledger::LedgerError{kNoRoom}};
  }
  auto booked = ledger_->book(bookings);
  if (booked) {
    for (const ledger::Booking& booking : bookings) note(told_[booking.usage.device], booking);
  }
  if (killed) throw Killed{};
  return booked;
}

runtime::Result<runtime::Done, ledger::LedgerError> HostileLedger::set_groups(std::vector<ledger::Group> groups) {
  if (disk_full && !groups.empty()) return runtime::Failure{ledger::LedgerError{kNoRoom}};
  return ledger_->set_groups(std::move(groups));
}

bool HostileLedger::adopt(const model::DeviceId& device, const ledger::Counters& last) {
  return !disk_full && ledger_->adopt(device, last);
}

runtime::Result<runtime::Done, ledger::LedgerError> HostileLedger::asked_again(
    const model::DeviceId& device, const std::vector<model::UtcSeconds>& hours, model::UtcSeconds when) {
  if (disk_full) return runtime::Failure{ledger::LedgerError{kNoRoom}};
  return ledger_->asked_again(device, hours, when);
}

}  // namespace emporia::tests
