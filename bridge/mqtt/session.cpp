#include "mqtt/session.hpp"

#include <algorithm>
#include <utility>

#include "mqtt/message.hpp"
#include "runtime/text.hpp"

namespace emporia::mqtt {
namespace {

constexpr auto kRoom = "mqtt";
constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::seconds kLongestPause{60};
constexpr std::chrono::seconds kFirstPauseWhenRefused{60};
constexpr std::chrono::seconds kLongestPauseWhenRefused{300};
/// What the broker refused once it will mostly refuse again: a missing right is given by a person. Rarely, because
/// mosquitto 2.0.11 ends the connection over a message that it refuses, and the will then says that the bridge is
/// offline.
constexpr std::chrono::minutes kFirstRetry{5};
constexpr std::chrono::hours kLongestRetry{6};

}  // namespace

Session::Session(Link& link, SessionOptions options)
    : link_(link),
      options_(std::move(options)),
      outbox_(options_.last_topics, options_.one_shots_kept),
      when_lost_(kFirstPause, kLongestPause, options_.seed),
      when_refused_(kFirstPauseWhenRefused, kLongestPauseWhenRefused, options_.seed),
      refused_messages_(kFirstRetry, kLongestRetry, options_.seed) {}

void Session::start(const runtime::Now&) {
  if (state_ == State::idle) connect();
}

void Session::connect() {
  state_ = State::connecting;
  deadline_ = runtime::kNever;
  link_.connect();
}

void Session::on_event(const LinkEvent& event, const runtime::Now& now) {
  if (state_ == State::stopped) return;
  if (const auto* up = std::get_if<LinkUp>(&event)) {
    came_up(*up, now);
  } else if (const auto* down = std::get_if<LinkDown>(&event)) {
    went_down(*down, now);
  } else if (const auto* delivered = std::get_if<Delivered>(&event)) {
    acknowledged(*delivered, now);
  }
}

void Session::came_up(const LinkUp& up, const runtime::Now& now) {
  if (state_ == State::stopping) return;
  state_ = State::up;
  deadline_ = runtime::kNever;
  up_since_ = now.steady;
  ++connects_;
  if (link_trouble_.lasts()) {
    link_trouble_.ended(kRoom, "connected again");
  } else {
    runtime::log_info(kRoom, "connected");
  }
  // Subscribed first: whoever reads that the bridge is there may send it a command at once.
  if (!subscriptions_.empty()) link_.subscribe(subscriptions_);
  outbox_.link_up(up.receive_maximum);
  pump();
}

void Session::went_down(const LinkDown& down, const runtime::Now& now) {
  outbox_.link_down();
  last_error_ = down.reason;
  if (state_ == State::stopping) return finish();
  if (state_ == State::up) {
    // A link that breaks soon after it came up is no success, and mosquitto does not say why it closes one.
    if (now.steady - up_since_ >= kLongestPause) {
      when_lost_.reset();
      when_refused_.reset();
    } else if (!down.refused) {
      last_error_ += "; it had hardly come up: if this goes on, another client may use the same [mqtt] client_id";
    }
  }
  state_ = State::waiting;
  deadline_ = now.steady + (down.refused ? when_refused_ : when_lost_).next();
  link_trouble_.failed(kRoom, last_error_);
}

void Session::acknowledged(const Delivered& delivered, const runtime::Now& now) {
  if (const auto topic = outbox_.delivered(delivered.ticket, delivered.ok)) {
    last_error_ = runtime::concat("a message for ", *topic, " was refused");
    // One line for all topics: the reason is mostly one and the same.
    refusals_.failed(kRoom,
                     "the broker refuses messages: check that it lets this user publish under every topic of the "
                     "bridge and takes their size, then start the bridge again; until then they are left out");
    if (retry_at_ == runtime::kNever) retry_at_ = now.steady + refused_messages_.next();
  }
  if (state_ == State::stopping && outbox_.closed()) {
    if (farewell_at_ == runtime::kNever) return finish();
    return say_farewell();
  }
  pump();
}

void Session::retry_refused(const runtime::Now& now) {
  if (outbox_.refused_topics() > 0) {
    outbox_.retry();
    retry_at_ = now.steady + refused_messages_.next();
  } else {
    retry_at_ = runtime::kNever;
    refused_messages_.reset();
    refusals_.ended(kRoom, "the broker refuses no message any more");
  }
  pump();
}

void Session::on_time(const runtime::Now& now) {
  if (state_ == State::up && now.steady >= retry_at_) retry_refused(now);
  if (now.steady >= farewell_at_) say_farewell();
  if (now.steady < deadline_) return;
  if (state_ == State::waiting) {
    connect();
  } else if (state_ == State::stopping) {
    runtime::log_warning(kRoom, "the broker did not acknowledge the farewell in time");
    finish();
  }
}

runtime::SteadyTime Session::next_deadline() const {
  return std::min({deadline_, retry_at_, farewell_at_});
}

void Session::pump() {
  if (state_ != State::up && state_ != State::stopping) return;
  for (const auto& [ticket, message] : outbox_.take_ready()) link_.send(ticket, message);
}

bool Session::legal(const std::string& topic) {
  if (legal_topic(topic)) return true;
  last_error_ = "a topic was left out: MQTT does not allow it";
  runtime::log_error(kRoom, runtime::concat("a topic is left out, MQTT does not allow it: ", topic));
  return false;
}

bool Session::publish_retained(const std::string& topic, const std::string& payload) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.retain = true;
  return publish(std::move(message));
}

