#include "ledger/holes.hpp"

#include <algorithm>

namespace emporia::ledger {

std::vector<Hole> holes_of(Shelf& shelf, const Account& account, model::UtcSeconds from, model::UtcSeconds until,
                           std::size_t most) {
  constexpr auto kHour = model::bucket_length(model::Scale::hours);
  std::vector<Hole> holes;
  model::UtcSeconds hour = model::bucket_start(std::max(from, account.start), model::Scale::hours);
  until = std::min(until, account.newest());
  const auto hours = shelf.completeness(account.number, hour, until);
  for (; hour < until && holes.size() < most; hour += kHour) {
    const auto found = hours.find(hour);
    if (found == hours.end()) {
      const unsigned missing = missing_minutes(account, {}, hour);
      if (missing > 0) holes.push_back({hour, 0, {}, missing});
    } else if (found->second.missing > 0) {
      holes.push_back({hour, found->second.attempts, found->second.asked_at, found->second.missing});
    }
  }
  return holes;
}

}  // namespace emporia::ledger
