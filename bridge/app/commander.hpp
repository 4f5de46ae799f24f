#pragma once

#include <map>
#include <vector>

#include "app/collector.hpp"
#include "app/own_devices.hpp"
#include "commands/queue.hpp"
#include "mqtt/session.hpp"
#include "mqtt/topic_tree.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Joins the command queue to the broker on one side and to the service on the other. Belongs to the loop's thread.
class Commander {
 public:
  Commander(mqtt::Session& session, Collector& collector, const model::Home& home, commands::DraftStore& drafts,
            const settings::Settings& settings, const OwnDevices& own);

  /// True when the message was on a command topic. One for a device of another bridge is left to that one.
  bool on_received(const mqtt::Received& received, runtime::Now now);
  void on_change(const model::HomeChange& change);
  /// What became of a call made for a command.
  void on_outcome(const partner::Outcome& outcome, runtime::Now now);
  /// Makes the calls that are due. True when there were any.
  bool on_time(runtime::Now now);
  /// Ends what is under way; take_results() tells how.
  void stop(runtime::Now now) { queue_.stop(now); }
  /// Other options for commands that arrive from now on.
  void reconfigure(const settings::Commands& settings);
  runtime::SteadyTime next_deadline() const { return queue_.next_deadline(); }
  /// Published to the device and to who asked; handed on for bridge/event and for what is shown.
  std::vector<commands::Result> take_results();

  /// What is set for battery modes that are not chosen.
  commands::KeptSettings drafts(const model::DeviceId& device) { return queue_.drafts(device); }

 private:
  void make(const commands::Call& call, runtime::Now now);
  void publish(const commands::Result& result);

  mqtt::Session& session_;
  Collector& collector_;
  const model::Home& home_;
  mqtt::TopicTree topics_;
  const OwnDevices& own_;
  commands::Queue queue_;
  std::map<partner::RequestId, commands::CallId> asked_;
};

}  // namespace emporia::app
