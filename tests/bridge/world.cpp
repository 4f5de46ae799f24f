#include "bridge/world.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <sstream>
#include <utility>

#include "json/value.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::tests {
namespace {

constexpr auto kReplyAfter = 200ms;

std::string clock_text(runtime::SystemTime time) {
  return runtime::iso8601(std::chrono::floor<std::chrono::seconds>(time)).substr(11, 8);
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

World::World(settings::Settings settings) : settings_(std::move(settings)) {
  const std::chrono::sys_days day{std::chrono::year{2026} / 11 / 23};
  now_ = {runtime::SteadyTime{100h}, day + 9h};
}

void World::start() {
  bridge_ = std::make_unique<app::Bridge>(app::Parts{*this, *this, *this, store_, drafts_}, settings_, now_);
}

void World::stop() {
  bridge_->handle(runtime::Signal::stop, now_);
  run_for(5s);
  REQUIRE(bridge_->finished());
  bridge_.reset();
  later_.clear();
  linked_ = false;
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
    text += " minutes " + clock_text(usage->start) + " to " + clock_text(usage->end);
  }
  if (const auto* states = std::get_if<partner::ListStates>(&request)) add_devices(states->devices);
  return text;
}

void World::send(partner::AttemptId attempt, const std::string&, const partner::Request& request) {
  calls.push_back(now_.steady);
  line("call " + describe(request));
  post(partner::Reply{attempt, answer(request), {}}, kReplyAfter);
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
    for (auto start = request.start; start <= std::min(request.end, newest);
         start += model::bucket_length(request.scale))
      told.starts.push_back(start);
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
  for (const mqtt::Subscription& subscription : subscriptions) line("subscribe " + subscription.filter);
}

void World::send(mqtt::Ticket ticket, const mqtt::Message& message) {
  if (!linked_) return post(mqtt::LinkEvent{mqtt::Delivered{ticket, false}}, 1ms);
  line(message.topic + ' ' + short_payload(message));
  if (message.retain && message.payload.empty()) retained.erase(message.topic);
  if (message.retain && !message.payload.empty()) retained[message.topic] = message.payload;
  post(mqtt::LinkEvent{mqtt::Delivered{ticket, true}}, 1ms);
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

void check_golden(const std::string& name, const std::string& transcript) {
  const std::string path = std::string(SOURCE_DIR) + "/tests/golden/" + name + ".txt";
  std::ifstream file(path);
  std::stringstream text;
  // Lines with '#' tell the reader what the story is about.
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] != '#') text << line << '\n';
  }
  std::istringstream expected(text.str());
  std::istringstream actual(transcript);
  std::string expected_line;
  std::string actual_line;
  for (int number = 1;; ++number) {
    const bool more_expected = static_cast<bool>(std::getline(expected, expected_line));
    const bool more_actual = static_cast<bool>(std::getline(actual, actual_line));
    if (!more_expected && !more_actual) return;
    if (!more_expected) expected_line = "(end)";
    if (!more_actual) actual_line = "(end)";
    CAPTURE(name);
    CAPTURE(number);
    if (expected_line != actual_line) {
      MESSAGE("the whole transcript:\n" << transcript);
      REQUIRE_EQ(actual_line, expected_line);
    }
  }
}

}  // namespace emporia::tests
