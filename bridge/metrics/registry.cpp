#include "metrics/registry.hpp"

#include <algorithm>
#include <array>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <variant>

namespace emporia::metrics {
namespace {

using Family = std::variant<prometheus::Family<prometheus::Counter>*, prometheus::Family<prometheus::Gauge>*,
                            prometheus::Family<prometheus::Histogram>*>;

Family registered(const Row& row, prometheus::Registry& registry) {
  const std::string name(row.name);
  const std::string help(row.help);
  switch (row.kind) {
    case Kind::counter:
      return &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    case Kind::gauge:
      return &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    case Kind::histogram:
      break;
  }
  return &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

prometheus::Labels labelled(Metric metric, const LabelValues& values) {
  const auto& names = table()[static_cast<std::size_t>(metric)].labels;
  prometheus::Labels labels;
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
    labels.emplace(std::string(names[i]), values[i]);
  }
  return labels;
}

}  // namespace

struct Registry::Content {
  template <typename T>
  prometheus::Family<T>& family(Metric metric) {
    return *std::get<prometheus::Family<T>*>(families[static_cast<std::size_t>(metric)]);
  }

  prometheus::Registry registry;
  std::array<Family, kMetrics> families;
  /// What set_all() has shown, by metric.
  std::map<Metric, std::map<LabelValues, prometheus::Gauge*>> shown;
};

Registry::Registry() : content_(std::make_unique<Content>()) {
  for (std::size_t i = 0; i < kMetrics; ++i) content_->families[i] = registered(table()[i], content_->registry);
}
Registry::~Registry() = default;

void Registry::count(Metric metric, double by, const LabelValues& labels) {
  content_->family<prometheus::Counter>(metric).Add(labelled(metric, labels)).Increment(by);
}

void Registry::count_to(Metric metric, double total, const LabelValues& labels) {
  auto& counter = content_->family<prometheus::Counter>(metric).Add(labelled(metric, labels));
  counter.Increment(std::max(0.0, total - counter.Value()));
}

void Registry::set(Metric metric, double value, const LabelValues& labels) {
  content_->family<prometheus::Gauge>(metric).Add(labelled(metric, labels)).Set(value);
}

void Registry::observe(Metric metric, double seconds, const LabelValues& labels) {
  const auto& bounds = table()[static_cast<std::size_t>(metric)].bounds;
  content_->family<prometheus::Histogram>(metric).Add(labelled(metric, labels), bounds).Observe(seconds);
}

void Registry::set_all(Metric metric, const std::map<LabelValues, double>& values) {
  auto& family = content_->family<prometheus::Gauge>(metric);
  auto& shown = content_->shown[metric];
  for (auto old = shown.begin(); old != shown.end();) {
    if (values.count(old->first) != 0) {
      ++old;
      continue;
    }
    family.Remove(old->second);
    old = shown.erase(old);
  }
  for (const auto& [labels, value] : values) {
    prometheus::Gauge*& gauge = shown[labels];
    if (gauge == nullptr) gauge = &family.Add(labelled(metric, labels));
    gauge->Set(value);
  }
}

std::string Registry::text() const {
  std::vector<prometheus::MetricFamily> families = content_->registry.Collect();
  const auto empty = [](const prometheus::MetricFamily& family) { return family.metric.empty(); };
  families.erase(std::remove_if(families.begin(), families.end(), empty), families.end());
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace emporia::metrics
