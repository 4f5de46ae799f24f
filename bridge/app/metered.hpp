#pragma once

#include <functional>
#include <map>

#include "ledger/usage_ledger.hpp"
#include "metrics/registry.hpp"
#include "partner/gateway.hpp"
#include "runtime/clock.hpp"

namespace emporia::app {

using Clock = std::function<runtime::Now()>;

/// A gateway that counts and times the calls which go through it. Belongs to the loop's thread.
class MeteredGateway final : public partner::Gateway {
 public:
  MeteredGateway(partner::Gateway& gateway, metrics::Registry& registry, Clock clock)
      : gateway_(gateway), registry_(registry), clock_(std::move(clock)) {}

  void send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) override;
  /// To be told each reply.
  void replied(const partner::Reply& reply);

 private:
  struct UnderWay {
    const char* method;
    runtime::SteadyTime since;
  };
  partner::Gateway& gateway_;
  metrics::Registry& registry_;
  Clock clock_;
  std::map<partner::AttemptId, UnderWay> under_way_;
};

/// A ledger whose bookings are timed. Belongs to the loop's thread.
class MeteredLedger final : public ledger::UsageLedger {
 public:
  MeteredLedger(ledger::UsageLedger& ledger, metrics::Registry& registry, Clock clock);

  runtime::Result<std::vector<ledger::BookedSpan>, ledger::LedgerError> book(
      const std::vector<ledger::Booking>& bookings) override;

  const ledger::Counters& counters(const model::DeviceId& device) const override { return ledger_.counters(device); }
  std::optional<model::UtcSeconds> booked_until(const model::DeviceId& device) const override {
    return ledger_.booked_until(device);
  }
  std::vector<ledger::EnergySince> energy_since(const model::DeviceId& device,
                                                const std::vector<model::UtcSeconds>& moments) override {
    return ledger_.energy_since(device, moments);
  }
  runtime::Result<runtime::Done, ledger::LedgerError> set_groups(std::vector<ledger::Group> groups) override {
    return ledger_.set_groups(std::move(groups));
  }
  bool adopt(const model::DeviceId& device, const ledger::Counters& last) override {
    return ledger_.adopt(device, last);
  }
  bool show_at_least(const model::DeviceId& device, const ledger::Counters& last) override {
    return ledger_.show_at_least(device, last);
  }
  std::vector<ledger::Hole> holes(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until,
                                  std::size_t most) const override {
    return ledger_.holes(device, from, until, most);
  }
  runtime::Result<runtime::Done, ledger::LedgerError> asked_again(const model::DeviceId& device,
                                                                  const std::vector<model::UtcSeconds>& hours,
                                                                  model::UtcSeconds when) override {
    return ledger_.asked_again(device, hours, when);
  }
  const std::string& trouble() const override { return ledger_.trouble(); }

 private:
  ledger::UsageLedger& ledger_;
  metrics::Registry& registry_;
  Clock clock_;
};

}  // namespace emporia::app
