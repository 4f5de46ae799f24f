#include "ledger/history.hpp"

#include <algorithm>
#include <stdexcept>

#include "runtime/text.hpp"

namespace emporia::ledger {

template <typename Change>
auto History::changing(const Change& change) {
  try {
    return change();
  } catch (const SqliteError& error) {
    throw std::runtime_error(runtime::concat("the ledger ", path_, " cannot be changed (", error.what(), ")"));
  }
}

History::History(const std::string& path) : path_(path), database_(open_shared(path)), handed_on_(database_) {}

std::size_t History::count(std::int64_t device, model::UtcSeconds from, model::UtcSeconds until) {
  return changing([&] { return handed_on_.history(device, from, until).size(); });
}

void History::put(std::int64_t device, const std::map<model::UtcSeconds, Hour>& hours) {
  changing([&] {
    Transaction transaction(database_);
    for (const auto& [start, hour] : hours) handed_on_.put_history(device, start, hour);
    transaction.commit();
  });
}

void History::make_due(std::int64_t device, model::UtcSeconds from) {
  changing([&] {
    Transaction transaction(database_);
    handed_on_.put_due(device, std::min(from, handed_on_.due_from(device).value_or(from)));
    transaction.commit();
  });
}

void History::forget(const std::vector<NamedSeries>& series, const std::vector<std::int64_t>& devices) {
  changing([&] {
    Transaction transaction(database_);
    for (const NamedSeries& entry : series) handed_on_.drop_series(entry.id);
    for (const std::int64_t device : devices) handed_on_.drop_due(device);
    transaction.commit();
  });
}

}  // namespace emporia::ledger
