#pragma once

#include <vector>

#include "ledger/hour_book.hpp"
#include "model/home.hpp"
#include "settings/settings.hpp"
#include "statistics/delivery.hpp"

namespace emporia::app {

/// What stands in the ledger of one hour; nothing where that is not known.
std::optional<statistics::Value> value_of(const ledger::NamedSeries& series, const ledger::Hour& hour);
statistics::Series statistic_of(const ledger::NamedSeries& series);

/// The hours of the ledger as series with names: what they are called follows from the home, and for what has left it
/// from when they were last delivered. All outlive it.
class StatisticsSource final : public statistics::Source {
 public:
  StatisticsSource(ledger::HourBook& book, const model::Home& home, const settings::Settings& settings)
      : book_(book), home_(home), settings_(settings) {}

  /// What is due of all devices that have a series.
  std::vector<statistics::Due> due();

  std::vector<statistics::SeriesHours> hours(const model::DeviceId& device, model::UtcSeconds from,
                                             model::UtcSeconds until) override;
  void delivering(const model::DeviceId& device) override;
  void delivered(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until) override;

 private:
  std::vector<ledger::NamedSeries> series_of(const model::DeviceId& device);

  ledger::HourBook& book_;
  const model::Home& home_;
  const settings::Settings& settings_;
};

}  // namespace emporia::app
