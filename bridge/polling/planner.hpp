#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "model/home.hpp"
#include "polling/rates.hpp"
#include "runtime/clock.hpp"

namespace emporia::polling {

struct PollingOptions {
  unsigned calls_per_hour = 95;
  unsigned command_reserve = 15;
  /// A person's wish; nothing for automatic.
  std::optional<std::chrono::seconds> inventory_interval;
  std::optional<std::chrono::seconds> usage_interval;
  std::optional<std::chrono::seconds> state_interval;
};

/// One round of asking.
struct Poll {
  PollKind kind = PollKind::inventory;
  /// Whom to ask about; empty for the inventory.
  std::vector<model::DeviceId> devices;
};

/// When a kind was asked last and will be next, for bridge/health.
struct PollTimes {
  std::optional<runtime::SystemTime> last;
  std::optional<runtime::SystemTime> next;
};

/// Decides what to ask next and when. It asks each kind again only after its round has been reported done.
class Planner {
 public:
  explicit Planner(PollingOptions options);

  /// What exists now; new kinds of devices are due at once.
  void on_home(const model::Home& home, runtime::Now now);
  /// The rounds that are due; each is under way until done().
  std::vector<Poll> take_due(runtime::Now now);
  /// The round is over. After a failure it is due again after a pause that doubles from 5 s to 10 min, so that a round
  /// which is refused each time does not eat the budget.
  void done(PollKind kind, bool ok, runtime::Now now);
  /// The service refuses to tell of this one device: it is left out for an hour.
  void hold(const model::DeviceId& device, runtime::Now now);
  /// Everything is due now, but what was asked less than 10 s ago only when these have passed.
  void refresh(runtime::Now now);

  /// Other options from now on: each kind is due when its new interval has passed since it was asked.
  void reconfigure(PollingOptions options, const model::Home& home, runtime::Now now);
  /// The list of devices is due now.
  void read_inventory(runtime::Now now);

  runtime::SteadyTime next_deadline() const;
  const Intervals& intervals() const { return intervals_; }
  PollTimes times(PollKind kind, runtime::Now now) const;

 private:
  struct Schedule {
    runtime::SteadyTime due = runtime::kNever;
    bool under_way = false;
    unsigned failures = 0;
    runtime::SteadyTime started;
    std::optional<runtime::SystemTime> last;
  };
  Schedule& of(PollKind kind) { return schedules_[static_cast<std::size_t>(kind)]; }
  std::vector<model::DeviceId> askable(PollKind kind, runtime::Now now) const;

  PollingOptions options_;
  Intervals intervals_;
  std::array<Schedule, kPollKinds> schedules_;
  std::array<std::vector<model::DeviceId>, kPollKinds> devices_;
  std::map<model::DeviceId, runtime::SteadyTime> held_until_;
};

}  // namespace emporia::polling
