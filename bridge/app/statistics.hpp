#pragma once

#include <optional>
#include <string>

#include "app/statistics_source.hpp"
#include "json/value.hpp"
#include "recorder/conversation.hpp"
#include "runtime/log.hpp"
#include "statistics/schedule.hpp"

namespace emporia::app {

/// Brings finished hours to Home Assistant's long-term statistics: connects when some are due, delivers, and closes.
/// What could not be delivered stays due. Belongs to the loop's thread; all that is handed in outlives it.
class Statistics {
 public:
  Statistics(recorder::Socket& socket, ledger::HourBook& book, const model::Home& home,
             const settings::Settings& settings, runtime::Now now);

  void on_event(const recorder::SocketEvent& event, runtime::Now now) { conversation_.on_event(event, now); }
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const { return look_at_; }
  void stop() { conversation_.close(); }

  /// Delivering has begun to fail, and why; or, with an empty text, works again.
  std::optional<std::string> take_news();
  /// For bridge/health.
  json::Value health() const;

 private:
  bool under_way() const;
  bool caught_up(runtime::Now now) const;
  void begin(runtime::Now now);
  void advance(runtime::Now now);
  void hear(runtime::Now now);
  void fail(const std::string& why, runtime::Now now);
  void succeed(runtime::Now now);

  ledger::HourBook& book_;
  const model::Home& home_;
  StatisticsSource source_;
  recorder::Conversation conversation_;
  statistics::Schedule schedule_;
  std::vector<statistics::Due> due_;
  std::optional<statistics::Delivery> delivery_;
  runtime::SteadyTime look_at_{};
  runtime::Episode episode_;
  std::optional<std::string> news_;
  std::string last_error_;
  std::optional<runtime::SystemTime> last_delivered_;
};

}  // namespace emporia::app
