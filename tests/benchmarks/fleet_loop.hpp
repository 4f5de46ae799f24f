#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/bridge.hpp"
#include "app/stored.hpp"
#include "benchmarks/fleet_gateway.hpp"
#include "ledger/store.hpp"
#include "mqtt/paho_link.hpp"
#include "runtime/inbox.hpp"

namespace emporia::benchmarks {

/// When a fleet's virtual time begins: far from midnight wherever its monitors are.
constexpr std::chrono::sys_seconds kFleetStart =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{15} + std::chrono::minutes{10};

mqtt::LinkOptions fleet_link_options(int broker_port, const std::string& client_id);

/// A link that counts what has no outcome yet, and remembers what is sent while it is told to.
class CountingLink final : public mqtt::Link {
 public:
  explicit CountingLink(mqtt::Link& link) : link_(link) {}
  void connect() override { link_.connect(); }
  void disconnect() override { link_.disconnect(); }
  void subscribe(const std::vector<mqtt::Subscription>& subscriptions) override { link_.subscribe(subscriptions); }
  void unsubscribe(const std::vector<std::string>& filters) override { link_.unsubscribe(filters); }
  void send(mqtt::Ticket ticket, const mqtt::Message& message) override;

  std::size_t under_way = 0;
  std::size_t sent = 0;
  std::size_t bytes = 0;
  /// When usage was told last.
  runtime::SteadyTime usage_at{};
  bool remembers = false;
  std::vector<std::string> remembered;

 private:
  mqtt::Link& link_;
};

/// The bridge with its own ledger in a file and its own link to a real broker, and its loop. Virtual time: it stands
/// still while anything is under way, so that every run asks and publishes the same.
class FleetLoop {
 public:
  FleetLoop(int broker_port, const std::string& state_directory);

  partner::ReplySink sink();
  void start(FleetGateway& gateway);
  /// Told by how much time passes, before anything happens then.
  void set_on_passing(std::function<void(std::chrono::seconds)> told) { on_passing_ = std::move(told); }
  /// Lets everything happen, and time pass, until a poll of usage and nothing else has been worked off, the third at
  /// the earliest: the first one begins the counters, the next shows how it goes on. `before_each` is called before
  /// each moment at which something is due, the last time before that poll.
  void play(const std::function<void()>& before_each);
  /// Polls of usage that are over.
  unsigned rounds() const { return rounds_; }
  static constexpr unsigned kMeasuredRound = 3;

  CountingLink& link() { return link_; }
  std::chrono::nanoseconds take_longest_turn() { return std::exchange(longest_, {}); }

 private:
  /// Works until nothing is under way and nothing is due.
  void settle();
  void jump();
  std::size_t other_calls() const { return gateway_->sent() - gateway_->polls_sent() - gateway_->updates_sent(); }
  void turn();
  void note(const app::Event& event);

  settings::Settings settings_;
  runtime::Now now_;
  runtime::Inbox<app::Event> inbox_;
  std::deque<app::Event> events_;
  ledger::Store store_;
  app::StoredCalls journal_;
  app::StoredDrafts drafts_;
  mqtt::PahoLink paho_;
  CountingLink link_;
  FleetGateway* gateway_ = nullptr;
  std::unique_ptr<app::Bridge> bridge_;
  std::function<void(std::chrono::seconds)> on_passing_ = [](std::chrono::seconds) {};
  std::size_t replies_ = 0;
  unsigned rounds_ = 0;
  bool connected_ = false;
  std::chrono::nanoseconds longest_{0};
};

}  // namespace emporia::benchmarks
