#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "partner/reading.hpp"
#include "partner/translate.hpp"
#include "runtime/text.hpp"

namespace emporia::partner {
namespace {

std::optional<model::Scale> scale_of(wire::DataResolution scale) {
  switch (static_cast<int>(scale)) {
    case wire::Minutes:
      return model::Scale::minutes;
    case wire::FifteenMinutes:
      return model::Scale::fifteen_minutes;
    case wire::Hours:
      return model::Scale::hours;
    case wire::Days:
      return model::Scale::days;
    case wire::Weeks:
      return model::Scale::weeks;
    case wire::Months:
      return model::Scale::months;
    case wire::Years:
      return model::Scale::years;
    default:
      return std::nullopt;
  }
}

/// Positions of the buckets that were asked for, by ascending start, each start once.
using Positions = std::vector<std::pair<model::UtcSeconds, int>>;

Positions sound_buckets(const wire::DeviceUsageResponse_DeviceUsage& told, const FetchUsage& request,
                        Oddities& oddities) {
  constexpr std::uint64_t kYear2200 = 7'258'118'400;
  const auto length = model::bucket_length(request.scale);
  Positions positions;
  for (int i = 0; i < told.bucket_epoch_seconds_size(); ++i) {
    const std::uint64_t epoch = told.bucket_epoch_seconds(i);
    const model::UtcSeconds start{std::chrono::seconds{static_cast<std::int64_t>(std::min(epoch, kYear2200))}};
    bool sound = epoch < kYear2200;
    if (sound && length.count() > 0) {
      sound = model::bucket_start(start, request.scale) == start && start <= request.end &&
              start >= model::bucket_start(request.start, request.scale);
    }
    if (sound) {
      positions.emplace_back(start, i);
    } else {
      oddities.note(Oddity::bad_bucket, runtime::concat(told.manufacturer_device_id(), " bucket ", epoch));
    }
  }
  std::stable_sort(positions.begin(), positions.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto again =
      std::unique(positions.begin(), positions.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (again != positions.end()) {
    oddities.note(Oddity::bad_bucket, runtime::concat(told.manufacturer_device_id(), ": a bucket twice"));
    positions.erase(again, positions.end());
  }
  return positions;
}

/// What a channel cannot have measured: not finite (NaN is the service's word for no value and no oddity), or a mean
/// power above 10 MW, fifty times the largest service these monitors can be clamped on.
bool impossible(double energy_wh, std::chrono::seconds length) {
  constexpr double kLargestPowerW = 10e6;
  if (std::isinf(energy_wh)) return true;
  const auto seconds = length.count() > 0 ? length : std::chrono::seconds{std::chrono::hours{24 * 366}};
  return std::fabs(model::mean_power_w(energy_wh, seconds)) > kLargestPowerW;
}

std::optional<model::DeviceUsage> device_usage(const wire::DeviceUsageResponse_DeviceUsage& told,
                                               const FetchUsage& request, Oddities& oddities) {
  const std::string& id = told.manufacturer_device_id();
  if (scale_of(told.scale()) != request.scale) {
    oddities.note(Oddity::wrong_scale, id);
    return std::nullopt;
  }
  const Positions positions = sound_buckets(told, request, oddities);
  model::DeviceUsage usage{model::DeviceId(id), request.scale, {}, {}};
  for (const auto& position : positions) usage.starts.push_back(position.first);
  const auto length = model::bucket_length(request.scale);
  std::set<model::Channel> seen;
  for (const auto& channel : told.channel_usages()) {
    if (!plausible_channel(channel.channel()) || !seen.insert(channel.channel()).second) {
      oddities.note(Oddity::bad_channel, runtime::concat(id, " channel ", channel.channel()));
      continue;
    }
    if (channel.usages_size() != told.bucket_epoch_seconds_size()) {
      // Which value belongs to which bucket cannot be known, so none is taken.
      oddities.note(Oddity::unequal_lengths, runtime::concat(id, " channel ", channel.channel()));
      continue;
    }
    model::ChannelUsage values{channel.channel(), {}};
    values.energy_wh.reserve(positions.size());
    for (const auto& position : positions) {
      double energy_wh = channel.usages(position.second);
      if (impossible(energy_wh, length)) {
        oddities.note(Oddity::impossible_value, runtime::concat(id, " channel ", channel.channel()));
        energy_wh = model::kMissing;
      }
      values.energy_wh.push_back(energy_wh);
    }
    usage.channels.push_back(std::move(values));
  }
  if (usage.starts.empty() || usage.channels.empty()) return std::nullopt;
  return usage;
}

}  // namespace

Usage from_wire(const wire::DeviceUsageResponse& reply, const FetchUsage& request, Oddities& oddities) {
  Usage usage;
  const std::set<model::DeviceId> asked(request.devices.begin(), request.devices.end());
  const auto id_of = [](const auto& told) { return told.manufacturer_device_id(); };
  each_once(reply.device_usages(), oddities, id_of, [&](const auto& told, const model::DeviceId& id) {
    if (asked.count(id) == 0) return oddities.note(Oddity::device_not_asked_for, id.text());
    if (auto device = device_usage(told, request, oddities)) usage.devices.push_back(std::move(*device));
  });
  return usage;
}

}  // namespace emporia::partner
