#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/collector.hpp"
#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "mqtt/session.hpp"
#include "mqtt/topic_tree.hpp"
#include "runtime/clock.hpp"

namespace emporia::app {

/// Lets the counters of a device that the ledger does not know, because its file was lost or set aside, go on from the
/// state that an earlier run left at the broker. Where another bridge may have counted the device since, one that the
/// ledger knows is looked up as well, once a run: what was shown by then is the least that is shown of it. Until it is
/// clear what stands there the device waits: nothing of it is published, which would write over that state, and
/// therefore nothing is booked either (see Shown). A device that the ledger knows neither waits nor costs a message.
///
/// The states are asked for one by one and a few at a time, since brokers drop replays for which their queue has no
/// room (mosquitto holds 1000). Brokers send in order: each time a topic of the bridge's own, known to stand, is asked
/// for last, and when its replay comes, all that was asked for before has come. It is asked for once alone first, so
/// that the replays of other subscriptions have left the queue; at the start it is asked for in any case, to know when
/// these are over. Belongs to the loop's thread.
class Recovery {
 public:
  /// Devices asked for at a time.
  static constexpr std::size_t kTogether = 50;
  /// How long after the link came up, or after the last answer, a broker may keep a device waiting.
  static constexpr std::chrono::seconds kPatience{5};
  /// The same where devices change hands as a matter of course: what stands there is nearly always there to be heard.
  static constexpr std::chrono::minutes kPatienceWithAll{5};
  /// A state whose end lies this far ahead of our clock is no measurement; less than that is a clock that was not set.
  static constexpr std::chrono::hours kMostAhead{24};

  /// Which devices are looked up.
  enum class Whom { unknown_ones, all };

  /// All outlive it.
  Recovery(mqtt::Session& session, Collector& collector, const ledger::UsageLedger& ledger, const model::Home& home,
           mqtt::TopicTree topics, Whom whom);

  /// Whether it is still open from where the device's counters go on.
  bool waits(const model::DeviceId& device) const;
  /// There may be devices that were not there before.
  void home_changed() { look_ = true; }
  void on_link(bool up);
  /// True when the message was an answer to what is asked here.
  bool on_received(const mqtt::Received& received, runtime::Now now);
  void on_time(runtime::Now now);
  runtime::SteadyTime next_deadline() const { return deadline_; }
  /// Devices that have ceased to wait since the last look.
  std::vector<model::DeviceId> take_settled();
  /// True once: all that the first subscriptions of this run had the broker replay has come.
  bool take_replayed() { return std::exchange(tell_replayed_, false); }

 private:
  enum class Stage {
    idle,
    /// Waits for the own topic to stand at the broker, so that there is something to replay.
    marking,
    /// The own topic is asked for alone.
    draining,
    asking
  };

  std::chrono::seconds patience() const { return whom_ == Whom::all ? kPatienceWithAll : kPatience; }
  void look(runtime::Now now);
  void drain(runtime::Now now);
  void ask(runtime::Now now);
  void answered(runtime::Now now);
  void overdue(runtime::Now now);
  void finish_batch();
  void rest();
  void adopt(const model::DeviceId& device, const std::string& payload, runtime::Now now);
  void settle(const model::DeviceId& device);

  mqtt::Session& session_;
  Collector& collector_;
  const ledger::UsageLedger& ledger_;
  const model::Home& home_;
  mqtt::TopicTree topics_;
  Whom whom_;
  std::string marker_;
  Stage stage_ = Stage::idle;
  bool look_ = false;
  /// The replays of the first subscriptions have come, or were waited for in vain.
  bool replayed_ = false;
  bool tell_replayed_ = false;
  /// False when the marker did not come in time: it may come for an earlier question.
  bool marker_counts_ = true;
  runtime::SteadyTime deadline_ = runtime::kNever;
  /// Devices whose states are asked for, by topic.
  std::map<std::string, model::DeviceId> asked_;
  /// Devices that need not be asked for in this run any more.
  std::set<model::DeviceId> looked_up_;
  /// Devices whose counters were found and could not be stored; they go on waiting.
  std::set<model::DeviceId> unstored_;
  std::vector<model::DeviceId> settled_;
};

}  // namespace emporia::app
