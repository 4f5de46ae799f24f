#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/handed_on.hpp"
#include "ledger/shared_calls.hpp"
#include "ledger/sqlite.hpp"

namespace emporia::ledger {

/// Changes what a ledger's file knows of the hours that are handed on, while a running bridge may be using it: hours
/// from before a device's first booking, and what counts as delivered. What is booked it leaves alone. Devices go by
/// the number that a Reader tells. Throws std::runtime_error with a sentence for people.
class History {
 public:
  explicit History(const std::string& path);

  /// How many of the hours that begin between two times are there.
  std::size_t count(std::int64_t device, model::UtcSeconds from, model::UtcSeconds until);
  /// All of them or none. An hour without channels says that the service has nothing of it.
  void put(std::int64_t device, const std::map<model::UtcSeconds, Hour>& hours);
  /// The hours from there on are due for handing on.
  void make_due(std::int64_t device, model::UtcSeconds from);
  /// These series do not stand anywhere any more, and all hours of their devices count as never handed on.
  void forget(const std::vector<NamedSeries>& series, const std::vector<std::int64_t>& devices);

 private:
  template <typename Change>
  auto changing(const Change& change);

  std::string path_;
  Database database_;
  HandedOn handed_on_;
};

}  // namespace emporia::ledger
