#include "benchmarks/fleet_loop.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "app/turn.hpp"

namespace emporia::benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kUsageEvery{300};

settings::Settings fleet_settings() {
  settings::Settings settings;
  settings.partner.email = "partner@example.com";
  settings.partner.password = settings::Secret("simulated");
  // Every size is polled as often as the others, whatever calls that takes, and nothing else falls into the poll.
  settings.budget.calls_per_hour = 1000;
  settings.polling.usage_interval_s = static_cast<int>(kUsageEvery.count());
  settings.polling.inventory_interval_s = 86'400;
  settings.polling.state_interval_s = 86'400;
  settings.commands.gathering_ms = 0;
  return settings;
}

}  // namespace

mqtt::LinkOptions fleet_link_options(int broker_port, const std::string& client_id) {
  mqtt::LinkOptions options;
  options.host = "127.0.0.1";
  options.port = static_cast<std::uint16_t>(broker_port);
  options.client_id = client_id;
  return options;
}

void CountingLink::send(mqtt::Ticket ticket, const mqtt::Message& message) {
  constexpr std::string_view kUsage = "/usage";
  ++under_way;
  ++sent;
  bytes += message.payload.size();
  const std::string& topic = message.topic;
  if (topic.size() > kUsage.size() && topic.compare(topic.size() - kUsage.size(), kUsage.size(), kUsage) == 0) {
    usage_at = runtime::read_clock().steady;
  }
  if (remembers) remembered.insert(remembered.end(), {topic, message.payload, message.retain ? "r" : ""});
  link_.send(ticket, message);
}

FleetLoop::FleetLoop(int broker_port, const std::string& state_directory)
    : settings_(fleet_settings()),
      now_{runtime::SteadyTime{100h}, kFleetStart},
      store_(state_directory + "/ledger.sqlite"),
      journal_(store_),
      drafts_(store_),
      paho_(fleet_link_options(broker_port, "fleet"), [this](mqtt::LinkEvent event) { inbox_.post(std::move(event)); }),
      link_(paho_) {}

partner::ReplySink FleetLoop::sink() {
  return [this](partner::Reply reply) { inbox_.post(std::move(reply)); };
}

void FleetLoop::start(FleetGateway& gateway) {
  gateway_ = &gateway;
  bridge_ = std::make_unique<app::Bridge>(app::Parts{gateway, journal_, link_, store_, drafts_}, settings_, now_);
}

void FleetLoop::settle() {
  do {
    turn();
  } while (!connected_ || gateway_->sent() > replies_ || link_.under_way > 0 || !events_.empty() ||
           bridge_->next_deadline() <= now_.steady);
}

void FleetLoop::jump() {
  const auto next = bridge_->next_deadline();
  const auto whole = std::chrono::ceil<std::chrono::seconds>(next - now_.steady);
  if (whole <= 0s) return;
  now_.steady += whole;
  now_.system += whole;
  on_passing_(whole);
}

void FleetLoop::play(const std::function<void()>& before_each) {
  settle();
  for (rounds_ = 0;;) {
    const std::size_t others = other_calls();
    const std::size_t polls = gateway_->polls_sent();
    jump();
    before_each();
    settle();
    if (gateway_->polls_sent() == polls) continue;
    if (++rounds_ >= kMeasuredRound && other_calls() == others) return;
  }
}

/// As the daemon's: see bridge/app/daemon.cpp.
void FleetLoop::turn() {
  const bool waits = gateway_->sent() > replies_ || link_.under_way > 0 || !connected_;
  const bool due = bridge_->next_deadline() <= now_.steady || !events_.empty();
  const auto until = runtime::read_clock().steady + (due || !waits ? 0s : 60s);
  for (app::Event& event : inbox_.take_until(until)) events_.push_back(std::move(event));
  const app::TurnWatch watch;
  while (!events_.empty() && watch.lasted() < app::kEventsFor) {
    app::Event event = std::move(events_.front());
    events_.pop_front();
    note(event);
    bridge_->handle(std::move(event), now_);
  }
  bridge_->on_time(now_);
  longest_ = std::max(longest_, watch.so_far().worked);
}

void FleetLoop::note(const app::Event& event) {
  if (const auto* reply = std::get_if<partner::Reply>(&event)) {
    if (!reply->result) throw std::runtime_error("a call failed: " + reply->result.error().text);
    ++replies_;
  } else if (const auto* link = std::get_if<mqtt::LinkEvent>(&event)) {
    if (std::holds_alternative<mqtt::LinkDown>(*link)) throw std::runtime_error("the broker has gone");
    if (std::holds_alternative<mqtt::LinkUp>(*link)) connected_ = true;
    if (std::holds_alternative<mqtt::Delivered>(*link)) --link_.under_way;
  }
}

}  // namespace emporia::benchmarks
