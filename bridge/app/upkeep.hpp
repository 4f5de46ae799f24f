#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "partner/request.hpp"
#include "polling/repair.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"

namespace emporia::app {

/// The filling of a gap that an outage left in a device's energy.
struct GapFill {
  model::DeviceId device;
  /// The stretch that lacked values, on the edges of hours.
  model::UtcSeconds from;
  model::UtcSeconds until;
  /// Its hours in all and those not asked for yet; done when these are none.
  unsigned hours = 0;
  unsigned hours_left = 0;
  /// Hours in which something is missing though they were asked for. They are asked for again, and given up after a day
  /// and more.
  unsigned hours_missing = 0;
  friend bool operator==(const GapFill&, const GapFill&) = default;
};

/// Decides what of the past is asked for once more: hours in which something is missing, and the newest day for
/// revisions. It makes at most one call in kEvery, which the planner leaves it. Belongs to the loop's thread.
class Upkeep {
 public:
  static constexpr std::chrono::minutes kEvery{10};

  Upkeep(ledger::UsageLedger& ledger, const model::Home& home, runtime::Now now);

  /// The next request of these devices; nothing when it is not time or nothing is to be asked. It is under way until
  /// done().
  std::optional<partner::FetchUsage> next(const std::vector<model::DeviceId>& devices, model::UtcSeconds horizon,
                                          runtime::Now now);
  /// The request was answered, and what came is booked; `ok` is false when it failed, and then it is asked again.
  void done(bool ok, runtime::Now now);
  /// A device's newest booked bucket moved on by more than it should: what is between is a gap.
  void jumped(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until);

  /// The device has gone: nothing of it is asked for any more, and no gap of it is told.
  void forget(const model::DeviceId& device) { watches_.erase(device); }

  runtime::SteadyTime next_deadline() const { return due_; }
  /// The gaps that are being filled.
  std::vector<GapFill> gaps() const;
  /// Gaps whose filling has ended since the last look.
  std::vector<GapFill> take_filled();

 private:
  struct Watch {
    /// Before this nothing is left to be asked for.
    model::UtcSeconds complete_until;
    runtime::SteadyTime reread_at;
    /// End of the day that an outage kept from being read again.
    std::optional<model::UtcSeconds> unread_until;
    std::optional<GapFill> gap;
  };
  polling::Lack look_at(const model::DeviceId& device, model::UtcSeconds horizon, model::UtcSeconds now);
  void follow(Watch& watch, const model::DeviceId& device, const std::vector<ledger::Hole>& holes,
              model::UtcSeconds looked_until);
  std::optional<polling::RepairWindow> missing(const std::vector<model::DeviceId>& devices, model::UtcSeconds horizon,
                                               model::UtcSeconds now);
  /// The day before an outage.
  std::optional<polling::RepairWindow> unread(model::UtcSeconds horizon) const;
  std::optional<polling::RepairWindow> revisions(const std::vector<model::DeviceId>& devices, model::UtcSeconds horizon,
                                                 runtime::Now now);

  ledger::UsageLedger& ledger_;
  /// For the names in the log.
  const model::Home& home_;
  runtime::SteadyTime due_;
  runtime::SteadyTime started_;
  std::map<model::DeviceId, Watch> watches_;
  /// Where the round of looking at a fleet goes on.
  std::size_t cursor_ = 0;
  struct UnderWay {
    polling::RepairWindow window;
    bool rereads = false;
    model::UtcSeconds horizon;
  };
  std::optional<UnderWay> under_way_;
  std::vector<GapFill> filled_;
  runtime::Episode not_noted_;
};

}  // namespace emporia::app
