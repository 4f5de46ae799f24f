#include "ledger/audit.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(model::Scale::hours);
// The bridge leaves this much of the newest time to its ordinary rounds.
constexpr std::chrono::hours kStillComing{1};
constexpr MicroWh kSmall = 100'000;

/// The minutes of an hour between two times.
Minutes between(UtcSeconds hour, UtcSeconds from, UtcSeconds until) {
  const auto minute_of = [hour](UtcSeconds time) {
    return static_cast<unsigned>((std::clamp(time, hour, hour + kHour) - hour) / std::chrono::minutes{1});
  };
  const unsigned first = minute_of(from);
  const unsigned last = minute_of(until);
  return last <= first ? 0 : minutes_from(first, last - first);
}

/// What the service tells of a channel within an hour.
struct ToldHour {
  Minutes known = 0;
  /// Where the scale is minutes: each one.
  std::array<MicroWh, kMinutes> energy{};
  /// By the first minute of its bucket.
  std::map<unsigned, MicroWh> buckets;
};
using ToldHours = std::map<UtcSeconds, std::map<model::Channel, ToldHour>>;

ToldHours by_hour(const model::DeviceUsage& usage) {
  ToldHours hours;
  const auto length = static_cast<unsigned>(model::bucket_length(usage.scale) / std::chrono::minutes{1});
  for (const model::ChannelUsage& channel : usage.channels) {
    if (channel.channel < 1 || channel.channel > model::kLastChannel) continue;
    for (std::size_t i = 0; i < usage.starts.size(); ++i) {
      if (!is_bookable(channel.energy_wh[i])) continue;
      const UtcSeconds hour = model::bucket_start(usage.starts[i], model::Scale::hours);
      const auto first = static_cast<unsigned>((usage.starts[i] - hour) / std::chrono::minutes{1});
      if (first + length > kMinutes) continue;
      ToldHour& told = hours[hour][channel.channel];
      told.known |= minutes_from(first, length);
      told.energy[first] = told.buckets[first] = to_micro_wh(channel.energy_wh[i]);
    }
  }
  return hours;
}

class Auditor {
 public:
  Auditor(Audit& audit, const Account& account, const Told& told, UtcSeconds settled_until)
      : audit_(audit),
        told_(told),
        from_(std::max(told.from, account.start)),
        minutely_(told.usage.scale == model::Scale::minutes) {
    until_ = std::min({told.until, settled_until, account.newest()});
    length_ = static_cast<unsigned>(model::bucket_length(told.usage.scale) / std::chrono::minutes{1});
    complete_until_ = account.newest() - kStillComing;
  }

  void check(UtcSeconds hour, const Hour& booked, const std::map<model::Channel, ToldHour>& told) {
    leave_out(hour, between(hour, told_.from, std::min(from_, told_.until)), LeftOut::not_counted);
    leave_out(hour, between(hour, std::max(until_, told_.from), told_.until), LeftOut::not_booked_yet);
    const Minutes counted = between(hour, from_, until_);
    if (counted == 0) return;
    if (booked.lost) return leave_out(hour, counted, LeftOut::not_kept);
    std::set<model::Channel> channels;
    for (const auto& [channel, told_hour] : told) channels.insert(channel);
    for (const auto& [channel, booked_hour] : booked.channels) {
      if (channel <= model::kLastChannel) channels.insert(channel);
    }
    static const ToldHour kNothingTold;
    static const ChannelHour kNothingBooked;
    for (const model::Channel channel : channels) {
      const auto told_hour = told.find(channel);
      const auto booked_hour = booked.channels.find(channel);
      check(hour, channel, counted, booked.folded,
            booked_hour == booked.channels.end() ? kNothingBooked : booked_hour->second,
            told_hour == told.end() ? kNothingTold : told_hour->second);
    }
  }

 private:
  void check(UtcSeconds hour, model::Channel channel, Minutes counted, bool folded, const ChannelHour& booked,
             const ToldHour& told) {
    const Minutes known = whole_buckets(told.known & counted);
    const Minutes complete = between(hour, from_, complete_until_);
    const Minutes to_come = known & ~booked.booked & ~complete;
    const Minutes unbooked = known & ~booked.booked & complete;
    leave_out(hour, to_come, LeftOut::not_booked_yet);
    const bool single = minutely_ && !folded && (booked.of_quarter | booked.of_hour) == 0;
    const Minutes untold = booked.booked & ~known;
    if (single) {
      leave_out(hour, untold & counted, LeftOut::not_told);
    } else if (to_come != 0) {
      return;
    } else if (untold != 0 || unbooked != whole_buckets(unbooked)) {
      // A sum is compared only when it is of the same minutes.
      return leave_out(hour, counted & (booked.booked | unbooked), LeftOut::not_told);
    }
    const Minutes compared = (known & booked.booked) | unbooked;
    if (compared == 0) return;
    Difference difference{hour, channel, 0, 0, count_of(unbooked)};
    const bool equal = single ? same_minutes(compared, booked, told, difference)
                              : same_sum(folded, booked, told, compared, difference);
    ++audit_.hours;
    audit_.minutes += count_of(compared);
    if (!equal || unbooked != 0) audit_.differences.push_back(difference);
  }

