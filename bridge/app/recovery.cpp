#include "app/recovery.hpp"

#include <algorithm>
#include <utility>

#include "app/utc.hpp"
#include "homeassistant/retained_state.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRoom = "ledger";
// Counters that could not be stored: the disk may have room again.
constexpr auto kStoreAgainAfter = 30s;

ledger::Counter counter_of(model::Channel channel, const homeassistant::RetainedCounter& told,
                           model::UtcSeconds until) {
  ledger::Counter counter;
  counter.positive = ledger::to_micro_wh(told.positive_wh);
  counter.negative = ledger::to_micro_wh(told.negative_wh);
  // What is shown of the balance is its net sum; see homeassistant::read_retained_state().
  if (channel == model::kBalance) {
    counter.shown_net = ledger::to_micro_wh(told.shown_positive_wh);
  } else {
    counter.shown_positive = ledger::to_micro_wh(told.shown_positive_wh);
    counter.shown_negative = ledger::to_micro_wh(told.shown_negative_wh);
  }
  counter.booked_from = counter.booked_until = until;
  return counter;
}

}  // namespace

Recovery::Recovery(mqtt::Session& session, Collector& collector, const ledger::UsageLedger& ledger,
                   const model::Home& home, mqtt::TopicTree topics, Whom whom)
    : session_(session),
      collector_(collector),
      ledger_(ledger),
      home_(home),
      topics_(std::move(topics)),
      whom_(whom),
      marker_(topics_.bridge("info")) {}

bool Recovery::waits(const model::DeviceId& device) const {
  return looked_up_.count(device) == 0 && (whom_ == Whom::all || ledger_.counters(device).empty());
}

std::vector<model::DeviceId> Recovery::take_settled() {
  return std::exchange(settled_, {});
}

void Recovery::on_link(bool up) {
  // What was asked of a link that is gone is not answered any more.
  if (!up) rest();
  look_ = true;
}

void Recovery::on_time(runtime::Now now) {
  if (!session_.up()) return;
  if (now.steady >= deadline_) overdue(now);
  if (stage_ == Stage::idle && look_ && deadline_ == runtime::kNever) look(now);
  if (stage_ == Stage::marking && session_.standing(marker_)) drain(now);
}

void Recovery::look(runtime::Now now) {
  look_ = false;
  const auto& devices = home_.devices();
  if (replayed_ &&
      std::none_of(devices.begin(), devices.end(), [this](const auto& known) { return waits(known.first); }))
    return;
  stage_ = Stage::marking;
  deadline_ = now.steady + patience();
}

void Recovery::drain(runtime::Now now) {
  stage_ = Stage::draining;
  deadline_ = now.steady + patience();
  session_.subscribe({{marker_}});
}

void Recovery::ask(runtime::Now now) {
  std::vector<mqtt::Subscription> subscriptions;
  for (const auto& [device, picture] : home_.devices()) {
    if (asked_.size() == kTogether) break;
    if (!waits(device) || unstored_.count(device) > 0) continue;
    const std::string topic = topics_.device(device.text(), "state");
    asked_.emplace(topic, device);
    subscriptions.push_back({topic});
  }
  if (asked_.empty()) {
    const bool once_more = !unstored_.empty();
    rest();
    if (once_more) deadline_ = now.steady + kStoreAgainAfter;
    return;
  }
  // The last one, so that its replay is the last one, too.
  subscriptions.push_back({marker_});
  stage_ = Stage::asking;
  deadline_ = now.steady + patience();
  session_.subscribe(subscriptions);
}

bool Recovery::on_received(const mqtt::Received& received, runtime::Now now) {
  const std::string& topic = received.message.topic;
  if (stage_ == Stage::idle || stage_ == Stage::marking || !received.retained) return false;
  if (topic == marker_) {
    if (marker_counts_) answered(now);
    return true;
  }
  const auto asked = asked_.find(topic);
  if (asked == asked_.end()) return false;
  if (waits(asked->second)) adopt(asked->second, received.message.payload, now);
  return true;
}

