#pragma once

#include <optional>

#include "app/collector.hpp"
#include "app/commander.hpp"
#include "app/event.hpp"
#include "app/exit_code.hpp"
#include "app/publisher.hpp"
#include "app/reporter.hpp"
#include "model/home.hpp"
#include "mqtt/session.hpp"

namespace emporia::app {

/// What the bridge needs of the world; all outlive it.
struct Parts {
  partner::Gateway& gateway;
  partner::CallJournal& journal;
  mqtt::Link& link;
  ledger::UsageLedger& ledger;
  commands::DraftStore& drafts;
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
  /// How the program ends; nothing while it goes on.
  std::optional<ExitCode> finished() const;

 private:
  void on_link_event(const mqtt::LinkEvent& event, runtime::Now now);
  void on_request(const mqtt::Received& received, runtime::Now now);
  void spread(runtime::Now now);
  void tell_results(runtime::Now now);
  /// A password that was never right will not become right: a person has to act.
  void give_up_when_refused(runtime::Now now);
  void stop(ExitCode code, runtime::Now now);

  mqtt::TopicTree topics_;
  model::Home home_;
  mqtt::Session session_;
  Collector collector_;
  Commander commander_;
  Publisher publisher_;
  Reporter reporter_;
  unsigned inventories_seen_ = 0;
  runtime::SteadyTime give_up_at_ = runtime::kNever;
  std::optional<ExitCode> exit_code_;
};

}  // namespace emporia::app
