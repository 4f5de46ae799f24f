#include "model/derive.hpp"

#include <algorithm>

namespace emporia::model {
namespace {

constexpr Channel kLastCircuit = 19;
constexpr std::chrono::hours kExpectedFor{24};

bool has_value(const ChannelUsage& channel) {
  return std::any_of(channel.energy_wh.begin(), channel.energy_wh.end(), is_known);
}

bool had_value_recently(const LastKnown& last_known, Channel channel, UtcSeconds start) {
  const auto found = last_known.find(channel);
  return found != last_known.end() && found->second + kExpectedFor > start;
}

/// Adds one channel into the running sums of all buckets, marking those it should be in and is not.
void add(std::vector<double>& sums, const ChannelUsage& channel, double sign) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += sign * channel.energy_wh[i];  // NaN stays NaN
}

}  // namespace

void append_derived(DeviceUsage& usage, const Device& device, const LastKnown& last_known) {
  if (!is_monitor(device.model) || usage.starts.empty()) return;
  std::vector<double> mains(usage.starts.size(), 0.0);
  std::vector<double> circuits(usage.starts.size(), 0.0);
  bool any_leg = false;
  const auto expected = [&](Channel channel) { return had_value_recently(last_known, channel, usage.starts.front()); };

  for (const ChannelUsage& channel : usage.channels) {
    if (channel.channel > kLastCircuit || (!has_value(channel) && !expected(channel.channel))) continue;
    const bool leg = is_mains(device.model, channel.channel);
    any_leg = any_leg || leg;
    add(leg ? mains : circuits, channel, 1.0);
  }
  // A channel left out of the reply altogether though it reported within the day.
  for (const auto& [channel, when] : last_known) {
    const bool listed = std::any_of(usage.channels.begin(), usage.channels.end(),
                                    [number = channel](const ChannelUsage& c) { return c.channel == number; });
    if (listed || channel > kLastCircuit || !expected(channel)) continue;
    auto& sums = is_mains(device.model, channel) ? mains : circuits;
    std::fill(sums.begin(), sums.end(), kMissing);
    any_leg = any_leg || is_mains(device.model, channel);
  }
  if (!any_leg) return;

  ChannelUsage balance{kBalance, mains};
  for (std::size_t i = 0; i < circuits.size(); ++i) balance.energy_wh[i] -= circuits[i];
  usage.channels.push_back({kMergedMains, std::move(mains)});
  usage.channels.push_back(std::move(balance));
}

}  // namespace emporia::model
