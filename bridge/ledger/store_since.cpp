#include <algorithm>
#include <utility>

#include "ledger/store.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {

using model::UtcSeconds;

namespace {

/// From where on the account's counters are known to the minute.
UtcSeconds begin_of(const Account& account) {
  UtcSeconds first = account.newest();
  for (const auto& [channel, counter] : account.counters) first = std::min(first, counter.booked_from);
  return std::max(account.start, first);
}

}  // namespace

std::vector<EnergySince> Store::energy_since(const model::DeviceId& device, const std::vector<UtcSeconds>& moments) {
  std::vector<EnergySince> energies;
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) {
    for (const UtcSeconds moment : moments) energies.push_back({moment, {}});
    return energies;
  }
  Account& account = known->second;
  try {
    set_marks(account, moments);
  } catch (const SqliteError& error) {
    runtime::log_warning("ledger", runtime::concat("energy since a moment could not be summed up: ", error.what()));
  }
  for (const UtcSeconds moment : moments) {
    EnergySince energy{std::max(moment, begin_of(account)), {}};
    const auto is_it = [moment](const Mark& mark) { return mark.since == moment; };
    const auto mark = std::find_if(account.marks.begin(), account.marks.end(), is_it);
    if (mark != account.marks.end()) {
      for (const auto& [channel, counter] : account.counters) {
        const auto before = mark->before.find(channel);
        const Sums sums = before == mark->before.end() ? Sums{} : before->second;
        energy.channels[channel] = {counter.positive - sums.positive, counter.negative - sums.negative};
      }
    }
    energies.push_back(std::move(energy));
  }
  return energies;
}

void Store::set_marks(Account& account, const std::vector<UtcSeconds>& moments) {
  const auto wanted = [&moments](UtcSeconds since) {
    return std::find(moments.begin(), moments.end(), since) != moments.end();
  };
  const auto marked = [&account](UtcSeconds since) {
    return std::any_of(account.marks.begin(), account.marks.end(),
                       [&](const Mark& mark) { return mark.since == since; });
  };
  const bool all_wanted =
      std::all_of(account.marks.begin(), account.marks.end(), [&](const Mark& mark) { return wanted(mark.since); });
  if (all_wanted && std::all_of(moments.begin(), moments.end(), marked)) return;
  // Stored without waiting for the disk: a mark that is lost is summed up again.
  Transaction transaction(*database_);
  Marks marks;
  for (const Mark& mark : account.marks) {
    if (wanted(mark.since)) {
      marks.push_back(mark);
    } else {
      shelf_->drop_mark(account.number, mark.since);
    }
  }
  for (const UtcSeconds moment : moments) {
    const auto is_it = [moment](const Mark& mark) { return mark.since == moment; };
    if (std::any_of(marks.begin(), marks.end(), is_it)) continue;
    marks.push_back(sum_up(account, moment));
    shelf_->put_mark(account.number, marks.back());
  }
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.since < b.since; });
  transaction.commit();
  account.marks = std::move(marks);
}

Mark Store::sum_up(const Account& account, UtcSeconds since) {
  Mark mark{since, {}};
  // What other members had brought to a group is before it, too.
  const UtcSeconds from = std::max(since, account.start);
  for (const auto& [channel, counter] : account.counters) {
    mark.before[channel] = {counter.positive, counter.negative};
  }
  const UtcSeconds first = model::bucket_start(from, model::Scale::hours);
  for (const UtcSeconds start : shelf_->kept(account.number, first, UtcSeconds::max())) {
    Hour hour = this->hour(account, start);
    for (const auto& [channel, booked] : hour.channels) {
      const Sums sums = sums_in(hour, channel, minutes_since(start, from));
      mark.before[channel].positive -= sums.positive;
      mark.before[channel].negative -= sums.negative;
    }
    if (start < since && !hour.folded) {
      hour.divided = true;
      shelf_->put_hour(account.number, start, missing_minutes(account, hour, start), hour);
    }
  }
  return mark;
}

}  // namespace emporia::ledger
