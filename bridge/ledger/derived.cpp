#include "ledger/derived.hpp"

#include <vector>

namespace emporia::ledger {
namespace {

constexpr model::Channel kLastCircuit = 19;

/// A measured channel that belongs in some minutes of the hour.
struct Part {
  bool leg = false;
  const ChannelHour* booked = nullptr;
  Minutes expected = 0;
};

std::vector<Part> parts_of(const Counters& counters, model::DeviceModel model, const Hour& hour,
                           model::UtcSeconds start) {
  std::vector<Part> parts;
  for (const auto& [number, counter] : counters) {
    if (number > kLastCircuit) break;
    Part part{model::is_mains(model, number), nullptr, 0};
    const auto known = hour.channels.find(number);
    if (known != hour.channels.end() && known->second.booked != 0) {
      part.booked = &known->second;
      part.expected = kAllMinutes;
    } else {
      for (unsigned i = 0; i < kMinutes; ++i) {
        const auto minute = start + std::chrono::minutes{i};
        if (counter.booked_from <= minute && counter.booked_until + kExpectedFor > minute)
          part.expected |= minutes_from(i, 1);
      }
    }
    if (part.expected != 0) parts.push_back(part);
  }
  return parts;
}

/// The energy of these minutes alone: of an hour that is full a poll brings a few.
void add(MinuteSums& sums, const Part& part, Minutes minutes) {
  const Minutes booked = part.booked == nullptr ? 0 : part.booked->booked;
  sums.whole &= ~part.expected | booked;
  sums.any |= booked;
  each_minute(booked & minutes, [&](unsigned i) { sums.energy[i] += part.booked->energy[i]; });
}

}  // namespace

BookedMinutes book_minutes(Account& account, Hour& hour, model::Channel number, model::UtcSeconds start,
                           const MinuteSums& total, Minutes minutes) {
  BookedMinutes result;
  const auto known = hour.channels.find(number);
  const Minutes counting = known == hour.channels.end() ? 0 : known->second.booked;
  minutes &= total.any & (total.whole | counting);
  if (minutes == 0) return result;
  Counter& counter = account.counters[number];
  Sums sums{counter.positive, counter.negative};
  each_minute(minutes, [&](unsigned i) {
    const auto effect = book_marked(account.marks, hour, start, number, i, 1, total.energy[i], kAllMinutes, sums);
    if (effect == Effect::revised) result.revised |= minutes_from(i, 1);
    if (effect != Effect::booked) return;
    result.fresh |= minutes_from(i, 1);
    const auto minute = start + std::chrono::minutes{i};
    const bool is_new = counter.booked_until == model::UtcSeconds{};
    counter.booked_from = is_new ? minute : std::min(counter.booked_from, minute);
    counter.booked_until = std::max(counter.booked_until, minute + std::chrono::minutes{1});
  });
  counter.positive = sums.positive;
  counter.negative = sums.negative;
  return result;
}

void derive(Account& account, model::DeviceModel model, Hour& hour, model::UtcSeconds start, Minutes minutes) {
  if (hour.folded) return;
  MinuteSums mains;
  MinuteSums balance;
  for (const Part& part : parts_of(account.counters, model, hour, start)) {
    add(part.leg ? mains : balance, part, minutes);
  }
  // The balance is what the mains have beyond the circuits; without mains there is none.
  balance.whole &= mains.whole;
  balance.any = mains.any;
  each_minute(minutes, [&](unsigned i) { balance.energy[i] = mains.energy[i] - balance.energy[i]; });
  book_minutes(account, hour, model::kMergedMains, start, mains, minutes);
  book_minutes(account, hour, model::kBalance, start, balance, minutes);
}

}  // namespace emporia::ledger
