#include "app/power.hpp"

namespace emporia::app {

void NewestPower::take(const model::DeviceUsage& usage) {
  const auto length = model::bucket_length(usage.scale);
  auto& values = newest_[usage.device];
  for (const model::ChannelUsage& channel : usage.channels) {
    for (std::size_t i = usage.starts.size(); i-- > 0;) {
      if (!model::is_known(channel.energy_wh[i])) continue;
      const model::UtcSeconds until = usage.starts[i] + length;
      Value& value = values[channel.channel];
      if (until >= value.until) value = {until, model::mean_power_w(channel.energy_wh[i], length)};
      break;
    }
  }
}

std::optional<double> NewestPower::at(const model::DeviceId& device, model::Channel channel,
                                      model::UtcSeconds as_of) const {
  constexpr std::chrono::minutes kFresh{15};
  const auto values = newest_.find(device);
  if (values == newest_.end()) return std::nullopt;
  const auto value = values->second.find(channel);
  if (value == values->second.end() || value->second.until + kFresh < as_of) return std::nullopt;
  return value->second.power_w;
}

}  // namespace emporia::app
