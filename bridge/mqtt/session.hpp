#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/link.hpp"
#include "mqtt/outbox.hpp"
#include "runtime/backoff.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"

namespace emporia::mqtt {

struct SessionOptions {
  /// What the bridge says before it says goodbye. An empty topic: nothing.
  Message farewell;
  /// Retained topics that say that everything else is there, such as the bridge's `online`; see Retained.
  std::vector<std::string> last_topics;
  /// For the jitter of reconnecting.
  std::uint64_t seed = 1;
  /// One-shot messages kept while the broker does not take them; beyond it the oldest is dropped.
  std::size_t one_shots_kept = 1000;
};

/// What a session counts, for the bridge's health.
struct SessionHealth {
  bool up = false;
  std::uint64_t connects = 0;
  OutboxCounters messages;
  std::size_t waiting = 0;
  std::size_t retained = 0;
  /// Topics that the broker does not let us write to.
  std::size_t refused_topics = 0;
  /// The last failure in words, empty when there was none; holds no secret.
  std::string last_error;
};

/// The bridge's whole dealing with a broker over one Link: keeps it connected, says what should stand there and sends
/// what differs, paced. Belongs to the loop's thread; takes the time from outside. The link's events go to on_event(),
/// from the inbox and never from within a call of the link.
class Session {
 public:
  Session(Link& link, SessionOptions options);

  /// Starts the first attempt to connect.
  void start(const runtime::Now& now);
  /// Takes every event of the link. A Received is the caller's own to read.
  void on_event(const LinkEvent& event, const runtime::Now& now);
  void on_time(const runtime::Now& now);
  runtime::SteadyTime next_deadline() const;

  /// What should stand at the topic from now on; sent when it differs from what stands there, and again whenever the
  /// link comes up. The topic must be legal; an illegal one is refused with a log line and false.
  bool publish_retained(const std::string& topic, const std::string& payload);
  /// The topic shall be empty; forgotten once the broker has acknowledged that.
  bool clear(const std::string& topic);
  /// A one-shot message; a retained one is taken as publish_retained(). Waits while the link is down.
  bool publish(Message message);
  /// Remembered, and subscribed again whenever the link comes up. A known filter is replaced.
  void subscribe(const std::vector<Subscription>& subscriptions);
  void unsubscribe(const std::vector<std::string>& filters);
  /// Sends every retained message again, as when Home Assistant says that it was born.
  void reassert();
  /// Sends what should stand at this one topic again.
  void reassert(const std::string& topic);

  /// Nothing that should stand at the topic, or should no longer stand there, is still unacknowledged.
  /// False while the link is down: a broker may come back without its memory.
  bool standing(const std::string& topic) const { return up() && outbox_.standing(topic); }
  /// Nothing waits and nothing is unacknowledged.
  bool settled() const { return outbox_.waiting() == 0 && outbox_.in_flight() == 0; }
  bool up() const { return state_ == State::up; }
  SessionHealth health() const;

  /// Sends the one-shot messages that wait, such as results and responses, for kLastWordsLimit at most; then the
  /// farewell, ahead of everything retained that waits; then disconnects. stopped() within kFarewellLimit.
  void stop(const runtime::Now& now);
  bool stopped() const { return state_ == State::stopped; }

  static constexpr std::chrono::seconds kLastWordsLimit{1};
  static constexpr std::chrono::seconds kFarewellLimit{2};

 private:
  enum class State { idle, connecting, up, waiting, stopping, stopped };

  void connect();
  void came_up(const LinkUp& up, const runtime::Now& now);
  void went_down(const LinkDown& down, const runtime::Now& now);
  void acknowledged(const Delivered& delivered, const runtime::Now& now);
  void pump();
  void retry_refused(const runtime::Now& now);
  void say_farewell();
  void finish();
  bool legal(const std::string& topic);

  Link& link_;
  SessionOptions options_;
  Outbox outbox_;
  std::vector<Subscription> subscriptions_;
  State state_ = State::idle;
  runtime::SteadyTime up_since_;
  /// The next attempt while waiting, the end of patience while stopping.
  runtime::SteadyTime deadline_ = runtime::kNever;
  /// While stopping, when the farewell is said though something else still waits.
  runtime::SteadyTime farewell_at_ = runtime::kNever;
  /// When messages that the broker refused are offered again; only while the link is up.
  runtime::SteadyTime retry_at_ = runtime::kNever;
  runtime::Backoff when_lost_;
  runtime::Backoff when_refused_;
  runtime::Backoff refused_messages_;
  runtime::Episode link_trouble_;
  runtime::Episode refusals_;
  std::uint64_t connects_ = 0;
  std::string last_error_;
};

}  // namespace emporia::mqtt
