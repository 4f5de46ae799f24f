#include "ledger/account.hpp"

#include <algorithm>
#include <optional>

#include "ledger/derived.hpp"
#include "ledger/epoch.hpp"

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(model::Scale::hours);

bool is_counted(const Booking& booking, model::Channel channel) {
  return channel <= model::kLastChannel || !model::is_monitor(booking.model);
}

/// Start of the first bucket that has a value.
std::optional<UtcSeconds> first_start(const Booking& booking) {
  for (std::size_t i = 0; i < booking.usage.starts.size(); ++i) {
    for (const model::ChannelUsage& channel : booking.usage.channels) {
      if (is_counted(booking, channel.channel) && is_bookable(channel.energy_wh[i])) return booking.usage.starts[i];
    }
  }
  return std::nullopt;
}

/// Books one device's usage, hour by hour.
class Clerk {
 public:
  Clerk(Account& account, const Booking& booking, const HourAt& hour_at, std::chrono::hours kept)
      : account_(account),
        booking_(booking),
        hour_at_(hour_at),
        kept_(kept),
        length_(model::bucket_length(booking.usage.scale)) {
    change_.booked = {booking.usage.device, booking.usage.scale, {}, false};
    change_.revised = {booking.usage.device, booking.usage.scale, {}, true};
  }

  Change work() {
    for (const model::ChannelUsage& channel : booking_.usage.channels) {
      if (is_counted(booking_, channel.channel)) book(channel);
    }
    for (const auto& [start, minutes] : change_.hours) {
      if (model::is_monitor(booking_.model)) derive(account_, booking_.model, hour_at_(start), start, minutes);
    }
    for (auto& [channel, counter] : account_.counters) counter.show();
    return std::move(change_);
  }

 private:
  void turn_to(UtcSeconds start) {
    const UtcSeconds hour = model::bucket_start(start, model::Scale::hours);
    if (hour_ != nullptr && hour == hour_start_) return;
    hour_start_ = hour;
    hour_ = &hour_at_(hour);
    minutes_ = nullptr;
    const UtcSeconds oldest = account_.newest() - kept_;
    open_ = minutes_between(hour, std::max(account_.start, oldest), std::min(booking_.settled_until, kEndOfTime));
  }

  void book(const model::ChannelUsage& channel) {
    Sums sums;
    // Until the end of this channel nothing is added to the counters but its own.
    Counter* counter = nullptr;
    if (const auto known = account_.counters.find(channel.channel); known != account_.counters.end()) {
      sums = {known->second.positive, known->second.negative};
    }
    for (std::size_t i = 0; i < booking_.usage.starts.size(); ++i) {
      const UtcSeconds start = booking_.usage.starts[i];
      if (!is_bookable(channel.energy_wh[i]) || start < account_.start || start >= kEndOfTime) continue;
      turn_to(start);
      const auto first = static_cast<unsigned>((start - hour_start_) / std::chrono::minutes{1});
      const auto count = static_cast<unsigned>(length_ / std::chrono::minutes{1});
      if (first + count > kMinutes) continue;
      const MicroWh energy = to_micro_wh(channel.energy_wh[i]);
      const MicroWh counted = sums.positive - sums.negative;
      const auto effect =
          book_marked(account_.marks, *hour_, hour_start_, channel.channel, first, count, energy, open_, sums);
      if (effect == Effect::nothing) continue;
      BookedSpan& span = effect == Effect::booked ? change_.booked : change_.revised;
      auto& buckets = span.channels[channel.channel];
      if (buckets.empty()) buckets.reserve(booking_.usage.starts.size());
      buckets.push_back({start, channel.energy_wh[i]});
      if (effect == Effect::revised) remember(channel.channel, start, energy, sums.positive - sums.negative - counted);
      if (minutes_ == nullptr) minutes_ = &change_.hours[hour_start_];
      *minutes_ |= minutes_from(first, count);
      if (counter == nullptr) counter = &account_.counters[channel.channel];
      note(*counter, start, sums);
    }
  }

  void remember(model::Channel channel, UtcSeconds start, MicroWh after, MicroWh difference) {
    auto& revisions = change_.revisions;
    if (revisions.empty() || revisions.back().channel != channel || revisions.back().until != start) {
      revisions.push_back({booking_.told_at, channel, start, start, 0, 0});
    }
    revisions.back().until = start + length_;
    revisions.back().before += after - difference;
    revisions.back().after += after;
  }

  void note(Counter& counter, UtcSeconds start, const Sums& sums) const {
    const bool is_new = counter.booked_until == UtcSeconds{};
    counter.positive = sums.positive;
    counter.negative = sums.negative;
    counter.booked_from = is_new ? start : std::min(counter.booked_from, start);
    counter.booked_until = std::max(counter.booked_until, start + length_);
  }

  Account& account_;
  const Booking& booking_;
  const HourAt& hour_at_;
  std::chrono::hours kept_;
  std::chrono::seconds length_;
  Change change_;
  Hour* hour_ = nullptr;
  UtcSeconds hour_start_;
  Minutes open_ = 0;
  /// What was booked of that hour; nullptr while nothing was since turning to it.
  Minutes* minutes_ = nullptr;
};

}  // namespace

std::optional<UtcSeconds> Account::booked_until() const {
  std::optional<UtcSeconds> newest;
  for (const auto& [channel, counter] : counters) newest = std::max(newest, std::optional(counter.booked_until));
  return newest;
}

UtcSeconds Account::newest() const {
  return std::max(start, booked_until().value_or(start));
}

Minutes minutes_between(UtcSeconds hour, UtcSeconds from, UtcSeconds until) {
  const auto minute_of = [hour](UtcSeconds time) {
    const auto seconds = std::clamp(time, hour, hour + kHour) - hour;
    return static_cast<unsigned>(seconds.count() / 60);
  };
  const unsigned first = minute_of(from);
  const unsigned last = minute_of(until);
  return last <= first ? 0 : minutes_from(first, last - first);
}

Change book_usage(Account& account, const Booking& booking, const HourAt& hour_at, std::chrono::hours kept) {
  const auto first = first_start(booking);
  if (!first || model::bucket_length(booking.usage.scale) == std::chrono::seconds{0}) return {};
  if (account.counters.empty() && account.start == UtcSeconds{}) account.start = *first;
  return Clerk(account, booking, hour_at, kept).work();
}

unsigned missing_minutes(const Account& account, const Hour& hour, UtcSeconds start) {
  if (hour.lost) return 0;
  const UtcSeconds newest = account.newest();
  Minutes missing = 0;
  for (const auto& [number, counter] : account.counters) {
    if (number > model::kLastChannel) continue;
    const UtcSeconds until = std::min(newest, counter.booked_until + kExpectedFor);
    const auto known = hour.channels.find(number);
    const Minutes booked = known == hour.channels.end() ? 0 : known->second.booked;
    missing |= minutes_between(start, std::max(account.start, counter.booked_from), until) & ~booked;
  }
  return count_of(missing);
}

bool may_fold(const Account& account, const Hour& hour, UtcSeconds start, unsigned missing) {
  const auto age = account.newest() - (start + kHour);
  return age >= UsageLedger::kIncompleteKept || (missing == 0 && !hour.divided && age >= UsageLedger::kWindow);
}

}  // namespace emporia::ledger
