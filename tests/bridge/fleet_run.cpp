#include "bridge/fleet_run.hpp"

#include <algorithm>
#include <utility>

#include "runtime/text.hpp"

namespace emporia::tests {
namespace {

using namespace std::chrono_literals;

/// Fifty minutes before midnight in New York, so that a fleet's new day comes within the story.
constexpr std::chrono::sys_days kDay{std::chrono::year{2026} / 11 / 24};

settings::Settings fleet_settings() {
  settings::Settings settings;
  settings.partner.email = "partner@example.com";
  settings.partner.password = settings::Secret("correct horse");
  return settings;
}

model::Device monitor(std::size_t number, unsigned circuits) {
  using model::CircuitType;
  using model::EnergyDirection;
  model::Device device;
  device.id = model::DeviceId(runtime::concat("F2310A04B4240AC4", 100'000 + number));
  device.model = model::DeviceModel::vue3;
  device.firmware = "Vue3-1712345678";
  device.name = runtime::concat("House ", number);
  device.timezone = "America/New_York";
  device.connected = true;
  device.billing_cycle_start_day = static_cast<unsigned>(1 + number % 28);
  for (model::Channel channel = 1; channel <= 3; ++channel) {
    device.circuits.push_back({channel, CircuitType::main_200a, EnergyDirection::consumption, "", ""});
  }
  for (model::Channel channel = 4; channel < 4 + circuits; ++channel) {
    device.circuits.push_back({channel, CircuitType::expansion_50a, EnergyDirection::consumption, "Other",
                               runtime::concat("Circuit in room ", channel)});
  }
  return device;
}

std::string word_of(const app::Event& event) {
  if (const auto* reply = std::get_if<partner::Reply>(&event)) {
    if (!reply->result) return "a failure";
    constexpr const char* kAnswers[] = {"a token", "an inventory", "usage", "states"};
    return kAnswers[reply->result.value().index()];
  }
  if (const auto* link = std::get_if<mqtt::LinkEvent>(&event)) {
    constexpr const char* kEvents[] = {"link up", "link down", "acknowledgements", "a message"};
    return kEvents[link->index()];
  }
  return "a signal";
}

}  // namespace

FleetRun::FleetRun(FleetOptions options)
    : settings_(fleet_settings()),
      now_{runtime::SteadyTime{100h}, kDay + 4h + 10min},
      store_(":memory:", 48h),
      journal_(store_),
      drafts_(store_) {
  for (std::size_t i = 0; i < options.devices; ++i) devices_.push_back(monitor(i, options.circuits));
}

void FleetRun::start() {
  bridge_ = std::make_unique<app::Bridge>(app::Parts{*this, journal_, *this, store_, drafts_}, settings_, now_);
}

void FleetRun::run_for(std::chrono::seconds duration) {
  const auto end = now_.steady + duration;
  const auto advance = [this](runtime::SteadyTime to) {
    now_.system += std::chrono::duration_cast<runtime::SystemTime::duration>(to - now_.steady);
    now_.steady = to;
  };
  for (;;) {
    turn();
    answer_what_was_asked();
    runtime::SteadyTime next = std::max(bridge_->next_deadline(), now_.steady);
    for (const Later& later : later_) next = std::min(next, std::max(later.when, now_.steady));
    if (next > end) return advance(end);
    advance(std::max(next, now_.steady + 1us));
  }
}

void FleetRun::turn() {
  std::vector<app::Event> due;
  for (auto later = later_.begin(); later != later_.end();) {
    if (later->when > now_.steady) {
      ++later;
      continue;
    }
    due.push_back(std::move(later->event));
    later = later_.erase(later);
  }
  doing_.clear();
  for (const app::Event& event : due) {
    if (const std::string word = word_of(event); doing_.find(word) == std::string::npos) doing_ += word + ", ";
  }
  const app::TurnWatch watch;
  for (app::Event& event : due) bridge_->handle(std::move(event), now_);
  bridge_->on_time(now_);
  const auto worked = watch.so_far().worked;
  ++longest_.turns;
  if (worked <= longest_.worked) return;
  longest_.worked = worked;
  longest_.what = doing_;
}

FleetRun::Longest FleetRun::take_longest() {
  return std::exchange(longest_, {});
}

void FleetRun::receive(const std::string& topic, const std::string& payload) {
  mqtt::Received received;
  received.message.topic = topic;
  received.message.payload = payload;
  later_.push_back({now_.steady, mqtt::LinkEvent{received}});
}

void FleetRun::broker_goes() {
  later_.push_back({now_.steady, mqtt::LinkEvent{mqtt::LinkDown{"gone", false}}});
}

void FleetRun::connect() {
  later_.push_back({now_.steady + 10ms, mqtt::LinkEvent{mqtt::LinkUp{20}}});
}

void FleetRun::subscribe(const std::vector<mqtt::Subscription>& subscriptions) {
  for (const mqtt::Subscription& subscription : subscriptions) {
    if (subscription.filter != "emporia/bridge/info" || standing_.count(subscription.filter) == 0) continue;
    mqtt::Received replay;
    replay.message.topic = subscription.filter;
    replay.message.payload = "{}";
    replay.retained = true;
    later_.push_back({now_.steady + 1ms, mqtt::LinkEvent{replay}});
  }
}

void FleetRun::send(partner::AttemptId attempt, const std::string&, const partner::Request& request) {
  asked_.push_back({attempt, request});
}

void FleetRun::send(mqtt::Ticket ticket, const mqtt::Message& message) {
  ++published_;
  largest_payload_ = std::max(largest_payload_, message.payload.size());
  if (message.retain && !message.payload.empty()) standing_.insert(message.topic);
  if (message.retain && message.payload.empty()) standing_.erase(message.topic);
  later_.push_back({now_.steady + 1ms, mqtt::LinkEvent{mqtt::Delivered{ticket, true}}});
}

std::size_t FleetRun::standing(const std::string& ending) const {
  return static_cast<std::size_t>(std::count_if(standing_.begin(), standing_.end(), [&](const std::string& topic) {
    return topic.size() >= ending.size() && topic.compare(topic.size() - ending.size(), ending.size(), ending) == 0;
  }));
}

void FleetRun::answer_what_was_asked() {
  for (const Asked& asked : std::exchange(asked_, {})) {
    later_.push_back({now_.steady + 200ms, partner::Reply{asked.attempt, answer(asked.request), {}}});
  }
}

partner::Answer FleetRun::answer(const partner::Request& request) const {
  if (std::holds_alternative<partner::SignIn>(request)) return partner::Token{"token"};
  if (std::holds_alternative<partner::ListDevices>(request)) return partner::Inventory{devices_};
  if (const auto* fetch = std::get_if<partner::FetchUsage>(&request)) return usage(*fetch);
  return partner::States{};
}

partner::Usage FleetRun::usage(const partner::FetchUsage& request) const {
  partner::Usage usage;
  const auto newest = model::bucket_start(std::chrono::floor<std::chrono::seconds>(now_.system) - 8min, request.scale);
  const auto length = model::bucket_length(request.scale);
  for (const model::DeviceId& id : request.devices) {
    model::DeviceUsage told{id, request.scale, {}, {}};
    for (auto start = request.start; start <= std::min(request.end, newest); start += length) {
      told.starts.push_back(start);
    }
    if (told.starts.empty()) continue;
    const double energy_wh = kMinuteWh * static_cast<double>(length / 1min);
    for (const model::Circuit& circuit : devices_.front().circuits) {
      told.channels.push_back({circuit.channel, std::vector<double>(told.starts.size(), energy_wh)});
    }
    usage.devices.push_back(std::move(told));
  }
  return usage;
}

}  // namespace emporia::tests
