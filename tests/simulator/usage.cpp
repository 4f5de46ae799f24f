#include "simulator/usage.hpp"

#include <algorithm>
#include <cmath>

namespace simulator {
namespace {

void put(const HourPlan& plan, bool negative, std::size_t n, Energy* row) {
  if (n == 1) {
    *row = negative ? -plan.total() : plan.total();
    return;
  }
  MinuteRow minutes;
  plan.minutes(minutes);
  for (std::size_t m = 0; m < 60; ++m) row[m] = negative ? -minutes[m] : minutes[m];
}

void add(const Energy* from, std::size_t n, Energy share, Energy* to) {
  for (std::size_t i = 0; i < n; ++i) to[i] += from[i] / share;
}

bool has_leg(const std::string& legs, const std::string& leg) {
  return !leg.empty() && legs.find(leg.front()) != std::string::npos;
}

}  // namespace

double on_the_wire(double watt_hours, int direction) {
  if (direction == kConsumption) return std::abs(watt_hours);
  if (direction == kGeneration) return watt_hours == 0 ? 0 : -std::abs(watt_hours);
  return watt_hours;
}

Meter::Meter(const House& house, const Device& device) : house_(house), device_(device) {
  for (const CircuitSpec& circuit : device.spec.circuits) {
    if (circuit.pattern != "absent") circuits_.push_back(&circuit);
  }
  std::sort(circuits_.begin(), circuits_.end(), [](auto* a, auto* b) { return a->channel < b->channel; });
}

void Meter::appliance(const Device& device, Seconds hour, std::size_t n, Energy* row) const {
  const Ledger& ledger = device.appliance->ledger();
  const Seconds first = hour * 60;
  if (first + 60 <= ledger.first_minute()) {
    put(device.appliance->past(moment_of(device, hour)), false, n, row);
    return;
  }
  MinuteRow minutes{};
  if (first < ledger.first_minute()) device.appliance->past(moment_of(device, hour)).minutes(minutes);
  for (Seconds m = std::max(first, ledger.first_minute()); m < first + 60; ++m) {
    minutes[static_cast<std::size_t>(m - first)] = ledger.at(m);
  }
  if (n == 60) {
    std::copy(minutes.begin(), minutes.end(), row);
    return;
  }
  *row = 0;
  for (const Energy one : minutes) *row += one;
}

void Meter::load(const CircuitSpec& circuit, Seconds hour, std::size_t n, Energy* row) const {
  if (circuit.pattern == "device") {
    const Device* const device = house_.find(circuit.device);
    if (device != nullptr && device->appliance) appliance(*device, hour, n, row);
    return;
  }
  if (circuit.pattern == "net") {
    const Device* const monitor = house_.find(device_.spec.monitor);
    if (monitor == nullptr) return;
    std::vector<Energy> table;
    const Meter meter(house_, *monitor);
    meter.fill(hour, n, table);
    for (std::size_t c = 0; c < meter.circuits_.size(); ++c) {
      if (meter.circuits_[c]->pattern == "main") add(&table[c * n], n, 1, row);
    }
    return;
  }
  const Pattern* const pattern = find_pattern(circuit.pattern);
  if (pattern == nullptr) return;
  Moment moment = moment_of(device_, hour);
  moment.key = mix(device_.key, circuit.channel);
  moment.power_w = circuit.power_w > 0 ? circuit.power_w : pattern->default_power_w;
  HourPlan plan;
  pattern->plan(moment, plan);
  put(plan, pattern->generates, n, row);
}

void Meter::fill_all(Seconds hour, std::size_t n, bool appliances, std::vector<Energy>& table) const {
  table.assign(circuits_.size() * n, 0);
  const auto to_mains = [&](const Energy* row, const std::string& legs) {
    const auto share = static_cast<Energy>(std::max<std::size_t>(legs.size(), 1));
    for (std::size_t c = 0; c < circuits_.size(); ++c) {
      if (circuits_[c]->pattern == "main" && has_leg(legs, circuits_[c]->legs)) add(row, n, share, &table[c * n]);
    }
  };
  for (std::size_t c = 0; c < circuits_.size(); ++c) {
    const CircuitSpec& circuit = *circuits_[c];
    if (circuit.pattern == "main" || (circuit.pattern == "device" && !appliances)) continue;
    load(circuit, hour, n, &table[c * n]);
    to_mains(&table[c * n], circuit.legs);
  }
  std::vector<Energy> row(n);
  // What no clamp of its own sees: the rest of the house, and its other appliances.
  for (const CircuitSpec* main : circuits_) {
    if (main->pattern != "main" || device_.spec.rest_w <= 0) continue;
    CircuitSpec rest;
    rest.channel = 1000 + main->channel;
    rest.pattern = "rest";
    rest.power_w = device_.spec.rest_w * (main->channel == 1 ? 0.45 : 0.55);
    std::fill(row.begin(), row.end(), 0);
    load(rest, hour, n, row.data());
    to_mains(row.data(), main->legs);
  }
  if (!appliances) return;
  for (const Device* device : house_.behind(device_)) {
    const bool clamped = std::any_of(circuits_.begin(), circuits_.end(), [&](const CircuitSpec* circuit) {
      return circuit->pattern == "device" && circuit->device == device->spec.id;
    });
    if (clamped || device->removed || !device->appliance) continue;
    appliance(*device, hour, n, row.data());
    to_mains(row.data(), device->spec.legs);
  }
}

void Meter::fill(Seconds hour, std::size_t n, std::vector<Energy>& table) const {
  fill_all(hour, n, true, table);
}

MinuteRow Meter::net_without_appliances(Seconds hour) const {
  std::vector<Energy> table;
  fill_all(hour, 60, false, table);
  MinuteRow net{};
  for (std::size_t c = 0; c < circuits_.size(); ++c) {
    if (circuits_[c]->pattern == "main") add(&table[c * 60], 60, 1, net.data());
  }
  return net;
}

// Replaces what lies in a long outage by the outage's mean.
void Meter::flatten(Seconds hour, std::vector<Energy>& table) {
  std::vector<Energy> other;
  for (const Span& span : device_.flattened) {
    const Seconds length = span.to - span.from;
    const Seconds from = std::max(span.from, hour * 60);
    const Seconds to = std::min(span.to, hour * 60 + 60);
    if (from >= to) continue;
    std::vector<Energy> total(circuits_.size(), 0);
    for (Seconds m = span.from; m < span.to; ++m) {
      const Seconds h = m / 60;
      if (m == span.from || m % 60 == 0) fill(h, 60, other);
      for (std::size_t c = 0; c < total.size(); ++c) total[c] += other[c * 60 + static_cast<std::size_t>(m % 60)];
    }
    for (Seconds m = from; m < to; ++m) {
      const Seconds nth = m - span.from;
      for (std::size_t c = 0; c < total.size(); ++c) {
        const Energy each = total[c] / length;
        const Energy rest = total[c] % length;
        table[c * 60 + static_cast<std::size_t>(m % 60)] = each + rest * (nth + 1) / length - rest * nth / length;
      }
    }
  }
}

const std::vector<Energy>& Meter::minutes_of(Seconds hour) {
  if (minutes_hour_ == hour) return minutes_;
  fill(hour, 60, minutes_);
  flatten(hour, minutes_);
  minutes_hour_ = hour;
  return minutes_;
}

std::vector<Energy> Meter::sum(Span minutes) {
  std::vector<Energy> total(circuits_.size(), 0);
  std::vector<Energy> table;
  for (Seconds m = minutes.from; m < minutes.to;) {
    const Seconds hour = m / 60;
    const Seconds end = std::min(minutes.to, hour * 60 + 60);
    const bool flat = std::any_of(device_.flattened.begin(), device_.flattened.end(),
                                  [&](const Span& span) { return span.from < hour * 60 + 60 && span.to > hour * 60; });
    if (end - m == 60 && !flat && minutes_hour_ != hour) {
      fill(hour, 1, table);
      for (std::size_t c = 0; c < total.size(); ++c) total[c] += table[c];
    } else {
      const std::vector<Energy>& rows = minutes_of(hour);
      for (std::size_t c = 0; c < total.size(); ++c) {
        for (Seconds i = m; i < end; ++i) total[c] += rows[c * 60 + static_cast<std::size_t>(i % 60)];
      }
    }
    m = end;
  }
  return total;
}

}  // namespace simulator
