#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/collector.hpp"
#include "app/commander.hpp"
#include "app/event.hpp"
#include "app/exit_code.hpp"
#include "app/own_devices.hpp"
#include "app/publisher.hpp"
#include "app/recovery.hpp"
#include "app/reporter.hpp"
#include "app/requests.hpp"
#include "app/statistics.hpp"
#include "app/turn.hpp"
#include "app/vitals.hpp"
#include "model/home.hpp"
#include "mqtt/session.hpp"
#include "settings/reload.hpp"

namespace emporia::app {

class Lease;

/// What the bridge needs of the world; all outlive it.
struct Parts {
  partner::Gateway& gateway;
  partner::CallJournal& journal;
  mqtt::Link& link;
  ledger::UsageLedger& ledger;
  commands::DraftStore& drafts;
  /// Where a damaged ledger was put at the start; empty when there was none.
  std::string ledger_set_aside = {};
  /// Told what happens, for metrics and health over HTTP; nullptr: nobody is.
  Vitals* vitals = nullptr;
  /// Begins a closer look at the service's certificate, which may end in a DistrustExplained; empty: there is none.
  std::function<void()> look_at_service = {};
  /// The way to Home Assistant's statistics, and the hours that go there; nullptr: none go.
  recorder::Socket* recorder = nullptr;
  ledger::HourBook* hours = nullptr;
  /// Of one of several that stand by for each other: by what it works; nullptr otherwise.
  const Lease* lease = nullptr;
};

/// The bridge without its surroundings: events and time in, calls and messages out. It owns the rooms and routes
/// between them, nothing else. Belongs to the loop's thread; takes the time from outside, so that a simulated day costs
/// milliseconds.
class Bridge {
 public:
  Bridge(Parts parts, const settings::Settings& settings, runtime::Now now);

  void handle(Event event, runtime::Now now);
  /// To be called after every batch of events and whenever next_deadline() has come.
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const;
  /// How long the turn that has just ended took, for the health.
  void turned(const Turn& turn) { reporter_.turned(turn); }
  /// The service has answered, or failed to, and the broker has taken everything up to the bridge's `online`, which
  /// says that the rest is there.
  bool settled() const;
  /// See app::status_line().
  std::string status_line(runtime::Now now) const;
  /// It has been told to stop, or has a reason of its own.
  bool stopping() const { return exit_code_.has_value(); }
  /// The configuration was read again: takes over what may change while the bridge runs, and says what that was.
  settings::Differences reconfigure(const settings::Settings& fresh, runtime::Now now);
  /// How the program ends; nothing while it goes on.
  std::optional<ExitCode> finished() const;

 private:
  void on_link_event(const mqtt::LinkEvent& event, runtime::Now now);
  void spread(runtime::Now now);
  void tell_results(runtime::Now now);
  void look_at_statistics(runtime::Now now);
  /// A password that was never right will not become right: a person has to act.
  void give_up_when_refused(runtime::Now now);
  /// Once an episode, and seldom: it is a connection more to a service that has none to spare.
  void look_closer(runtime::Now now);
  void stop(ExitCode code, runtime::Now now);

  /// What the rooms below look at; changes in reconfigure() alone.
  settings::Settings settings_;
  mqtt::TopicTree topics_;
  OwnDevices own_;
  model::Home home_;
  mqtt::Session session_;
  Collector collector_;
  Recovery recovery_;
  Commander commander_;
  Publisher publisher_;
  std::optional<Statistics> statistics_;
  Reporter reporter_;
  Requests requests_;
  Vitals* vitals_;
  std::function<void()> look_at_service_;
  bool looked_ = false;
  runtime::SteadyTime look_not_before_{};
  unsigned inventories_seen_ = 0;
  runtime::SteadyTime give_up_at_ = runtime::kNever;
  std::optional<ExitCode> exit_code_;
};

}  // namespace emporia::app
