#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/power.hpp"
#include "app/upkeep.hpp"
#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "partner/client.hpp"
#include "polling/planner.hpp"
#include "runtime/log.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// What asking the service brought since the last look.
struct Findings {
  std::vector<model::HomeChange> changes;
  /// Newly booked energy, already committed.
  std::vector<ledger::BookedSpan> booked;
  /// Of requests made by command(); what they read is in the home already.
  std::vector<partner::Outcome> command_outcomes;
  /// Gaps after an outage whose filling has ended.
  std::vector<GapFill> gaps_filled;
};

/// Whether what is shown of a device stands at the broker.
using Shown = std::function<bool(const model::DeviceId&)>;

/// The way in: asks the service by plan, books what has settled, folds what is read into the home. Belongs to the
/// loop's thread.
class Collector {
 public:
  Collector(partner::Gateway& gateway, partner::CallJournal& journal, ledger::UsageLedger& ledger, model::Home& home,
            const settings::Settings& settings, Shown shown, runtime::Now now);

  void on_reply(partner::Reply reply, runtime::Now now);
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const;
  Findings take_findings();
  /// Makes a call for a command, ahead of every poll; its outcome is among the findings.
  partner::RequestId command(partner::Request request, runtime::Now now);
  /// As partner::Client::withdraw().
  bool withdraw(partner::RequestId id) { return client_.withdraw(id); }
  const std::vector<std::string>& customers() const { return settings_.partner.customers; }
  /// Asks everything again now, within the budget.
  void refresh(runtime::Now now) { planner_.refresh(now); }

  const partner::Client& client() const { return client_; }
  const polling::Planner& planner() const { return planner_; }
  /// Inventories read since the start.
  unsigned inventories() const { return inventories_; }
  /// Devices of the account that the configuration leaves out, as of the last inventory.
  const std::vector<model::DeviceId>& left_out() const { return left_out_; }
  /// Why energy cannot be stored at the moment; empty when it can.
  const std::string& ledger_trouble() const { return ledger_trouble_; }
  /// Gaps after an outage that are being filled.
  std::vector<GapFill> gaps() const { return upkeep_.gaps(); }

 private:
  struct Round {
    unsigned requests = 0;
    bool failed = false;
  };

  void ask(const polling::Poll& poll, runtime::Now now);
  void ask_usage(const polling::Poll& poll, runtime::Now now);
  void ask_inventory(runtime::Now now);
  void submit(polling::PollKind kind, partner::Request request, partner::Priority priority, runtime::Now now);
  void ask_upkeep(runtime::Now now);
  void take(partner::Outcome outcome, runtime::Now now);
  void take_upkeep(partner::Outcome outcome, runtime::Now now);
  void take_answer(partner::Answer answer, runtime::Now now);
  void take_inventory(partner::Inventory inventory, runtime::Now now);
  void take_usage(partner::Usage usage, runtime::Now now);
  void apply(const model::Observation& observation);
  void show_counters(const model::DeviceId& device);

  ledger::UsageLedger& ledger_;
  model::Home& home_;
  const settings::Settings& settings_;
  partner::Client client_;
  polling::Planner planner_;
  Upkeep upkeep_;
  NewestPower power_;
  Findings findings_;

  std::map<partner::RequestId, polling::PollKind> asked_;
  std::array<Round, polling::kPollKinds> rounds_{};
  /// What upkeep has asked, and whether some of it has failed.
  std::optional<partner::RequestId> upkeep_asked_;
  bool upkeep_failed_ = false;
  Shown shown_;
  /// A round of usage that has not begun: of some it is about the starting value does not stand at the broker yet.
  std::optional<polling::Poll> waiting_usage_;
  /// Until when it waits for all of them rather than begin with some.
  runtime::SteadyTime wait_for_all_until_;
  runtime::SteadyTime last_turn_;
  runtime::SteadyTime late_asked_at_;
  unsigned inventories_ = 0;
  std::vector<model::DeviceId> left_out_;
  runtime::Episode ledger_episode_;
  std::string ledger_trouble_;
};

}  // namespace emporia::app
