#include "ledger/marks.hpp"

#include <algorithm>

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(model::Scale::hours);

}  // namespace

Minutes minutes_since(UtcSeconds hour_start, UtcSeconds since) {
  const auto before =
      static_cast<unsigned>((std::clamp(since, hour_start, hour_start + kHour) - hour_start).count()) / 60;
  return before == kMinutes ? 0 : minutes_from(before, kMinutes - before);
}

bool divides(const Marks& marks, UtcSeconds hour_start) {
  return std::any_of(marks.begin(), marks.end(), [hour_start](const Mark& mark) {
    return mark.since > hour_start && mark.since < hour_start + kHour;
  });
}

Sums sums_in(const Hour& hour, model::Channel channel, Minutes minutes) {
  Sums sums;
  const auto found = hour.channels.find(channel);
  if (found == hour.channels.end()) return sums;
  const ChannelHour& booked = found->second;
  minutes &= booked.booked;
  if (!hour.folded) {
    each_minute(minutes, [&](unsigned i) { sums.add(booked.energy[i]); });
  } else if (minutes == booked.booked) {
    sums = booked.folded;
  } else if (minutes != 0) {
    // The quotient first: a damaged file may claim sums whose product with the minutes is too large for the type.
    const auto share = [part = MicroWh{count_of(minutes)}, all = MicroWh{count_of(booked.booked)}](MicroWh energy) {
      return energy / all * part + energy % all * part / all;
    };
    sums = {share(booked.folded.positive), share(booked.folded.negative)};
  }
  return sums;
}

Effect book_marked(Marks& marks, Hour& hour, UtcSeconds hour_start, model::Channel channel, unsigned first,
                   unsigned count, MicroWh energy, Minutes open, Sums& sums) {
  const UtcSeconds start = hour_start + std::chrono::minutes{first};
  // The newest mark is the last one.
  if (marks.empty() || marks.back().since <= start) {
    return book_bucket(hour, channel, first, count, energy, open, sums);
  }
  const UtcSeconds end = start + std::chrono::minutes{count};
  const auto before_mark = [&](const Mark& mark) {
    if (mark.since <= start) return Sums{};
    return mark.since >= end ? sums : sums_in(hour, channel, kAllMinutes & ~minutes_since(hour_start, mark.since));
  };
  std::vector<Sums> was;
  for (const Mark& mark : marks) was.push_back(before_mark(mark));
  const Effect effect = book_bucket(hour, channel, first, count, energy, open, sums);
  if (effect == Effect::nothing) return effect;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const Sums is = before_mark(marks[i]);
    if (is == was[i]) continue;
    Sums& before = marks[i].before[channel];
    before.positive += is.positive - was[i].positive;
    before.negative += is.negative - was[i].negative;
  }
  return effect;
}

}  // namespace emporia::ledger
