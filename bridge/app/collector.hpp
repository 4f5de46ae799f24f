#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/groups.hpp"
#include "app/own_devices.hpp"
#include "app/periods.hpp"
#include "app/power.hpp"
#include "app/upkeep.hpp"
#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "partner/client.hpp"
#include "polling/planner.hpp"
#include "polling/window.hpp"
#include "runtime/log.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// What asking the service brought since the last look.
struct Findings {
  /// At most Collector::kChangesInATurn; the others come with the next looks, in their order.
  std::vector<model::HomeChange> changes;
  /// Newly booked energy, already committed.
  std::vector<ledger::BookedSpan> booked;
  /// Of requests made by command(); what they read is in the home already.
  std::vector<partner::Outcome> command_outcomes;
  /// Of requests made by inquire(), unread.
  std::vector<partner::Outcome> inquiry_outcomes;
  /// Gaps after an outage whose filling has ended.
  std::vector<GapFill> gaps_filled;
};

/// Whether what is shown of a device stands at the broker.
using Shown = std::function<bool(const model::DeviceId&)>;

// Long because every way of asking, and what is worked off between two turns, is the state of one object.

/// The way in: asks the service by plan, books what has settled, folds what is read into the home. What a reply brings
/// of a fleet is worked off a part in each turn, so that no turn of the loop is long. Belongs to the loop's thread.
class Collector {
 public:
  static constexpr std::size_t kChangesInATurn = 200;

  Collector(partner::Gateway& gateway, partner::CallJournal& journal, ledger::UsageLedger& ledger, model::Home& home,
            const settings::Settings& settings, const OwnDevices& own, Shown shown, runtime::Now now);

  /// See partner::Client::explain_distrust().
  void explain_distrust(const std::string& why) { client_.explain_distrust(why); }
  void on_reply(partner::Reply reply, runtime::Now now);
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const;
  Findings take_findings();
  /// Makes a call for a command, ahead of every poll; its outcome is among the findings.
  partner::RequestId command(partner::Request request, runtime::Now now);
  /// Makes a call for somebody who asked about the past, like a poll but without a trace: its outcome is among the
  /// findings and is neither booked nor shown.
  partner::RequestId inquire(partner::Request request, runtime::Now now);
  /// As partner::Client::withdraw().
  bool withdraw(partner::RequestId id);
  const std::vector<std::string>& customers() const { return settings_.partner.customers; }
  /// Asks everything again now, within the budget.
  void refresh(runtime::Now now) { planner_.refresh(now); }

  /// As ledger::UsageLedger::adopt(); the home then shows the device's counters.
  bool adopt(const model::DeviceId& device, const ledger::Counters& last, runtime::Now now);
  /// As ledger::UsageLedger::show_at_least(); the home then shows the device's counters.
  bool show_at_least(const model::DeviceId& device, const ledger::Counters& last, runtime::Now now);
  /// The settings are others now; `other_devices`: the list of devices has to be read again for them.
  void reconfigure(bool other_devices, runtime::Now now);

  const partner::Client& client() const { return client_; }
  const polling::Planner& planner() const { return planner_; }
  /// Inventories read since the start.
  unsigned inventories() const { return inventories_; }
  /// Devices of the account that the configuration leaves out, as of the last inventory.
  const std::vector<model::DeviceId>& left_out() const { return left_out_; }
  const OwnDevices& own() const { return own_; }
  /// Devices of the account that are those of the other bridges which share it, as of the last inventory.
  std::size_t elsewhere() const { return elsewhere_; }
  /// What the last inventory means for the device's counters has not been worked off yet: what the home tells of them
  /// is of before.
  bool owes_counters(const model::DeviceId& device) const { return counters_due_.count(device) > 0; }
  /// There are findings that nobody has taken, or that are still to be made of replies that have come.
  bool busy() const { return !changes_.empty() || !counters_due_.empty() || !replies_.empty(); }
  /// Why energy, or anything else, cannot be stored at the moment; empty when it can.
  std::string ledger_trouble() const {
    if (!ledger_trouble_.empty()) return ledger_trouble_;
    return ledger_.trouble().empty() ? client_.budget().journal_trouble() : ledger_.trouble();
  }
  /// Gaps after an outage that are being filled.
  std::vector<GapFill> gaps() const { return upkeep_.gaps(); }

