#include "ledger/booking.hpp"

#include <algorithm>

namespace emporia::ledger {

BookedSpan add_to(Counters& counters, const model::DeviceUsage& usage) {
  BookedSpan span{usage.device, usage.scale, {}};
  const auto length = model::bucket_length(usage.scale);
  for (const model::ChannelUsage& channel : usage.channels) {
    for (std::size_t i = 0; i < usage.starts.size(); ++i) {
      const double energy_wh = channel.energy_wh[i];
      const model::UtcSeconds start = usage.starts[i];
      if (!model::is_known(energy_wh)) continue;
      const auto [entry, is_new] = counters.try_emplace(channel.channel);
      Counter& counter = entry->second;
      if (is_new) counter.booked_from = start;
      if (!is_new && start < counter.booked_until) continue;
      (energy_wh < 0 ? counter.negative_wh : counter.positive_wh) += std::fabs(energy_wh);
      counter.highest_net_wh = std::max(counter.highest_net_wh, counter.net_wh());
      counter.booked_until = start + length;
      span.channels[channel.channel].push_back({start, energy_wh});
    }
  }
  return span;
}

}  // namespace emporia::ledger
