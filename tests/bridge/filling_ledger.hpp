#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ledger/usage_ledger.hpp"

namespace emporia::tests {

/// A ledger whose disk a test fills and empties again.
class FillingLedger final : public ledger::UsageLedger {
 public:
  FillingLedger(ledger::UsageLedger& ledger, const bool& full) : ledger_(ledger), full_(full) {}

  const ledger::Counters& counters(const model::DeviceId& device) const override { return ledger_.counters(device); }
  std::optional<model::UtcSeconds> booked_until(const model::DeviceId& device) const override {
    return ledger_.booked_until(device);
  }
  std::vector<ledger::EnergySince> energy_since(const model::DeviceId& device,
                                                const std::vector<model::UtcSeconds>& moments) override {
    return ledger_.energy_since(device, moments);
  }
  runtime::Result<std::vector<ledger::BookedSpan>, ledger::LedgerError> book(
      const std::vector<ledger::Booking>& bookings) override {
    if (full_) return runtime::Failure{ledger::LedgerError{kFull}};
    return ledger_.book(bookings);
  }
  runtime::Result<runtime::Done, ledger::LedgerError> set_groups(std::vector<ledger::Group> groups) override {
    return ledger_.set_groups(std::move(groups));
  }
  bool adopt(const model::DeviceId& device, const ledger::Counters& last) override {
    return !full_ && ledger_.adopt(device, last);
  }
  bool show_at_least(const model::DeviceId& device, const ledger::Counters& last) override {
    return !full_ && ledger_.show_at_least(device, last);
  }
  std::vector<ledger::Hole> holes(const model::DeviceId& device, model::UtcSeconds from, model::UtcSeconds until,
                                  std::size_t most) const override {
    return ledger_.holes(device, from, until, most);
  }
  runtime::Result<runtime::Done, ledger::LedgerError> asked_again(const model::DeviceId& device,
                                                                  const std::vector<model::UtcSeconds>& hours,
                                                                  model::UtcSeconds when) override {
    if (full_) return runtime::Failure{ledger::LedgerError{kFull}};
    return ledger_.asked_again(device, hours, when);
  }
  const std::string& trouble() const override { return full_ ? kFull : ledger_.trouble(); }

 private:
  inline static const std::string kFull = "the disk is full";

  ledger::UsageLedger& ledger_;
  const bool& full_;
};

}  // namespace emporia::tests
