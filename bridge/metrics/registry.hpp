#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metrics/table.hpp"

namespace emporia::metrics {

/// The values of a metric's labels, as many as its row names.
using LabelValues = std::vector<std::string>;

/// What the metrics stand at. Writing belongs to the loop's thread; text() may be called on any thread at any time:
/// each value is read whole, and nobody waits for longer than it takes to copy them.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// A counter goes up by `by`; 0 shows it before anything has happened, so that its first step can be seen.
  void count(Metric metric, double by = 1, const LabelValues& labels = {});
  /// A counter that somebody else counts takes over its total. A smaller one than before changes nothing.
  void count_to(Metric metric, double total, const LabelValues& labels = {});
  void set(Metric metric, double value, const LabelValues& labels = {});
  /// One more value, in seconds, in a histogram.
  void observe(Metric metric, double seconds, const LabelValues& labels = {});
  /// The gauge's values are these from now on: those of other labels are no longer told.
  void set_all(Metric metric, const std::map<LabelValues, double>& values);

  /// Everything in Prometheus' text format, version 0.0.4. A metric without a value is not mentioned.
  std::string text() const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace emporia::metrics
