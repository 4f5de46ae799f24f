#include "app/statistics_source.hpp"

#include <algorithm>

#include "homeassistant/long_term.hpp"
#include "ledger/marks.hpp"

namespace emporia::app {
namespace {

using ledger::NamedSeries;

homeassistant::DiscoveryContext context_of(const settings::Settings& settings) {
  homeassistant::DiscoveryContext context;
  context.names = settings.devices.names;
  return context;
}

std::optional<statistics::Power> power_in(const ledger::ChannelHour& channel, bool turned) {
  constexpr double kMinutesInAnHour = 60;
  statistics::Power power;
  double sum = 0;
  unsigned minutes = 0;
  for (unsigned i = 0; i < ledger::kMinutes; ++i) {
    if ((channel.booked >> i & 1) == 0) continue;
    const double power_w = ledger::to_wh(channel.energy[i]) * kMinutesInAnHour * (turned ? -1 : 1);
    power.min_w = minutes == 0 ? power_w : std::min(power.min_w, power_w);
    power.max_w = minutes == 0 ? power_w : std::max(power.max_w, power_w);
    sum += power_w;
    ++minutes;
  }
  if (minutes == 0) return std::nullopt;
  power.mean_w = sum / minutes;
  return power;
}

}  // namespace

std::optional<statistics::Value> value_of(const NamedSeries& series, const ledger::Hour& hour) {
  const auto channel = hour.channels.find(series.channel);
  if (hour.lost || channel == hour.channels.end() || channel->second.booked == 0) return std::nullopt;
  statistics::Value value;
  if (series.power) {
    // Of a sum alone nobody knows the least and the most, and with them it was delivered already.
    if (hour.folded) return std::nullopt;
    const auto power = power_in(channel->second, series.negative);
    if (!power) return std::nullopt;
    value.power = *power;
    return value;
  }
  const ledger::Sums sums = ledger::sums_in(hour, series.channel, ledger::kAllMinutes);
  value.energy = series.negative ? sums.negative : sums.positive;
  return value;
}

statistics::Series statistic_of(const NamedSeries& series) {
  return {series.id, series.name, series.power ? statistics::Kind::power : statistics::Kind::energy};
}

std::vector<NamedSeries> StatisticsSource::series_of(const model::DeviceId& device) {
  std::vector<NamedSeries> all;
  if (const model::DevicePicture* picture = home_.find(device)) {
    const auto circuits = model::shown_circuits(*picture, settings_.devices.announce_unused_circuits);
    for (const homeassistant::Measured& entry : homeassistant::measured(*picture, circuits, context_of(settings_))) {
      const bool power = entry.kind == homeassistant::Measured::Kind::power;
      if (power && !settings_.statistics.mean_power) continue;
      all.push_back(
          {statistics::statistic_id(entry.unique_id), entry.name, device, entry.channel, entry.negative, power});
    }
  }
  for (NamedSeries& entry : book_.named_series(device)) {
    const auto is_it = [&](const NamedSeries& known) { return known.id == entry.id; };
    if (entry.power && !settings_.statistics.mean_power) continue;
    if (std::none_of(all.begin(), all.end(), is_it)) all.push_back(std::move(entry));
  }
  return all;
}

std::vector<statistics::Due> StatisticsSource::due() {
  std::vector<statistics::Due> due;
  for (const ledger::DueHours& hours : book_.due_hours()) {
    if (!series_of(hours.device).empty()) due.push_back({hours.device, hours.from, hours.until});
  }
  return due;
}

std::vector<statistics::SeriesHours> StatisticsSource::hours(const model::DeviceId& device, model::UtcSeconds from,
                                                             model::UtcSeconds until) {
  std::vector<statistics::SeriesHours> all;
  const auto book = book_.hours(device, from, until);
  for (const NamedSeries& series : series_of(device)) {
    statistics::SeriesHours entry{statistic_of(series), {}};
    for (const auto& [start, hour] : book) {
      if (const auto value = value_of(series, hour)) entry.hours.emplace(start, *value);
    }
    all.push_back(std::move(entry));
  }
  return all;
}

void StatisticsSource::delivering(const model::DeviceId& device) {
  book_.name_series(series_of(device));
  book_.handing_on(device);
}

void StatisticsSource::delivered(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until) {
  book_.handed_on(device, from, until);
}

}  // namespace emporia::app
