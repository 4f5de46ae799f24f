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
#include "bridge/filling_ledger.hpp"
#include "bridge/recorder_peer.hpp"
#include "ledger/store.hpp"
#include "support/golden.hpp"
#include "support/payload_check.hpp"

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
/// at their borders is one line each, in order; a day costs milliseconds. At its end everything that was published is
/// checked against config/schemas.
class World final : public partner::Gateway, public mqtt::Link, public partner::CallJournal {
 public:
  /// The ledger in memory dies with the World; one in a file can be opened again by crash().
  explicit World(settings::Settings settings = some_settings(), std::string ledger_path = ":memory:");
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Settings that are right, with the defaults for all that matters here.
  static settings::Settings some_settings();

  /// Starts the bridge, or starts it again after stop(): the ledger and the broker stay.
  void start();
  /// Tells the bridge to stop and runs until it has.
  void stop();
  /// For the next start.
  void configure(settings::Settings settings) { settings_ = std::move(settings); }
  /// The ledger's file is gone; between stop() and start().
  void lose_ledger();
  /// The configuration is read again, with these settings.
  settings::Differences reload(const settings::Settings& settings) { return bridge_->reconfigure(settings, now_); }
  /// The process ends at once, as by SIGKILL: what was not committed is lost, and the broker says the will.
  void crash();
  /// The system's clock is set; the steady one, the service and the broker know nothing of it.
  void set_clock(std::chrono::seconds by) { now_.system += by; }
  /// Lets time pass; deadlines and replies come in their order.
  void run_for(std::chrono::seconds duration);
  /// Lets time pass while the bridge does not run.
  void pass(std::chrono::seconds duration);
  const ledger::Counters& counters(const model::DeviceId& device) const { return store_->counters(device); }
  /// Something arrives from the broker.
  void receive(const std::string& topic, const std::string& payload, bool retained = false);
  void receive(const mqtt::Received& received);
  void broker_goes();
  /// The broker is back; `empty`: without what it had retained.
  void broker_returns(bool empty);

  FakeService service;
  /// Where the hours go that [statistics] delivers; nothing until use_recorder() is called, before start().
  std::unique_ptr<RecorderPeer> recorder;
  void use_recorder(FakeRecorder& home);
  /// When set, answers instead of the service above, and says how long that takes.
  struct Told {
    runtime::Result<partner::Answer, partner::PartnerError> result;
    std::chrono::milliseconds after{200};
  };
  std::function<Told(const partner::Request&)> answers;
  /// When set, sees all that the broker takes, the will included.
  std::function<void(const mqtt::Message&)> on_published;
  /// When set, what the bridge is given for the ledger instead of the store; asked at every start.
  std::function<ledger::UsageLedger&(ledger::Store&)> wrap_ledger;
  std::map<std::string, std::string> retained;
  /// How long after a subscription the broker replays what is retained; nothing for never.
  std::optional<std::chrono::milliseconds> replays_after{1ms};
  /// Steady times of all calls.
  std::vector<runtime::SteadyTime> calls;

  /// The lines since the last look that contain one of `words`; all without words.
  std::string transcript(const std::vector<std::string>& words = {});
  std::optional<app::ExitCode> exit_code() const { return bridge_ ? bridge_->finished() : std::nullopt; }
  runtime::Now now() const { return now_; }
  /// Told what happens; set before start().
  app::Vitals* vitals = nullptr;
  const ledger::UsageLedger& ledger() const { return *ledger_; }
  const settings::Settings& settings() const { return settings_; }
  /// The broker takes messages and acknowledges none.
  bool silent_broker = false;
  bool settled() const { return bridge_ && bridge_->settled(); }
  /// Nothing can be stored.
  bool disk_full = false;
  /// Whether what is published is checked against config/schemas; for weeks of it that would take too long.
  bool payloads_checked = true;

  /// What the time is, whatever the system's clock says.
  model::UtcSeconds true_time() const;

  void send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) override;
  bool record(runtime::SystemTime when) override { return store_->record_call(when); }
  std::vector<runtime::SystemTime> recent(runtime::SystemTime now) override { return store_->recent_calls(now); }
  std::vector<runtime::SystemTime> others() override { return store_->other_calls(); }
  void clock_was_set(runtime::SystemTime::duration by) override { store_->move_calls(by); }
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
  void open_ledger();
  void take(const mqtt::Message& message);
  void line(const std::string& text);
  void post(app::Event event, std::chrono::milliseconds delay);
  runtime::Result<partner::Answer, partner::PartnerError> answer(const partner::Request& request);
  partner::States update(const partner::Request& request);
  partner::Usage usage(const partner::FetchUsage& request) const;
  std::string describe(const partner::Request& request) const;

  settings::Settings settings_;
  runtime::Now now_;
  std::string ledger_path_;
  std::unique_ptr<ledger::Store> store_;
  std::optional<FillingLedger> ledger_;
  std::unique_ptr<app::StoredDrafts> drafts_;
  std::unique_ptr<app::Bridge> bridge_;
  std::deque<Later> later_;
  std::vector<std::string> lines_;
  support::PayloadCheck published_;
  bool broker_up_ = true;
  bool linked_ = false;
};

using support::check_golden;

}  // namespace emporia::tests
// Long because a world has many sides, and a story uses them through one object.
