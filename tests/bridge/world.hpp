#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/bridge.hpp"
#include "app/stored.hpp"
#include "ledger/store.hpp"

namespace emporia::tests {

using namespace std::chrono_literals;

/// The service as a scenario wants it: devices, their states, and a steady load on each channel.
struct FakeService {
  std::vector<model::Device> devices;
  std::vector<partner::DeviceState> states;
  /// Wh in every minute, by device and channel; what is not there has no data.
  std::map<model::DeviceId, std::map<model::Channel, double>> energy_wh;
  /// When set, what a bucket of a channel above holds as of now, instead of the steady load; kMissing for nothing.
  std::function<double(model::Channel, model::UtcSeconds start, model::Scale, model::UtcSeconds now)> bucket_wh;
  /// When set, every call fails with it.
  std::optional<partner::PartnerError> failure;
  bool password_right = true;
  /// Newest bucket the service has: this much before now.
  std::chrono::minutes lag{8};
};

/// A bridge in a world without time of its own: a fake clock, a recording service and a recording broker. What happens
/// at their borders is one line each, in order; a day costs milliseconds.
class World final : public partner::Gateway, public mqtt::Link, public partner::CallJournal {
 public:
  explicit World(settings::Settings settings = some_settings());

  /// Settings that are right, with the defaults for all that matters here.
  static settings::Settings some_settings();

  /// Starts the bridge, or starts it again after stop(): the ledger and the broker stay.
  void start();
  /// Tells the bridge to stop and runs until it has.
  void stop();
  /// Lets time pass; deadlines and replies come in their order.
  void run_for(std::chrono::seconds duration);
  /// Lets time pass while the bridge does not run.
  void pass(std::chrono::seconds duration);
  const ledger::Counters& counters(const model::DeviceId& device) const { return store_.counters(device); }
  /// Something arrives from the broker.
  void receive(const std::string& topic, const std::string& payload, bool retained = false);
  void broker_goes();
  /// The broker is back; `empty`: without what it had retained.
  void broker_returns(bool empty);

  FakeService service;
  std::map<std::string, std::string> retained;
  /// Steady times of all calls.
  std::vector<runtime::SteadyTime> calls;

  /// The lines since the last look that contain one of `words`; all without words.
  std::string transcript(const std::vector<std::string>& words = {});
  std::optional<app::ExitCode> exit_code() const { return bridge_ ? bridge_->finished() : std::nullopt; }
  runtime::Now now() const { return now_; }

  void send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) override;
  void record(runtime::SystemTime when) override { store_.record_call(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override { return store_.recent_calls(now); }
  void connect() override;
  void disconnect() override;
  void subscribe(const std::vector<mqtt::Subscription>& subscriptions) override;
  void unsubscribe(const std::vector<std::string>&) override {}
  void send(mqtt::Ticket ticket, const mqtt::Message& message) override;

 private:
  struct Later {
    runtime::SteadyTime when;
    app::Event event;
  };
  void line(const std::string& text);
  void post(app::Event event, std::chrono::milliseconds delay);
  runtime::Result<partner::Answer, partner::PartnerError> answer(const partner::Request& request);
  partner::States update(const partner::Request& request);
  partner::Usage usage(const partner::FetchUsage& request) const;
  std::string describe(const partner::Request& request) const;

  settings::Settings settings_;
  runtime::Now now_;
  ledger::Store store_{":memory:"};
  app::StoredDrafts drafts_{store_};
  std::unique_ptr<app::Bridge> bridge_;
  std::deque<Later> later_;
  std::vector<std::string> lines_;
  bool broker_up_ = true;
  bool linked_ = false;
};

/// Compares with tests/golden/<name>.txt; shows the first line that differs.
void check_golden(const std::string& name, const std::string& transcript);

}  // namespace emporia::tests
