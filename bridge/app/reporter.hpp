#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "app/collector.hpp"
#include "app/statistics.hpp"
#include "app/turn.hpp"
#include "commands/command.hpp"
#include "json/value.hpp"
#include "mqtt/session.hpp"
#include "mqtt/topic_tree.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

class Lease;

/// Tells about the bridge itself: bridge/info, health, devices and event. Belongs to the loop's thread.
class Reporter {
 public:
  /// `ledger_set_aside` as in Parts.
  Reporter(mqtt::Session& session, const Collector& collector, const model::Home& home,
           const settings::Settings& settings, std::string ledger_set_aside, runtime::Now now);

  /// One change of the home as an event; those that are no events are passed over.
  void changed(const model::HomeChange& change, runtime::Now now);
  /// The settings are others now: bridge/info tells them.
  void reconfigure(runtime::Now now);
  void command_failed(const commands::Result& result, runtime::Now now);
  void gap_filled(const GapFill& gap, runtime::Now now);
  /// Its state is part of the health from here on; it outlives this.
  void tell_of(const Statistics& statistics) { statistics_ = &statistics; }
  void tell_of(const Lease& lease) { lease_ = &lease; }
  /// Delivering hours to Home Assistant has begun to fail, or with an empty text works again.
  void statistics_turned(const std::string& error, runtime::Now now);
  /// Keeps the longest turn of the loop since the start, for the health.
  void turned(const Turn& turn) { longest_turn_ = longest(longest_turn_, turn); }
  /// Looks at the partner, the budget and the age of the data: events where something began or ended, and a fresh
  /// health when it is due.
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const { return unlisted_.empty() ? health_at_ : runtime::SteadyTime{}; }
  /// The content of bridge/devices, as text because a fleet's list has megabytes, and of bridge/health as of now.
  std::string devices() const;
  json::Value health(runtime::Now now) const;
  /// Newest booked bucket's age over all connected devices, the oldest of them; nothing before the first booking.
  std::optional<std::chrono::seconds> data_lag(runtime::Now now) const;

 private:
  struct Listed {
    std::string text;
    std::uint64_t fingerprint = 0;
  };
  void event(const char* type, json::Object details, runtime::Now now);
  void watch_partner(runtime::Now now);
  void watch_budget(runtime::Now now);
  void watch_data(runtime::Now now);
  void tell_devices() const;
  void publish_info();
  void list_changed();

  mqtt::Session& session_;
  const Collector& collector_;
  const model::Home& home_;
  const settings::Settings& settings_;
  std::string ledger_set_aside_;
  const Statistics* statistics_ = nullptr;
  const Lease* lease_ = nullptr;
  mqtt::TopicTree topics_;
  runtime::Now started_;
  runtime::SteadyTime health_at_;
  partner::PartnerState partner_state_ = partner::PartnerState::signing_in;
  bool partner_was_lost_ = false;
  std::string partner_error_told_;
  bool budget_reached_ = false;
  /// When the budget has not been reached for long enough to be said again.
  runtime::SteadyTime budget_over_at_;
  unsigned calls_told_ = 0;
  /// Each device as bridge/devices lists it, those of which that may be out of date, and whether the list has changed
  /// since it was published.
  std::map<model::DeviceId, Listed> listed_;
  std::set<model::DeviceId> unlisted_;
  bool devices_changed_ = true;
  bool devices_told_ = false;
  std::set<model::DeviceId> data_late_;
  Turn longest_turn_;
};

}  // namespace emporia::app