  static bool same_minutes(Minutes minutes, const ChannelHour& booked, const ToldHour& told, Difference& difference) {
    bool equal = true;
    for (unsigned i = 0; i < kMinutes; ++i) {
      if ((minutes >> i & 1) == 0) continue;
      const MicroWh ours = (booked.booked >> i & 1) != 0 ? booked.energy[i] : 0;
      difference.booked += ours;
      difference.told += told.energy[i];
      equal = equal && ours == told.energy[i];
    }
    return equal;
  }

  bool same_sum(bool folded, const ChannelHour& booked, const ToldHour& told, Minutes compared,
                Difference& difference) const {
    difference.booked = folded ? booked.folded.positive - booked.folded.negative : 0;
    for (unsigned i = 0; i < kMinutes && !folded; ++i) {
      if ((booked.booked >> i & 1) != 0) difference.booked += booked.energy[i];
    }
    MicroWh told_of_booked = 0;
    for (const auto& [first, energy] : told.buckets) {
      if ((compared >> first & 1) == 0) continue;
      difference.told += energy;
      if ((booked.booked >> first & 1) != 0) told_of_booked += energy;
    }
    const MicroWh apart = std::abs(difference.booked - told_of_booked);
    const bool coarse = !minutely_ || (booked.of_quarter | booked.of_hour) != 0;
    return apart == 0 || (coarse && apart <= std::max(kSmall, std::abs(told_of_booked) / 100));
  }

  /// The minutes of those buckets that lie within `minutes` as a whole.
  Minutes whole_buckets(Minutes minutes) const {
    Minutes whole = 0;
    for (unsigned first = 0; first < kMinutes; first += length_) {
      const Minutes bucket = minutes_from(first, length_);
      if ((minutes & bucket) == bucket) whole |= bucket;
    }
    return whole;
  }

  void leave_out(UtcSeconds hour, Minutes minutes, LeftOut reason) {
    if (minutes != 0) audit_.left_out[reason][hour] |= minutes;
  }

  Audit& audit_;
  const Told& told_;
  UtcSeconds from_;
  UtcSeconds until_;
  UtcSeconds complete_until_;
  unsigned length_ = 1;
  bool minutely_;
};

}  // namespace

const char* in_words(LeftOut reason) {
  switch (reason) {
    case LeftOut::not_counted:
      return "before the first booked bucket, or forgotten since";
    case LeftOut::not_booked_yet:
      return "not settled or not booked yet";
    case LeftOut::not_kept:
      return "the ledger no longer knows what it booked in this hour";
    case LeftOut::not_told:
      break;
  }
  return "the service does not tell the same minutes any more";
}

std::vector<Stretch> stretches(const Audit& audit) {
  std::vector<Stretch> stretches;
  for (const auto& [reason, hours] : audit.left_out) {
    const std::size_t first = stretches.size();
    for (const auto& [hour, minutes] : hours) {
      for (unsigned i = 0; i < kMinutes; ++i) {
        if ((minutes >> i & 1) == 0) continue;
        const UtcSeconds minute = hour + std::chrono::minutes{i};
        if (stretches.size() == first || stretches.back().until != minute)
          stretches.push_back({minute, minute, reason});
        stretches.back().until = minute + std::chrono::minutes{1};
      }
    }
  }
  std::stable_sort(stretches.begin(), stretches.end(),
                   [](const Stretch& a, const Stretch& b) { return a.from < b.from; });
  return stretches;
}

void compare(Audit& audit, const Account& account, const std::map<UtcSeconds, Hour>& booked, const Told& told,
             UtcSeconds settled_until) {
  if (model::bucket_length(told.usage.scale) == std::chrono::seconds{0}) return;
  Auditor auditor(audit, account, told, settled_until);
  const ToldHours hours = by_hour(told.usage);
  static const Hour kNothingBooked;
  static const std::map<model::Channel, ToldHour> kNothingTold;
  for (UtcSeconds hour = model::bucket_start(told.from, model::Scale::hours); hour < told.until; hour += kHour) {
    const auto ours = booked.find(hour);
    const auto theirs = hours.find(hour);
    auditor.check(hour, ours == booked.end() ? kNothingBooked : ours->second,
                  theirs == hours.end() ? kNothingTold : theirs->second);
  }
}

}  // namespace emporia::ledger
