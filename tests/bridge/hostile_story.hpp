#pragma once

#include <random>
#include <string>

#include "bridge/hostile_service.hpp"
#include "bridge/recording_home.hpp"
#include "support/temp_dir.hpp"

namespace emporia::tests {

/// What goes wrong besides what the service does.
struct Trouble {
  bool service = true;
  bool broker = true;
  bool restarts = true;
  bool home_assistant = true;
  bool disk = true;
  bool clock = false;
};

/// A bridge among everything that can go wrong, by chance and reproducibly: some hours of peace, days of trouble, a day
/// and some hours of quiet. All that is published is watched: no counter ever falls. check() then holds the counters
/// against the service's truth, Home Assistant's statistics against what the service told, and the calls against the
/// budget.
class HostileStory {
 public:
  HostileStory(std::uint64_t seed, std::chrono::hours duration, Trouble trouble);

  void play();
  /// The parts of it, for a story that is told: the bridge starts in peace, and time passes.
  void begin();
  using Seconds = std::chrono::seconds;
  void run(Seconds duration);
  /// Stops it and starts it again; the clock is set in between.
  void restart(Seconds away, Seconds clock);
  World& world() { return world_; }
  HostileLedger& ledger() { return ledger_; }

  void check();

 private:
  unsigned chance(unsigned of) { return static_cast<unsigned>(random_() % of); }
  Seconds between(Seconds least, Seconds most);
  void on_published(const mqtt::Message& message);
  void check_calls() const;
  void crash(Seconds away);
  void trouble();
  void service_away();
  void broker_away();
  void home_assistant_away();
  void disk_full();
  void clock_wrong();
  void check_counters(const model::Device& device);
  double truth_kwh(const model::Device& device, CounterKey counter, model::UtcSeconds from,
                   model::UtcSeconds until) const;
  /// The minutes whose last value was not booked, in words.
  std::string unread(const model::Device& device, model::UtcSeconds from, model::UtcSeconds until) const;

  Trouble trouble_;
  std::mt19937_64 random_;
  support::TempDir folder_;
  World world_;
  model::UtcSeconds quiet_from_;
  HostileService service_;
  HostileLedger ledger_;
  RecordingHome home_;
  support::RisingCounters rising_;
  std::uint64_t states_seen_ = 0;
};

}  // namespace emporia::tests
