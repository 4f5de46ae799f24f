#pragma once

#include <map>
#include <set>
#include <string>

#include "bridge/hostile_ledger.hpp"
#include "bridge/statistics.hpp"
#include "model/device.hpp"
#include "support/counters.hpp"

namespace emporia::tests {

using Shown = support::Counters;
using support::counters_of;
/// The counter that a path shows.
CounterKey counter_at(const model::Device& device, const std::string& path);

/// A Home Assistant with a recorder: it hears what the broker has while it runs, records the counters of a device while
/// that is available, and compiles their statistics.
class RecordingHome {
 public:
  /// `growth`: the most by which the device's counters may have grown, by what the service told, since the last state.
  void hear_state(const model::Device& device, const std::string& state, const std::map<CounterKey, double>& growth,
                  model::UtcSeconds at);
  void hear_availability(const std::string& topic, const std::string& payload, model::UtcSeconds at);
  void goes() { running_ = false; }
  /// It hears what is retained, as if new.
  void comes(const std::map<std::string, std::string>& retained, model::UtcSeconds at);

  /// No hour is negative, none has more than the service told for the buckets credited in it, and all of them together
  /// are what the counter has grown by. Says how many hours of how many counters it looked at.
  void check_statistics() const;

 private:
  struct Seen {
    model::Device device;
    Shown latest;
    std::map<std::string, Statistics> statistics;
    /// By hour, how much what is published then may have grown.
    std::map<std::string, std::map<model::UtcSeconds, double>> growth_kwh;
    /// Hours in which something was published that was not recorded then.
    std::set<model::UtcSeconds> blind;
  };
  bool available(const std::string& id) const;
  void record(Seen& seen, model::UtcSeconds at);

  bool running_ = true;
  std::map<std::string, std::string> availability_;
  std::map<std::string, Seen> seen_;
};

}  // namespace emporia::tests
