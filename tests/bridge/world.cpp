#include "bridge/world.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <utility>

#include "json/value.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::tests {
namespace {

constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2026} / 11 / 23};
constexpr runtime::SteadyTime kFirstSteady{100h};

std::string clock_text(runtime::SystemTime time) {
  return runtime::iso8601(std::chrono::floor<std::chrono::seconds>(time)).substr(11, 8);
}

/// Whether an MQTT filter takes a topic; '+' as a whole level and '#' at the end.
bool matches(std::string_view filter, std::string_view topic) {
  for (;;) {
    const auto level = filter.substr(0, filter.find('/'));
    const auto named = topic.substr(0, topic.find('/'));
    if (level == "#") return true;
    if (level != "+" && level != named) return false;
    const bool last = level.size() == filter.size();
    if (last || named.size() == topic.size()) return last && named.size() == topic.size();
    filter.remove_prefix(level.size() + 1);
    topic.remove_prefix(named.size() + 1);
  }
}

/// Discovery messages are long: their components' keys tell what a story wants to know.
std::string short_payload(const mqtt::Message& message) {
  if (message.payload.empty()) return "(cleared)";
  if (message.topic.compare(0, 14, "homeassistant/") != 0) return message.payload;
  const auto parsed = json::parse(message.payload, {1 << 20, 16});
  REQUIRE(parsed.ok());
  const json::Value* components = parsed.value().find("components");
  REQUIRE(components != nullptr);
  std::string keys = "announces";
  for (const auto& [key, component] : *components->as_object()) {
    keys += ' ' + key;
    if (component.as_object()->size() == 1) keys += "(tombstone)";
  }
  return keys;
}

}  // namespace

settings::Settings World::some_settings() {
  settings::Settings settings;
  settings.partner.email = "partner@example.com";
  settings.partner.password = settings::Secret("correct horse");
  return settings;
}

World::World(settings::Settings settings, std::string ledger_path)
    : settings_(std::move(settings)), now_{kFirstSteady, kFirstDay + 9h}, ledger_path_(std::move(ledger_path)) {
  open_ledger();
}

World::~World() {
  if (published_.empty()) return;
  const std::string wrong = published_.wrong(settings_.mqtt.base_topic);
  CHECK_MESSAGE(wrong.empty(), wrong);
}

void World::open_ledger() {
  drafts_.reset();
  ledger_.reset();
  store_.reset();
  store_ = std::make_unique<ledger::Store>(ledger_path_);
  ledger_.emplace(*store_, disk_full);
  drafts_ = std::make_unique<app::StoredDrafts>(*store_);
}

model::UtcSeconds World::true_time() const {
  return std::chrono::floor<std::chrono::seconds>(kFirstDay + 9h + (now_.steady - kFirstSteady));
}

void World::start() {
  ledger::UsageLedger& ledger = wrap_ledger ? wrap_ledger(*store_) : *ledger_;
  app::Parts parts{*this, *this, *this, ledger, *drafts_, {}, vitals};
  parts.recorder = recorder.get();
  parts.hours = store_.get();
  bridge_ = std::make_unique<app::Bridge>(parts, settings_, now_);
}

void World::use_recorder(FakeRecorder& home) {
  recorder = std::make_unique<RecorderPeer>(
      home, [this](app::Event event, std::chrono::milliseconds delay) { post(std::move(event), delay); });
}

void World::crash() {
  bridge_.reset();
  later_.clear();
  if (std::exchange(linked_, false)) take({"emporia/bridge/state", "offline", mqtt::Qos::at_least_once, true, {}, {}});
  open_ledger();
}

void World::stop() {
  bridge_->handle(runtime::Signal::stop, now_);
  run_for(5s);
  REQUIRE(bridge_->finished());
  bridge_.reset();
  later_.clear();
  linked_ = false;
}

void World::lose_ledger() {
  REQUIRE_FALSE(bridge_);
  REQUIRE(ledger_path_ == ":memory:");
  open_ledger();
}

