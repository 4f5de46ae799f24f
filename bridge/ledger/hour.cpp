#include "ledger/hour.hpp"

#include <cstdlib>

namespace emporia::ledger {
namespace {

/// Where it is noted which minutes a coarser bucket has booked; nullptr for a minute of its own.
Minutes* noted(ChannelHour& channel, unsigned count) {
  return count == 1 ? nullptr : count == kMinutes ? &channel.of_hour : &channel.of_quarter;
}

/// What the bucket adds to what others have booked within it.
MicroWh rest(const ChannelHour& channel, Minutes others, MicroWh energy) {
  Sums booked;
  each_minute(others, [&](unsigned i) { booked.add(channel.energy[i]); });
  const MicroWh left = energy - (booked.positive - booked.negative);
  // The scales of the service do not agree to the last percent. Where all flows one way a rest that flows the other way
  // is such a disagreement, not energy.
  const bool one_way = energy >= 0 ? booked.negative == 0 : booked.positive == 0;
  const bool turned = energy >= 0 ? left < 0 : left > 0;
  return one_way && turned ? 0 : left;
}

void put(ChannelHour& channel, Minutes minutes, MicroWh energy, Sums& sums) {
  const std::lldiv_t share = std::lldiv(energy, count_of(minutes));
  MicroWh extra = share.rem;
  each_minute(minutes, [&](unsigned i) {
    if ((channel.booked >> i & 1) != 0) sums.take_away(channel.energy[i]);
    const MicroWh step = extra > 0 ? 1 : extra < 0 ? -1 : 0;
    extra -= step;
    channel.energy[i] = share.quot + step;
    sums.add(channel.energy[i]);
  });
  channel.booked |= minutes;
}

MicroWh sum_of(const ChannelHour& channel, Minutes minutes) {
  MicroWh sum = 0;
  each_minute(minutes, [&](unsigned i) { sum += channel.energy[i]; });
  return sum;
}

}  // namespace

void Hour::fold() {
  if (folded) return;
  folded = true;
  divided = false;
  for (auto& [number, channel] : channels) {
    for (unsigned i = 0; i < kMinutes; ++i) {
      if ((channel.booked >> i & 1) != 0) channel.folded.add(channel.energy[i]);
    }
    channel.energy = {};
    channel.of_quarter = channel.of_hour = 0;
  }
}

Hour Hour::unreadable() {
  Hour hour;
  hour.folded = hour.lost = true;
  return hour;
}

Effect book_bucket(Hour& hour, model::Channel number, unsigned first, unsigned count, MicroWh energy, Minutes open,
                   Sums& sums) {
  const Minutes span = minutes_from(first, count);
  if (hour.lost || (span & ~open) != 0) return Effect::nothing;
  ChannelHour& channel = hour.channels[number];
  if (hour.folded) {
    if ((channel.booked & span) != 0) return Effect::nothing;
    channel.booked |= span;
    channel.folded.add(energy);
    sums.add(energy);
    return Effect::booked;
  }
  Minutes* note = noted(channel, count);
  const Minutes own = span & (note != nullptr ? *note : channel.booked & ~channel.of_quarter & ~channel.of_hour);
  const Minutes free = span & ~channel.booked;
  if ((own | free) == 0) return Effect::nothing;
  const MicroWh part = rest(channel, channel.booked & span & ~own, energy);
  if (free == 0 && sum_of(channel, own) == part) return Effect::nothing;
  put(channel, own | free, part, sums);
  if (note != nullptr) *note |= own | free;
  return own != 0 ? Effect::revised : Effect::booked;
}

}  // namespace emporia::ledger
