#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "runtime/clock.hpp"
#include "settings/settings.hpp"
#include "zones/zone.hpp"

namespace emporia::app {

/// Today's and this billing cycle's energy, by each device's own time zone.
///
/// The device's newest booked bucket decides what is today, not the clock: data are half an hour late, and yesterday's
/// last half hour must not be shown as today's. When a booking passes midnight the day that is over is shown once with
/// all of its energy, and the new one when that stands at the broker; else nobody would ever see a day's last minutes.
/// A day that ended longer ago than data are held for stale is not shown any more: what the day since then brought is
/// not known. Belongs to the loop's thread.
class Periods {
 public:
  /// Both outlive it; the settings may change while it runs.
  Periods(ledger::UsageLedger& ledger, const settings::Polling& settings) : ledger_(ledger), settings_(settings) {}

  /// What a person has to be told, once a run, of devices whose days cannot be theirs: left on UTC, or in a zone that
  /// is not known here.
  std::vector<std::string> meet(const std::vector<model::Device>& devices);

  /// Adds to the readings of the device what they are since its periods began.
  void fill(model::UsageSeen& seen, const model::Device& device, runtime::Now now);

  /// Devices that are to be filled and shown again: their ended day stands at the broker, or has ended too long ago.
  /// `shown` tells whether a device's picture, as it is now, stands there.
  std::vector<model::DeviceId> due(const std::function<bool(const model::DeviceId&)>& shown, runtime::Now now);
  runtime::SteadyTime next_deadline() const { return look_at_; }
  void forget(const model::DeviceId& device);

 private:
  struct Period {
    zones::Span span;
    bool shown = false;
  };
  /// What was shown last of a device.
  struct Standing {
    Period today;
    Period cycle;
  };
  /// A period whose energy is asked for: up to now, or to its end when that is over.
  struct Wanted {
    Period* period = nullptr;
    bool over = false;
    std::optional<model::PeriodEnergy> model::Reading::*energy = nullptr;
    std::optional<model::UtcSeconds> model::Periods::*since = nullptr;
  };

  zones::Zone zone_of(const model::Device& device);
  bool is_current(const zones::Span& span, runtime::Now now) const;
  void read(const Wanted& wanted, model::UsageSeen& seen, const ledger::EnergySince& start,
            const ledger::EnergySince& end) const;

  ledger::UsageLedger& ledger_;
  const settings::Polling& settings_;
  zones::Zones zones_;
  std::map<model::DeviceId, Standing> standing_;
  /// Devices whose day is over and shown once more.
  std::set<model::DeviceId> closing_;
  std::set<std::string> warned_;
  runtime::SteadyTime look_at_;
};

}  // namespace emporia::app