void Recovery::answered(runtime::Now now) {
  if (!std::exchange(replayed_, true)) tell_replayed_ = true;
  if (stage_ == Stage::asking) finish_batch();
  ask(now);
}

void Recovery::overdue(runtime::Now now) {
  deadline_ = runtime::kNever;
  if (stage_ == Stage::idle) {
    look_ = true;
    return;
  }
  marker_counts_ = false;
  replayed_ = true;
  if (stage_ == Stage::asking) {
    std::size_t unanswered = 0;
    for (const auto& [topic, device] : asked_) unanswered += waits(device) && unstored_.count(device) == 0 ? 1U : 0U;
    const char* meant = whom_ == Whom::all
                            ? ": their counters go on from this bridge's ledger alone, from zero where it "
                              "does not know them"
                            : " that the ledger does not know: their counters begin at zero";
    if (unanswered > 0) {
      runtime::log_warning(
          kRoom, runtime::concat("the broker has not said in time what stood there of ", unanswered, " devices", meant,
                                 "; check that it lets this user read ", topics_.base(), "/+/state and ", marker_));
    }
    finish_batch();
  }
  ask(now);
}

void Recovery::adopt(const model::DeviceId& device, const std::string& payload, runtime::Now now) {
  const model::DevicePicture* picture = home_.find(device);
  if (picture == nullptr) return settle(device);
  const auto state = homeassistant::read_retained_state(payload, picture->device);
  const bool known = !ledger_.counters(device).empty();
  if (!state && known) return settle(device);
  if (!state) {
    // Also what stands there of a device that never had data.
    runtime::log_info(kRoom, runtime::concat("what stands at the broker of ", device.text(),
                                             " tells no counters: they begin at zero"));
    return settle(device);
  }
  if (state->as_of > utc(now) + kMostAhead) {
    runtime::log_warning(kRoom, runtime::concat("what stands at the broker of ", device.text(), " claims to be as of ",
                                                runtime::iso8601(state->as_of), " and is not believed",
                                                known ? "" : ": its counters begin at zero"));
    return settle(device);
  }
  // Of what is older than the ledger reaches nothing can be read again, and its sums are right all the same.
  const model::UtcSeconds until = std::max(state->as_of, utc(now) - ledger::UsageLedger::kHoursKept);
  ledger::Counters counters;
  for (const auto& [channel, told] : state->counters) counters.emplace(channel, counter_of(channel, told, until));
  const bool stored = known ? collector_.show_at_least(device, counters, now) : collector_.adopt(device, counters, now);
  if (!stored) {
    unstored_.insert(device);
    return;
  }
  if (known) return settle(device);
  if (whom_ == Whom::all) {
    runtime::log_info(kRoom, runtime::concat(device.text(), " was counted by another bridge: its counters go on from ",
                                             "what stands at the broker as of ", runtime::iso8601(state->as_of)));
    return settle(device);
  }
  runtime::log_warning(kRoom, runtime::concat("the ledger knew nothing of ", device.text(),
                                              "; its counters go on from what stands at the broker as of ",
                                              runtime::iso8601(state->as_of)));
  settle(device);
}

void Recovery::settle(const model::DeviceId& device) {
  if (looked_up_.insert(device).second) settled_.push_back(device);
}

void Recovery::finish_batch() {
  std::vector<std::string> topics;
  for (const auto& [topic, device] : std::exchange(asked_, {})) {
    topics.push_back(topic);
    // Nothing came, so nothing stands there.
    if (unstored_.count(device) == 0) settle(device);
  }
  session_.unsubscribe(topics);
}

void Recovery::rest() {
  std::vector<std::string> topics{marker_};
  for (const auto& [topic, device] : asked_) topics.push_back(topic);
  if (stage_ != Stage::idle) session_.unsubscribe(topics);
  asked_.clear();
  unstored_.clear();
  stage_ = Stage::idle;
  marker_counts_ = true;
  deadline_ = runtime::kNever;
}

}  // namespace emporia::app
