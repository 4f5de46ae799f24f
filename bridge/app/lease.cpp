// Long because the rules of a lease only make sense together.
#include "app/lease.hpp"

#include <algorithm>
#include <utility>

#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr const char* kRoom = "lease";
// How long the broker may take to say what was retained.
constexpr auto kHearOut = 1s;
constexpr auto kCallsKept = 3700s;
// By how much two machines' clocks are taken to differ at most, where nothing but clocks tells the age of a call.
constexpr auto kClocksDiffer = 5min;
constexpr nanoseconds kNever = nanoseconds::max();
constexpr const char* kWorking = "working";
constexpr const char* kStandingBy = "standing_by";
// Anybody who may write there may claim to be one.
constexpr std::size_t kMostOthers = 100;
constexpr json::Limits kLimits{std::size_t{512} * 1024, 6};

/// A clock may run a little faster than another one.
nanoseconds usable(std::chrono::seconds length) {
  return nanoseconds(length) * 19 / 20;
}

std::int64_t milliseconds(runtime::SystemTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

struct Lease::Told {
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
  std::string holder;
  std::string run;
  bool released = false;
  std::int64_t at_ms = 0;
  /// When, by the clock of who made it, and its age when this was said.
  std::vector<std::pair<std::int64_t, std::chrono::milliseconds>> calls;
};

std::optional<Lease::Told> Lease::read(const std::string& payload) {
  const auto parsed = json::parse(payload, kLimits);
  if (!parsed) return std::nullopt;
  const json::Value& value = parsed.value();
  const auto whole = [](const json::Value* part) { return part == nullptr ? nullptr : part->as_integer(); };
  const auto text = [&value](const char* key) {
    const json::Value* part = value.find(key);
    return part == nullptr ? nullptr : part->as_string();
  };
  const std::int64_t* epoch = whole(value.find("epoch"));
  const std::int64_t* number = whole(value.find("number"));
  const std::int64_t* at_ms = whole(value.find("at_ms"));
  const json::Value* released = value.find("released");
  const json::Value* calls = value.find("calls");
  if (epoch == nullptr || number == nullptr || at_ms == nullptr || *epoch < 1 || *number < 1) return std::nullopt;
  if (text("holder") == nullptr || text("run") == nullptr || released == nullptr || released->as_bool() == nullptr ||
      calls == nullptr || calls->as_array() == nullptr) {
    return std::nullopt;
  }
  Told told{static_cast<std::uint64_t>(*epoch),
            static_cast<std::uint64_t>(*number),
            *text("holder"),
            *text("run"),
            *released->as_bool(),
            *at_ms,
            {}};
  for (const json::Value& call : *calls->as_array()) {
    const json::Array* pair = call.as_array();
    const bool is_pair = pair != nullptr && pair->size() == 2 && whole(pair->data()) != nullptr &&
                         whole(&(*pair)[1]) != nullptr && *whole(&(*pair)[1]) >= 0;
    if (!is_pair) return std::nullopt;
    const std::chrono::milliseconds age{*whole(&(*pair)[1])};
    if (age <= kCallsKept) told.calls.emplace_back(*whole(pair->data()), age);
  }
  return told;
}

Lease::Lease(mqtt::Link& link, Options options, LeaseTime time)
    : link_(link),
      options_(std::move(options)),
      reconnect_(500ms, 5s, options_.seed),
      last_(time),
      connect_at_(kNever) {
  link_.connect();
}

void Lease::on_event(const mqtt::LinkEvent& event, LeaseTime time) {
  last_ = time;
  if (std::holds_alternative<mqtt::LinkUp>(event)) {
    came_up(time);
  } else if (const auto* down = std::get_if<mqtt::LinkDown>(&event)) {
    went_down(*down, time);
  } else if (const auto* message = std::get_if<mqtt::Received>(&event)) {
    received(*message, time);
  } else if (std::get<mqtt::Delivered>(event).ticket == release_ticket_ && releasing_) {
    released_ = true;
  }
}

void Lease::came_up(LeaseTime time) {
  linked_ = true;
  link_trouble_.ended(kRoom, "connected");
  heard_out_ = false;
  heard_out_at_ = time.up + kHearOut;
  // Who was silent while we were deaf is not known.
  heard_at_ = time.up;
  connect_at_ = kNever;
  reconnect_.reset();
  others_.clear();
  link_.subscribe({{options_.topic}, {options_.presences}});
  say_presence(state_ == State::holding ? kWorking : kStandingBy);
}

void Lease::went_down(const mqtt::LinkDown& down, LeaseTime time) {
  linked_ = false;
  link_trouble_.failed(kRoom, "not connected: " + down.reason);
  connect_at_ = time.up + reconnect_.next();
  if (releasing_) released_ = true;
  if (state_ == State::claiming) step_down("the link to the broker is lost", time);
}

void Lease::received(const mqtt::Received& received, LeaseTime time) {
  const std::string& topic = received.message.topic;
  if (topic != options_.topic) {
    if (topic == options_.presence_topic) return;
    const std::string& word = received.message.payload;
    if (word != kWorking && word != kStandingBy) {
      others_.erase(topic);
    } else if (others_.size() < kMostOthers || others_.count(topic) > 0) {
      others_[topic] = word;
    }
    return;
  }
  if (received.retained) heard_out_ = true;
  const auto told = read(received.message.payload);
  if (!told) return;  // a person has cleared it, or written there
  if (told->run == options_.run) return heard_own(*told, time);
  heard(*told, received.retained, time);
}

void Lease::heard(const Told& told, bool retained, LeaseTime time) {
  take_over_calls(told, retained, time);
  if (!retained && told.holder == options_.node) {
    name_twice_.failed(
        kRoom, runtime::concat("another bridge is called ", options_.node, " as well: give each its own [fleet] node"));
  }
  if (!retained && !told.released) heard_at_ = time.up;
  const bool newer = told.epoch > known_.epoch;
  const bool live_over_hearsay = told.epoch == known_.epoch && known_.hearsay && !is_own(known_) && !retained;
  if (newer || live_over_hearsay) {
    if (state_ != State::standing_by) step_down(runtime::concat(told.holder, " has taken over"), time);
    known_ = {told.epoch, told.holder, told.run, told.released, retained};
    return;
  }
  if (told.epoch == known_.epoch && told.run == known_.run) {
    known_.released = told.released;
    return;
  }
  if (!is_own(known_)) return;
  // What it said stands at the broker now in place of ours.
  renew_at_ = time.up;
  if (state_ == State::claiming && claim_returned_ && !retained && !told.released && told.epoch < known_.epoch) {
    begin_at_ = std::max(begin_at_, time.up + options_.length);
  }
}

void Lease::heard_own(const Told& told, LeaseTime time) {
  const auto sent = sent_.find(told.number);
  if (sent == sent_.end()) return;
  const nanoseconds sent_at = sent->second;
  sent_.erase(sent_.begin(), std::next(sent));
  if (state_ == State::claiming && told.epoch > known_.epoch) {
    handed_over_ = known_.epoch > 0 && known_.released;
    known_ = {told.epoch, options_.node, options_.run, false, false};
    claim_returned_ = true;
    begin_at_ = handed_over_ ? time.up : time.up + options_.length;
    runtime::log_info(kRoom, runtime::concat("takes over as number ", known_.epoch,
                                             handed_over_ ? "" : ", when the one before has surely stopped"));
  }
  if (!is_own(known_) || told.epoch != known_.epoch) return;
  returned_ = std::max(returned_, told.number);
  valid_until_ = std::max(valid_until_, sent_at + usable(options_.length));
}

void Lease::take_over_calls(const Told& told, bool retained, LeaseTime time) {
  nanoseconds waited{};
  if (retained) {
    // Anybody may have written it, and a time out of reach would overflow; what is older than kept is old enough.
    constexpr std::int64_t kOutOfReach = std::int64_t{1} << 52;
    const std::int64_t told_ms = std::clamp(told.at_ms, -kOutOfReach, kOutOfReach);
    const std::int64_t by_clocks_ms = milliseconds(time.now.system) - told_ms;
    constexpr std::int64_t kMostMs = std::chrono::milliseconds{2 * kCallsKept}.count();
    const nanoseconds by_clocks = std::chrono::milliseconds{std::clamp<std::int64_t>(by_clocks_ms, 0, kMostMs)};
    waited = std::max<nanoseconds>(by_clocks - kClocksDiffer, 0ns);
  }
  // As often as it is told, where two were made within a millisecond.
  std::map<std::int64_t, std::size_t> seen;
  for (const auto& [at_ms, age] : told.calls) {
    if (++seen[at_ms] <= calls_.count(at_ms)) continue;
    calls_.emplace(at_ms, time.up - age - waited);
  }
  forget_old_calls(time);
}

void Lease::forget_old_calls(LeaseTime time) {
  std::erase_if(calls_, [&time](const auto& call) { return time.up - call.second > kCallsKept; });
}

void Lease::step_down(const std::string& why, LeaseTime time) {
  if (state_ == State::holding) runtime::log_warning(kRoom, "stands by: " + why);
  state_ = State::standing_by;
  valid_until_ = {};
  claim_returned_ = false;
  sent_.clear();
  heard_at_ = time.up;
  say_presence(kStandingBy);
}

bool Lease::holds(std::uint64_t epoch, nanoseconds up) const {
  return state_ == State::holding && known_.epoch == epoch && up < valid_until_;
}

void Lease::on_time(LeaseTime time) {
  last_ = time;
  if (time.up >= connect_at_) {
    connect_at_ = kNever;
    link_.connect();
  }
  if (linked_ && time.up >= heard_out_at_) heard_out_ = true;
  if (state_ == State::holding && time.up >= valid_until_) {
    step_down("the broker has not confirmed in time that it still works", time);
  }
  if (!linked_ || !heard_out_ || releasing_) return;
  if (state_ == State::standing_by) {
    // Nothing at the broker may also mean that it has forgotten: silence tells more.
    const bool nobody = known_.epoch > 0 && known_.released;
    if (nobody || time.up - heard_at_ >= nanoseconds(options_.length) / 2) claim(time);
    return;
  }
  if (state_ == State::claiming && time.up >= begin_at_) {
    if (!claim_returned_ || time.up >= valid_until_) {
      deaf_.failed(kRoom, runtime::concat("the broker does not give back what is published to ", options_.topic,
                                          ": check that it lets this user publish and read there"));
      return step_down("", time);
    }
    deaf_.ended(kRoom, runtime::concat(options_.topic, " is given back again"));
    state_ = State::holding;
    holding_since_ = time.now.system;
    runtime::log_info(kRoom, runtime::concat(options_.node, " works from now on, as number ", known_.epoch));
    say_presence(kWorking);
  }
  if (time.up >= renew_at_) say(time);
}

void Lease::claim(LeaseTime time) {
  state_ = State::claiming;
  claim_returned_ = false;
  begin_at_ = time.up + nanoseconds(options_.length) / 2;
  say(time);
}

void Lease::say(LeaseTime time) {
  forget_old_calls(time);
  json::Array calls;
  for (const auto& [at_ms, made] : calls_) {
    const auto age = std::chrono::floor<std::chrono::milliseconds>(std::max(time.up - made, 0ns));
    calls.push_back(json::Array{at_ms, static_cast<std::int64_t>(age.count())});
  }
  const bool claims = state_ == State::claiming && !claim_returned_;
  mqtt::Message message;
  message.topic = options_.topic;
  message.retain = true;
  message.payload = json::to_text(json::Object{{"epoch", static_cast<std::int64_t>(known_.epoch + (claims ? 1 : 0))},
                                               {"holder", options_.node},
                                               {"run", options_.run},
                                               {"number", static_cast<std::int64_t>(++last_number_)},
                                               {"released", releasing_},
                                               {"at_ms", milliseconds(time.now.system)},
                                               {"calls", std::move(calls)}});
  sent_[last_number_] = time.up;
  renew_at_ = time.up + nanoseconds(options_.length) / 5;
  link_.send(++last_ticket_, message);
}

void Lease::say_presence(const char* word) {
  if (!linked_) return;
  mqtt::Message message;
  message.topic = options_.presence_topic;
  message.payload = word;
  message.retain = true;
  link_.send(++last_ticket_, message);
}

void Lease::note_call(runtime::SystemTime when, LeaseTime time) {
  const auto age = std::max(time.now.system - when, runtime::SystemTime::duration::zero());
  calls_.emplace(milliseconds(when), time.up - age);
}

void Lease::know_calls(const std::vector<runtime::SystemTime>& recorded, LeaseTime time) {
  std::map<std::int64_t, std::size_t> seen;
  for (const runtime::SystemTime when : recorded) {
    const std::int64_t at_ms = milliseconds(when);
    if (++seen[at_ms] > calls_.count(at_ms)) note_call(when, time);
  }
  forget_old_calls(time);
}

std::uint64_t Lease::declare(LeaseTime time) {
  last_ = time;
  if (linked_ && state_ == State::holding) {
    say(time);
  } else {
    ++last_number_;  // never comes back
  }
  return last_number_;
}

std::vector<runtime::SystemTime> Lease::calls_of_others(const std::vector<runtime::SystemTime>& mine,
                                                        LeaseTime time) const {
  std::map<std::int64_t, std::size_t> recorded;
  for (const runtime::SystemTime when : mine) ++recorded[milliseconds(when)];
  std::vector<runtime::SystemTime> calls;
  for (const auto& [at_ms, made] : calls_) {
    auto& left = recorded[at_ms];
    if (left > 0) {
      --left;
      continue;
    }
    calls.push_back(time.now.system - std::chrono::duration_cast<runtime::SystemTime::duration>(time.up - made));
  }
  return calls;
}

void Lease::release(LeaseTime time) {
  last_ = time;
  const bool held = state_ == State::holding && linked_ && time.up < valid_until_;
  releasing_ = true;
  if (!linked_) {
    released_ = true;
    return;
  }
  say_presence("offline");
  if (held) say(time);
  state_ = State::standing_by;
  release_ticket_ = last_ticket_;
}

nanoseconds Lease::deadline() const {
  nanoseconds next = connect_at_;
  if (state_ == State::holding) next = std::min(next, valid_until_);
  if (!linked_ || releasing_) return next;
  if (!heard_out_) return std::min(next, heard_out_at_);
  if (state_ == State::standing_by) {
    return std::min(next,
                    known_.epoch > 0 && known_.released ? last_.up : heard_at_ + nanoseconds(options_.length) / 2);
  }
  if (state_ == State::claiming) next = std::min(next, begin_at_);
  return std::min(next, renew_at_);
}

runtime::SteadyTime Lease::next_deadline() const {
  const nanoseconds next = deadline();
  if (next == kNever) return runtime::kNever;
  return last_.now.steady + std::chrono::duration_cast<runtime::SteadyTime::duration>(next - last_.up);
}

json::Value Lease::health() const {
  json::Array standing_by;
  for (const auto& [topic, word] : others_) {
    if (word == kStandingBy) standing_by.emplace_back(topic.substr(topic.rfind('/') + 1));
  }
  return json::Object{{"node", options_.node},
                      {"number", static_cast<std::int64_t>(known_.epoch)},
                      {"since", runtime::iso8601(std::chrono::floor<std::chrono::seconds>(holding_since_))},
                      {kStandingBy, std::move(standing_by)}};
}

std::string Lease::status_line() const {
  if (state_ == State::claiming) return "taking over";
  if (known_.epoch == 0 || is_own(known_)) return "standing by, no other is known to work";
  return runtime::concat("standing by, ", known_.holder, known_.released ? " has stopped" : " works");
}

}  // namespace emporia::app