void World::run_for(std::chrono::seconds duration) {
  const auto end = now_.steady + duration;
  const auto advance = [this](runtime::SteadyTime to) {
    now_.system += std::chrono::duration_cast<runtime::SystemTime::duration>(to - now_.steady);
    now_.steady = to;
  };
  for (;;) {
    bridge_->on_time(now_);
    const auto due = [this](const Later& later) { return later.when <= now_.steady; };
    if (std::any_of(later_.begin(), later_.end(), due)) {
      // Stable: events of the same time come in the order in which they were posted.
      std::deque<Later> ready;
      std::copy_if(later_.begin(), later_.end(), std::back_inserter(ready), due);
      later_.erase(std::remove_if(later_.begin(), later_.end(), due), later_.end());
      for (Later& later : ready) bridge_->handle(std::move(later.event), now_);
      // The loop reads the clock again before its turn.
      advance(now_.steady + 1us);
      continue;
    }
    runtime::SteadyTime next = std::max(bridge_->next_deadline(), now_.steady);
    for (const Later& later : later_) next = std::min(next, later.when);
    if (next > end || bridge_->finished()) return advance(end);
    advance(next);
  }
}

void World::pass(std::chrono::seconds duration) {
  REQUIRE_FALSE(bridge_);
  now_.steady += duration;
  now_.system += duration;
}

void World::post(app::Event event, std::chrono::milliseconds delay) {
  later_.push_back({now_.steady + delay, std::move(event)});
}

void World::receive(const std::string& topic, const std::string& payload, bool retained_flag) {
  mqtt::Received received;
  received.message.topic = topic;
  received.message.payload = payload;
  received.retained = retained_flag;
  receive(received);
}

void World::receive(const mqtt::Received& received) {
  bridge_->handle(mqtt::LinkEvent{received}, now_);
}

void World::line(const std::string& text) {
  lines_.push_back(clock_text(now_.system) + ' ' + text);
}

std::string World::transcript(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& line : std::exchange(lines_, {})) {
    const auto contains = [&](const std::string& word) { return line.find(word) != std::string::npos; };
    if (words.empty() || std::any_of(words.begin(), words.end(), contains)) text += line + '\n';
  }
  return text;
}

std::string World::describe(const partner::Request& request) const {
  std::string text = partner::method_name(request);
  const auto add_devices = [&text](const std::vector<model::DeviceId>& devices) {
    for (const model::DeviceId& device : devices) text += ' ' + device.text();
  };
  if (const auto* usage = std::get_if<partner::FetchUsage>(&request)) {
    add_devices(usage->devices);
    // A live poll is about minutes of today.
    const bool today = usage->scale == model::Scale::minutes && usage->end - usage->start < 24h;
    const auto time_text = [today](model::UtcSeconds time) {
      return today ? clock_text(time) : runtime::iso8601(time);
    };
    text +=
        std::string(" ") + model::word(usage->scale) + ' ' + time_text(usage->start) + " to " + time_text(usage->end);
  }
  if (const auto* states = std::get_if<partner::ListStates>(&request)) add_devices(states->devices);
  return text;
}

void World::send(partner::AttemptId attempt, const std::string&, const partner::Request& request) {
  calls.push_back(now_.steady);
  line("call " + describe(request));
  Told told = answers ? answers(request) : Told{answer(request)};
  post(partner::Reply{attempt, std::move(told.result), {}}, told.after);
}

runtime::Result<partner::Answer, partner::PartnerError> World::answer(const partner::Request& request) {
  using Kind = partner::PartnerError::Kind;
  if (service.failure) return runtime::Failure{*service.failure};
  if (std::holds_alternative<partner::SignIn>(request)) {
    if (service.password_right) return partner::Answer{partner::Token{"token"}};
    return runtime::Failure{partner::PartnerError{Kind::refused, "the service refuses the e-mail or password", false}};
  }
  if (std::holds_alternative<partner::ListDevices>(request))
    return partner::Answer{partner::Inventory{service.devices}};
  if (const auto* asked = std::get_if<partner::FetchUsage>(&request)) return partner::Answer{usage(*asked)};
  if (const auto* asked = std::get_if<partner::ListStates>(&request)) {
    partner::States states;
    for (const partner::DeviceState& state : service.states) {
      const auto& id = std::visit([](const auto& typed) -> const model::DeviceId& { return typed.device; }, state);
      if (std::count(asked->devices.begin(), asked->devices.end(), id) > 0) states.states.push_back(state);
    }
    return partner::Answer{states};
  }
  return partner::Answer{update(request)};
}

