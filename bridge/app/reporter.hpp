#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/collector.hpp"
#include "commands/command.hpp"
#include "json/value.hpp"
#include "mqtt/session.hpp"
#include "mqtt/topic_tree.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// Tells about the bridge itself: bridge/info, health, devices and event. Belongs to the loop's thread.
class Reporter {
 public:
  Reporter(mqtt::Session& session, const Collector& collector, const model::Home& home,
           const settings::Settings& settings, runtime::Now now);

  /// One change of the home as an event; those that are no events are passed over.
  void changed(const model::HomeChange& change, runtime::Now now);
  void command_failed(const commands::Result& result, runtime::Now now);
  void gap_filled(const GapFill& gap, runtime::Now now);
  /// Looks at the partner, the budget and the age of the data: events where something began or ended, and a fresh
  /// health when it is due.
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const { return health_at_; }
  /// Newest booked bucket's age over all connected devices, the oldest of them; nothing before the first booking.
  std::optional<std::chrono::seconds> data_lag(runtime::Now now) const;

 private:
  void event(const char* type, json::Object details, runtime::Now now);
  void watch_partner(runtime::Now now);
  void watch_budget(runtime::Now now);
  void watch_data(runtime::Now now);
  void publish_info(runtime::Now now);
  void publish_devices();
  void publish_health(runtime::Now now);

  mqtt::Session& session_;
  const Collector& collector_;
  const model::Home& home_;
  const settings::Settings& settings_;
  mqtt::TopicTree topics_;
  runtime::Now started_;
  runtime::SteadyTime health_at_;
  partner::PartnerState partner_state_ = partner::PartnerState::signing_in;
  bool partner_was_lost_ = false;
  bool budget_reached_ = false;
  unsigned calls_told_ = 0;
  bool devices_changed_ = true;
  std::map<model::DeviceId, bool> data_late_;
};

}  // namespace emporia::app
