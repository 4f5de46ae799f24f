#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "ledger/usage_ledger.hpp"

namespace emporia::tests {

/// What is shown of a channel as a counter of its own.
enum class Side { positive, negative, net };
using CounterKey = std::pair<model::Channel, Side>;

/// Stands between the bridge and its ledger: fails as a full disk does, ends the program in the midst of a booking, and
/// sums up, from the values alone that the service told, by how much what is shown may grow.
class HostileLedger final : public ledger::UsageLedger {
 public:
  /// Thrown through the bridge: the program has ended.
  struct Killed {};

  /// The ledger of the run that begins.
  void stand_before(ledger::UsageLedger& ledger) { ledger_ = &ledger; }

  bool disk_full = false;
  /// Bookings until the program is killed; with `after_commit` what is booked is on the disk then.
  std::optional<unsigned> killed_in;
  bool killed_after_commit = false;
  /// Bookings that were not made.
  unsigned failures = 0;

  /// The most by which a counter can have grown from what was booked since the last look, Wh.
  std::map<CounterKey, double> take_growth(const model::DeviceId& device);

  /// The value of a minute that was booked last; for telling what went wrong.
  std::optional<double> booked_wh(const model::DeviceId& device, model::Channel channel,
                                  model::UtcSeconds minute) const;

  const ledger::Counters& counters(const model::DeviceId& device) const override { return ledger_->counters(device); }
  std::optional<model::UtcSeconds> booked_until(const model::DeviceId& device) const override {
    return ledger_->booked_until(device);
  }
  std::vector<ledger::EnergySince> energy_since(const model::DeviceId& device,
                                                const std::vector<model::UtcSeconds>& moments) override {
    return ledger_->energy_since(device, moments);
  }
  runtime::Result<std::vector<ledger::BookedSpan>, ledger::LedgerError> book(
      const std::vector<ledger::Booking>& bookings) override;
  runtime::Result<runtime::Done, ledger::LedgerError> set_groups(std::vector<ledger::Group> groups) override;
  bool adopt(const model::DeviceId& device, const ledger::Counters& last) override;
  bool show_at_least(const model::DeviceId& device, const ledger::Counters& last) override {
    return !disk_full && ledger_->show_at_least(device, last);
  }
  std::vector<ledger::Hole> holes(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until,
                                  std::size_t most) const override {
    return ledger_->holes(device, from, until, most);
  }
  runtime::Result<runtime::Done, ledger::LedgerError> asked_again(const model::DeviceId& device,
                                                                  const std::vector<model::UtcSeconds>& hours,
                                                                  model::UtcSeconds when) override;
  const std::string& trouble() const override { return ledger_->trouble(); }

 private:
  /// Energy told of each channel, by bucket and the minutes it is long.
  using Bucket = std::pair<model::UtcSeconds, std::chrono::seconds>;
  struct Told {
    std::map<Bucket, std::map<model::Channel, double>> energy_wh;
    std::map<CounterKey, double> growth_wh;
  };
  static void note(Told& told, const ledger::Booking& booking);

  ledger::UsageLedger* ledger_ = nullptr;
  std::map<model::DeviceId, Told> told_;
};

}  // namespace emporia::tests