partner::States World::update(const partner::Request& request) {
  partner::States changed;
  const auto change = [&](const auto& updates, auto apply) {
    for (const auto& update : updates) {
      for (partner::DeviceState& state : service.states) {
        const partner::DeviceState before = state;
        apply(update, state);
        // The service answers with what has changed, and with nothing else.
        if (!(state == before)) changed.states.push_back(state);
      }
    }
  };
  if (const auto* outlets = std::get_if<partner::UpdateOutlets>(&request)) {
    change(outlets->updates, [](const partner::OutletUpdate& update, partner::DeviceState& state) {
      auto* outlet = std::get_if<model::OutletState>(&state);
      if (outlet != nullptr && outlet->device == update.device) outlet->on = update.on;
    });
  }
  if (const auto* batteries = std::get_if<partner::UpdateBatteries>(&request)) {
    change(batteries->updates, [](const partner::BatteryUpdate& update, partner::DeviceState& state) {
      auto* battery = std::get_if<model::BatteryState>(&state);
      if (battery == nullptr || battery->device != update.device) return;
      if (update.reserve_soc_pct) battery->reserve_soc_pct = update.reserve_soc_pct;
      if (update.dispatch) battery->dispatch = update.dispatch;
    });
  }
  return changed;
}

partner::Usage World::usage(const partner::FetchUsage& request) const {
  partner::Usage usage;
  const auto newest =
      model::bucket_start(std::chrono::floor<std::chrono::seconds>(now_.system) - service.lag, model::Scale::minutes);
  for (const model::DeviceId& device : request.devices) {
    const auto channels = service.energy_wh.find(device);
    if (channels == service.energy_wh.end()) continue;
    model::DeviceUsage told{device, request.scale, {}, {}};
    // Longer buckets than hours begin at midnight of this house, which is in UTC.
    const bool by_day = model::bucket_length(request.scale).count() == 0;
    const auto first = by_day ? std::chrono::floor<std::chrono::days>(request.start) : request.start;
    const auto length = by_day ? std::chrono::seconds{24h} : model::bucket_length(request.scale);
    for (auto start = first; start <= std::min(request.end, newest); start += length) told.starts.push_back(start);
    if (told.starts.empty()) continue;
    for (const auto& [channel, energy_wh] : channels->second) {
      std::vector<double> values(told.starts.size(), energy_wh);
      for (std::size_t i = 0; service.bucket_wh && i < values.size(); ++i) {
        values[i] = service.bucket_wh(channel, told.starts[i], request.scale,
                                      std::chrono::floor<std::chrono::seconds>(now_.system));
      }
      told.channels.push_back({channel, std::move(values)});
    }
    usage.devices.push_back(std::move(told));
  }
  return usage;
}

void World::connect() {
  if (!broker_up_) {
    line("broker: no answer");
    return post(mqtt::LinkEvent{mqtt::LinkDown{"connection refused", false}}, 10ms);
  }
  line("broker: connected");
  linked_ = true;
  post(mqtt::LinkEvent{mqtt::LinkUp{20}}, 10ms);
}

void World::disconnect() {
  line("broker: disconnected");
  linked_ = false;
}

void World::subscribe(const std::vector<mqtt::Subscription>& subscriptions) {
  for (const mqtt::Subscription& subscription : subscriptions) {
    line("subscribe " + subscription.filter);
    if (subscription.skip_retained || !replays_after) continue;
    for (const auto& [topic, payload] : retained) {
      if (!matches(subscription.filter, topic)) continue;
      mqtt::Received replay;
      replay.message.topic = topic;
      replay.message.payload = payload;
      replay.retained = true;
      post(mqtt::LinkEvent{replay}, *replays_after);
    }
  }
}

void World::send(mqtt::Ticket ticket, const mqtt::Message& message) {
  if (!linked_) return post(mqtt::LinkEvent{mqtt::Delivered{ticket, false}}, 1ms);
  take(message);
  if (!silent_broker) post(mqtt::LinkEvent{mqtt::Delivered{ticket, true}}, 1ms);
}

void World::take(const mqtt::Message& message) {
  const std::string correlation = message.correlation_data;
  line(message.topic + ' ' + short_payload(message) +
       (correlation.empty() ? "" : " (correlation " + correlation + ')'));
  const bool cleared = message.retain && message.payload.empty();
  if (payloads_checked && !cleared) published_.add(message.topic, message.payload);
  if (message.retain && message.payload.empty()) retained.erase(message.topic);
  if (message.retain && !message.payload.empty()) retained[message.topic] = message.payload;
  if (on_published) on_published(message);
}

void World::broker_goes() {
  line("broker: gone");
  broker_up_ = false;
  linked_ = false;
  post(mqtt::LinkEvent{mqtt::LinkDown{"connection lost", false}}, 0ms);
}

void World::broker_returns(bool empty) {
  line(empty ? "broker: back, empty" : "broker: back");
  broker_up_ = true;
  if (empty) retained.clear();
}

}  // namespace emporia::tests