bool Session::clear(const std::string& topic) {
  return publish_retained(topic, "");
}

bool Session::publish(Message message) {
  if (!legal(message.topic)) return false;
  outbox_.put(std::move(message));
  pump();
  return true;
}

void Session::subscribe(const std::vector<Subscription>& subscriptions) {
  for (const Subscription& wanted : subscriptions) {
    const auto known = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                    [&](const Subscription& other) { return other.filter == wanted.filter; });
    if (known == subscriptions_.end()) {
      subscriptions_.push_back(wanted);
    } else {
      *known = wanted;
    }
  }
  if (state_ == State::up && !subscriptions.empty()) link_.subscribe(subscriptions);
}

void Session::unsubscribe(const std::vector<std::string>& filters) {
  std::erase_if(subscriptions_, [&](const Subscription& known) {
    return std::find(filters.begin(), filters.end(), known.filter) != filters.end();
  });
  if (state_ == State::up && !filters.empty()) link_.unsubscribe(filters);
}

void Session::reassert() {
  outbox_.assert_all();
  pump();
}

void Session::reassert(const std::string& topic) {
  outbox_.assert_one(topic);
  pump();
}

SessionHealth Session::health() const {
  SessionHealth health;
  health.up = up();
  health.connects = connects_;
  health.messages = outbox_.counters();
  health.waiting = outbox_.waiting();
  health.retained = outbox_.retained_topics();
  health.refused_topics = outbox_.refused_topics();
  health.last_error = last_error_;
  return health;
}

void Session::stop(const runtime::Now& now) {
  if (state_ == State::stopping || state_ == State::stopped) return;
  if (state_ != State::up || options_.farewell.topic.empty()) return finish();
  state_ = State::stopping;
  deadline_ = now.steady + kFarewellLimit;
  farewell_at_ = now.steady + kLastWordsLimit;
  retry_at_ = runtime::kNever;
  outbox_.close();
  if (outbox_.closed()) return say_farewell();
  pump();
}

void Session::say_farewell() {
  farewell_at_ = runtime::kNever;
  outbox_.put_only(options_.farewell);
  pump();
}

void Session::finish() {
  state_ = State::stopped;
  deadline_ = runtime::kNever;
  retry_at_ = runtime::kNever;
  farewell_at_ = runtime::kNever;
  link_.disconnect();
}

}  // namespace emporia::mqtt
