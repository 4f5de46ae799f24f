#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/energy.hpp"
#include "runtime/result.hpp"

namespace emporia::ledger {

/// The lifetime energy of one channel of one device, Wh.
struct Counter {
  /// Sums of the positive buckets and of the negative ones without their sign. Never fall.
  double positive_wh = 0;
  double negative_wh = 0;
  /// The highest positive_wh - negative_wh there ever was: what is shown of a sum that may fall.
  double highest_net_wh = 0;
  /// Start of the first booked bucket and end of the newest one.
  model::UtcSeconds booked_from;
  model::UtcSeconds booked_until;

  double net_wh() const { return positive_wh - negative_wh; }
  friend bool operator==(const Counter&, const Counter&) = default;
};
using Counters = std::map<model::Channel, Counter>;

/// What one booking added, for the usage topic: only buckets that were new, missing values left out.
struct BookedSpan {
  model::DeviceId device;
  model::Scale scale = model::Scale::minutes;
  struct Bucket {
    model::UtcSeconds start;
    double energy_wh = 0;
  };
  std::map<model::Channel, std::vector<Bucket>> channels;
};

/// A booking that was not made; nothing of it is stored.
struct LedgerError {
  /// For people: what happened and what to do.
  std::string text;
};

/// The bridge's memory of energy. Everything it returns is committed: what is published from it cannot be lost.
/// Belongs to the loop's thread.
class UsageLedger {
 public:
  virtual ~UsageLedger() = default;
  /// The counters of a device; empty where nothing was ever booked.
  virtual const Counters& counters(const model::DeviceId& device) const = 0;
  /// Books all usages in one transaction: of each channel the buckets from its newest booked one on. An earlier bucket
  /// is taken as booked already, so that overlap and repetition do no harm.
  virtual runtime::Result<std::vector<BookedSpan>, LedgerError> book(const std::vector<model::DeviceUsage>& usages) = 0;
};

}  // namespace emporia::ledger
