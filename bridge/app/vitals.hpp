#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/collector.hpp"
#include "app/reporter.hpp"
#include "commands/command.hpp"
#include "metrics/registry.hpp"
#include "model/home.hpp"
#include "mqtt/session.hpp"
#include "runtime/mutex.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// How the bridge was when it last looked at itself. Never changed once made.
struct HealthSnapshot {
  runtime::SteadyTime at;
  bool ok = false;
  /// One JSON object.
  std::string json;
};

/// Where the loop leaves the newest snapshot for the threads that serve it. Any thread may call.
class HealthBoard {
 public:
  void put(std::shared_ptr<const HealthSnapshot> snapshot) {
    const runtime::Lock lock(mutex_);
    snapshot_ = std::move(snapshot);
  }
  /// nullptr before the first one.
  std::shared_ptr<const HealthSnapshot> newest() const {
    const runtime::Lock lock(mutex_);
    return snapshot_;
  }

 private:
  mutable runtime::Mutex mutex_;
  std::shared_ptr<const HealthSnapshot> snapshot_ E2M_GUARDED_BY(mutex_);
};

/// Brings the metrics and the health up to date with what the bridge is. Belongs to the loop's thread; there is none
/// when HTTP is off.
class Vitals {
 public:
  /// What it looks at.
  struct View {
    const mqtt::Session& session;
    const Collector& collector;
    const Reporter& reporter;
    const model::Home& home;
    /// Those in force, which may be others than at the start.
    const settings::Settings& settings;
  };

  Vitals(metrics::Registry& registry, HealthBoard& board, const ledger::UsageLedger& ledger, runtime::Now now);

  void booked(const ledger::BookedSpan& span);
  void answered(const commands::Result& result);
  void on_time(const View& view, runtime::Now now);
  runtime::SteadyTime next_deadline() const { return look_at_; }

 private:
  void look(const View& view, runtime::Now now);
  void look_at_partner(const View& view, runtime::Now now);
  void look_at_home(const View& view, runtime::Now now);
  void look_at_broker(const View& view);
  void look_for_missing(const View& view, runtime::Now now);
  void judge(const View& view, runtime::Now now);

  metrics::Registry& registry_;
  HealthBoard& board_;
  const ledger::UsageLedger& ledger_;
  runtime::SteadyTime started_;
  runtime::SteadyTime look_at_;
  runtime::SteadyTime looked_at_;
  bool looked_ = false;
  runtime::SteadyTime missing_at_;
  /// The device that is looked up next, and what the round has found so far.
  std::optional<model::DeviceId> missing_next_;
  unsigned missing_found_ = 0;
  std::size_t late_ = 0;
};

}  // namespace emporia::app
