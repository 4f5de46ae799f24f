#pragma once

#include <deque>
#include <string>
#include <vector>

#include "app/bridge.hpp"
#include "app/stored.hpp"
#include "app/turn.hpp"
#include "ledger/store.hpp"

namespace emporia::tests {

struct FleetOptions {
  std::size_t devices = 1000;
  /// Besides the three mains of each.
  unsigned circuits = 10;
};

/// A bridge with a fleet of monitors, in a world of its own time whose peers cost next to nothing: what a turn of the
/// loop works is the bridge's own. The ledger is in memory, so that no disk is measured either.
class FleetRun final : public partner::Gateway, public mqtt::Link {
 public:
  explicit FleetRun(FleetOptions options);
  FleetRun(const FleetRun&) = delete;
  FleetRun& operator=(const FleetRun&) = delete;

  void start();
  /// Lets virtual time pass, turn by turn.
  void run_for(std::chrono::seconds duration);
  void receive(const std::string& topic, const std::string& payload);
  void broker_goes();

  /// The longest turn since the last look, with a word of what it did.
  struct Longest {
    std::chrono::nanoseconds worked{0};
    std::string what;
    std::size_t turns = 0;
  };
  Longest take_longest();
  std::size_t published() const { return published_; }
  std::size_t largest_payload() const { return largest_payload_; }
  /// What stands at the broker on topics that end so.
  std::size_t standing(const std::string& ending) const;
  const ledger::UsageLedger& ledger() const { return store_; }
  const std::vector<model::Device>& devices() const { return devices_; }
  runtime::Now now() const { return now_; }

  /// A minute's energy of every circuit, Wh.
  static constexpr double kMinuteWh = 2;

  void send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) override;
  void connect() override;
  void disconnect() override {}
  /// Replays what the bridge looks for to know that a replay is over.
  void subscribe(const std::vector<mqtt::Subscription>& subscriptions) override;
  void unsubscribe(const std::vector<std::string>&) override {}
  void send(mqtt::Ticket ticket, const mqtt::Message& message) override;

 private:
  struct Later {
    runtime::SteadyTime when;
    app::Event event;
  };
  struct Asked {
    partner::AttemptId attempt = 0;
    partner::Request request;
  };
  void answer_what_was_asked();
  partner::Answer answer(const partner::Request& request) const;
  partner::Usage usage(const partner::FetchUsage& request) const;
  void turn();

  settings::Settings settings_;
  runtime::Now now_;
  ledger::Store store_;
  app::StoredCalls journal_;
  app::StoredDrafts drafts_;
  std::vector<model::Device> devices_;
  std::unique_ptr<app::Bridge> bridge_;
  std::deque<Later> later_;
  std::vector<Asked> asked_;
  std::string doing_;
  Longest longest_;
  std::size_t published_ = 0;
  std::size_t largest_payload_ = 0;
  std::set<std::string> standing_;
};

}  // namespace emporia::tests
