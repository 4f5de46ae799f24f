#pragma once

#include <vector>

#include "simulator/house.hpp"

namespace simulator {

/// Energy of one device, of all channels at once: the truth, before lag, loss and faults. Positive is drawn, negative
/// given. A short-lived helper: it remembers the hour it looked at last.
class Meter {
 public:
  Meter(const House& house, const Device& device);
  /// Channels that have a clamp, ascending; the order of every row below.
  const std::vector<const CircuitSpec*>& circuits() const { return circuits_; }
  /// Sum of the minutes [from, to), one number a channel.
  std::vector<Energy> sum(Span minutes);
  /// The minutes of an hour since 1970, or its single sum: `n` is 60 or 1, row i begins at i*n.
  void fill(Seconds hour, std::size_t n, std::vector<Energy>& table) const;
  /// The same without what the appliances do: what a battery answers to. Sum of the mains.
  MinuteRow net_without_appliances(Seconds hour) const;

 private:
  void load(const CircuitSpec& circuit, Seconds hour, std::size_t n, Energy* row) const;
  void appliance(const Device& device, Seconds hour, std::size_t n, Energy* row) const;
  void fill_all(Seconds hour, std::size_t n, bool appliances, std::vector<Energy>& table) const;
  const std::vector<Energy>& minutes_of(Seconds hour);
  void flatten(Seconds hour, std::vector<Energy>& table);

  const House& house_;
  const Device& device_;
  std::vector<const CircuitSpec*> circuits_;
  std::vector<Energy> minutes_;
  Seconds minutes_hour_ = -1;
};

/// Sign of the wire for a circuit of that direction: never below 0, never above 0, or as it flows.
double on_the_wire(double watt_hours, int direction);

}  // namespace simulator