 private:
  struct Round {
    unsigned requests = 0;
    bool failed = false;
  };
  /// A round of usage that has not been asked: its devices are looked through, and once more while of some of them the
  /// starting value does not stand at the broker yet.
  struct UsageRound {
    std::vector<model::DeviceId> devices;
    std::size_t looked = 0;
    /// Of those looked at that can be asked about.
    std::vector<polling::UsageState> states;
    /// The last device for whose state it waits, because they are shown in their order; empty when it is another
    /// reason.
    model::DeviceId unshown;

    bool is_through() const { return looked == devices.size(); }
  };

  void ask(polling::Poll poll, runtime::Now now);
  /// Goes on with the round of usage that has begun, and asks when it is through.
  void ask_usage(runtime::Now now);
  void look_through(UsageRound& round);
  /// What kept the usage poll waiting still does: a fleet is not looked through at each acknowledgement.
  bool waits_for_broker(const UsageRound& round, runtime::Now now) const;
  void ask_inventory(runtime::Now now);
  void submit(polling::PollKind kind, partner::Request request, partner::Priority priority, runtime::Now now);
  void ask_upkeep(runtime::Now now);
  void receive(partner::Outcome outcome, runtime::Now now);
  void work_off(runtime::Now now);
  void take(partner::Outcome outcome, runtime::Now now);
  void take_upkeep(partner::Outcome outcome, runtime::Now now);
  void end_refusals(polling::PollKind kind, const partner::Request& request);
  void take_answer(partner::Answer answer, runtime::Now now);
  void take_inventory(partner::Inventory inventory, runtime::Now now);
  void take_usage(partner::Usage usage, runtime::Now now);
  void apply(model::Observation observation);
  void found(model::HomeChange change);
  /// Something of the device has changed that nobody has taken to show yet.
  bool is_found(const model::DeviceId& device) const;
  void show_counters(const model::DeviceId& device, runtime::Now now);

  ledger::UsageLedger& ledger_;
  model::Home& home_;
  const settings::Settings& settings_;
  const OwnDevices& own_;
  partner::Client client_;
  polling::Planner planner_;
  Upkeep upkeep_;
  NewestPower power_;
  GroupDevices groups_;
  Periods periods_;
  Findings findings_;
  /// Changes that have not been taken, and how many there are of each device.
  std::deque<model::HomeChange> changes_;
  std::map<model::DeviceId, unsigned> changed_;
  /// Usage that has come and is not booked, or only in part; what concerns the same polls waits behind it.
  std::deque<partner::Outcome> replies_;
  /// Devices whose counters are to be shown.
  std::set<model::DeviceId> counters_due_;

  std::map<partner::RequestId, polling::PollKind> asked_;
  std::set<partner::RequestId> inquiries_;
  std::array<Round, polling::kPollKinds> rounds_{};
  /// What upkeep has asked, and whether some of it has failed.
  std::optional<partner::RequestId> upkeep_asked_;
  bool upkeep_failed_ = false;
  Shown shown_;
  std::optional<UsageRound> usage_round_;
  /// Until when it waits for all of them rather than begin with some.
  runtime::SteadyTime wait_for_all_until_;
  runtime::SteadyTime last_turn_;
  runtime::SteadyTime late_asked_at_;
  unsigned inventories_ = 0;
  std::vector<model::DeviceId> left_out_;
  std::size_t elsewhere_ = 0;
  runtime::Episode ledger_episode_;
  /// Polls, and single devices, of which the service will not tell.
  std::array<runtime::Episode, polling::kPollKinds> refusals_;
  std::map<model::DeviceId, runtime::Episode> refused_devices_;
  std::string ledger_trouble_;
};

}  // namespace emporia::app
