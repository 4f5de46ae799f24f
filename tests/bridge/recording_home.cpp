#include "bridge/recording_home.hpp"

#include <algorithm>
#include <doctest/doctest.h>

namespace emporia::tests {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string id_of(const std::string& topic) {
  const auto first = topic.find('/') + 1;
  return topic.substr(first, topic.find('/', first) - first);
}

}  // namespace

CounterKey counter_at(const model::Device& device, const std::string& path) {
  const Side side = ends_with(path, "export_kwh") ? Side::negative : Side::positive;
  if (path.compare(0, 6, "mains.") == 0) return {model::kMergedMains, side};
  if (path.compare(0, 8, "balance.") == 0) return {model::kBalance, Side::net};
  const auto dot = path.find('.');
  if (dot == std::string::npos) return {1, side};
  const auto channel = static_cast<model::Channel>(std::stoul(path.substr(dot + 1)));
  const auto is_it = [&](const model::Circuit& circuit) {
    return circuit.channel == channel && circuit.direction == model::EnergyDirection::generation;
  };
  const bool generates = std::any_of(device.circuits.begin(), device.circuits.end(), is_it);
  return {channel, generates ? Side::negative : side};
}

bool RecordingHome::available(const std::string& id) const {
  const auto online = [this](const std::string& topic) {
    const auto known = availability_.find(topic);
    return known != availability_.end() && known->second == "online";
  };
  return online("emporia/bridge/state") && online("emporia/" + id + "/availability");
}

void RecordingHome::record(Seen& seen, model::UtcSeconds at) {
  for (const auto& [path, kwh] : seen.latest) seen.statistics[path].record(kwh, at);
}

void RecordingHome::hear_state(const model::Device& device, const std::string& state,
                               const std::map<CounterKey, double>& growth, model::UtcSeconds at) {
  const std::string& id = device.id.text();
  Seen& seen = seen_[id];
  seen.device = device;
  // The device is gone; its statistics stay.
  if (state.empty()) return seen.latest.clear();
  const Shown shown = counters_of(state);
  const auto hour = model::bucket_start(at, model::Scale::hours);
  for (const auto& [path, kwh] : shown) {
    const auto may = growth.find(counter_at(device, path));
    if (may != growth.end()) seen.growth_kwh[path][hour] += may->second / 1000;
  }
  if (!running_ || !available(id)) seen.blind.insert(hour);
  if (!running_) return;
  seen.latest = shown;
  if (available(id)) record(seen, at);
}

void RecordingHome::hear_availability(const std::string& topic, const std::string& payload, model::UtcSeconds at) {
  if (!running_) return;
  availability_[topic] = payload;
  for (auto& [id, seen] : seen_) {
    if (available(id) && (id_of(topic) == id || id_of(topic) == "bridge")) record(seen, at);
  }
}

void RecordingHome::comes(const std::map<std::string, std::string>& retained, model::UtcSeconds at) {
  running_ = true;
  availability_.clear();
  for (auto& [id, seen] : seen_) {
    const auto state = retained.find("emporia/" + id + "/state");
    seen.latest = state == retained.end() ? Shown{} : counters_of(state->second);
  }
  for (const auto& [topic, payload] : retained) {
    if (ends_with(topic, "/availability") || topic == "emporia/bridge/state") hear_availability(topic, payload, at);
  }
}

void RecordingHome::check_statistics() const {
  // Two numbers of six decimals each are a millionth from the truth at most.
  constexpr double kRounding = 2e-6;
  unsigned counters = 0;
  unsigned hours = 0;
  for (const auto& [id, seen] : seen_) {
    for (const auto& [path, statistics] : seen.statistics) {
      const std::string counter = id + " " + path;
      CAPTURE(counter);
      ++counters;
      CHECK(statistics.resets() == 0);
      CHECK(statistics.dips() == 0);
      REQUIRE(statistics.first());
      CHECK(statistics.sum() == doctest::Approx(*statistics.last() - *statistics.first()));
      const auto told = seen.growth_kwh.find(path);
      auto growth_kwh = told == seen.growth_kwh.end() ? std::map<model::UtcSeconds, double>{} : told->second;
      const auto rows = statistics.hours();
      for (const auto& [hour, growth] : rows) growth_kwh.try_emplace(hour, 0.0);
      double waiting = 0;
      for (const auto& [hour, told_kwh] : growth_kwh) {
        const auto row = rows.find(hour);
        const double growth = row == rows.end() ? 0 : row->second;
        const double most = waiting + told_kwh;
        ++hours;
        if (growth < 0 || growth > most + kRounding) {
          FAIL_CHECK("in the hour ", hour.time_since_epoch().count(), " statistics grow by ", growth, " kWh of ", most);
        }
        // What is not recorded in its hour comes in a later one.
        waiting = seen.blind.count(hour) != 0 ? most - growth : 0;
      }
    }
  }
  CHECK(counters > 10);
  MESSAGE(counters << " counters, " << hours << " hours of statistics");
}

}  // namespace emporia::tests
