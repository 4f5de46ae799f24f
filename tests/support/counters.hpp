#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace emporia::support {

/// The counters of one state message in kWh by their path, such as "circuits.4.energy_kwh".
using Counters = std::map<std::string, double>;

/// The one rule of what is a counter: a number whose key ends in "_kwh", in whatever object, that is not a battery's
/// capacity. Energy of a day or a billing cycle is none, because it begins again and follows the service downwards, and
/// nor is `exact_kwh`, which may fall. `exact` takes the exact sums from there where they differ from what is shown.
/// What is null is left out. Throws when the text is no JSON object.
Counters counters_of(const std::string& state, bool exact = false);

/// The law that no published counter falls, over all messages of a broker.
class RisingCounters {
 public:
  /// Takes messages to "<anything>/state" that are JSON objects, and ignores others.
  void hear(const std::string& topic, const std::string& payload);
  /// Each fall in words, such as "emporia/B1/state energy_kwh fell from 2.000000 to 1.500000".
  const std::vector<std::string>& falls() const { return falls_; }
  /// Different counters seen.
  std::size_t counters() const;

 private:
  std::map<std::string, Counters> latest_;
  std::vector<std::string> falls_;
};

}  // namespace emporia::support
