#include <utility>

#include "ledger/store.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(model::Scale::hours);

}  // namespace

runtime::Result<runtime::Done, LedgerError> Store::set_groups(std::vector<Group> groups) {
  groups_ = Groups(std::move(groups));
  Work work;
  try {
    const SyncedToDisk synced(*database_);
    Transaction transaction(*database_);
    auto last_time = shelf_->group_definitions();
    for (const Group& group : groups_.all()) {
      const std::string now = definition(group);
      const auto before = last_time.extract(group.id.text());
      if (!before.empty() && before.mapped() == now) continue;
      shelf_->put_group_definition(group.id.text(), now);
      Account account = account_of(group.id, work);
      UtcSeconds start = account.newest();
      for (const GroupMember& member : group.members) {
        start = std::max(start, account_of(member.device, work).newest());
      }
      if (start == account.start) continue;
      account.start = start;
      if (account.number == 0) {
        shelf_->add(group.id, account);
      } else {
        shelf_->put_start(account.number, start);
      }
      // Its days go on from there, too: what other members had brought of today is none of these.
      for (Mark& mark : account.marks) {
        for (const auto& [channel, counter] : account.counters) {
          mark.before[channel] = {counter.positive, counter.negative};
        }
        shelf_->put_mark(account.number, mark);
      }
      work.changed[group.id] = std::move(account);
    }
    // One that comes back later has missed what was booked meanwhile, and begins anew then.
    for (const auto& gone : last_time) shelf_->drop_group_definition(gone.first);
    transaction.commit();
  } catch (const SqliteError& error) {
    return runtime::Failure{LedgerError{runtime::concat("the groups could not be stored (", error.what(),
                                                        "): check the room on the disk of [state] directory")}};
  }
  for (const auto& [device, account] : work.changed) keep(device, account);
  return runtime::Done{};
}

void Store::book_groups(Work& work) {
  if (work.of_members.empty() && work.aged.empty()) return;
  for (const Group& group : groups_.all()) {
    std::map<UtcSeconds, Minutes> minutes;
    for (const GroupMember& member : group.members) {
      const auto booked = work.of_members.find(member.device);
      if (booked == work.of_members.end()) continue;
      for (const auto& [start, of_hour] : booked->second) minutes[start] |= of_hour;
    }
    if (!minutes.empty()) book_group(group, minutes, work);
  }
  // Only now: what was late of one device has been added to what the others had.
  for (const auto& [family, start] : work.aged) fold_together(groups_.family(family), start, work);
}

void Store::book_group(const Group& group, const std::map<UtcSeconds, Minutes>& minutes, Work& work) {
  const Account before = account_of(group.id, work);
  Account account = before;
  std::map<UtcSeconds, Hour> hours;
  Change change;
  for (const auto& [of_start, of_hour] : minutes) {
    const UtcSeconds start = of_start;
    std::map<model::DeviceId, Hour> of_devices;
    const MinuteSums sums = sum_of(group, [&](const model::DeviceId& device) -> const Hour* {
      const auto loaded = of_devices.find(device);
      if (loaded != of_devices.end()) return &loaded->second;
      const Account member = account_of(device, work);
      return &of_devices.emplace(device, hour(member, start)).first->second;
    });
    if ((sums.whole & of_hour) == 0) continue;
    Hour& own = hours.emplace(start, hour(account, start)).first->second;
    ledger::book_group(account, group, own, start, sums, of_hour, kept_, change);
  }
  if (change.hours.empty()) return;
  for (auto& [channel, counter] : account.counters) counter.show();
  write(group.id, std::move(account), before, hours, change, work);
}

void Store::fold_together(const Groups::Family& family, UtcSeconds start, const Work& work) {
  struct Kept {
    std::int64_t number;
    unsigned missing;
    Hour hour;
  };
  std::vector<Kept> all;
  const auto keep = [&](const Account& account) {
    Hour hour = this->hour(account, start);
    const unsigned missing = missing_minutes(account, hour, start);
    const auto age = account.newest() - (start + kHour);
    // What is read again after an outage comes device by device, so the hours before it wait for all of them.
    const bool in_peace = !hour.divided && age >= kWindow && is_filled(account);
    const bool done = missing == 0 && (age >= kIncompleteKept || in_peace);
    if (!hour.channels.empty() && !hour.folded) all.push_back({account.number, missing, std::move(hour)});
    return done;
  };
  for (const model::DeviceId& device : family.devices) {
    const Account account = account_of(device, work);
    if (account.number == 0) continue;
    if (!keep(account)) return;
  }
  for (const model::DeviceId& group : family.groups) {
    if (const Account account = account_of(group, work); account.number != 0) keep(account);
  }
  for (Kept& kept : all) {
    // A day of a group's that begins within it, unlike those of its members.
    if (kept.hour.divided) continue;
    kept.hour.fold();
    shelf_->put_hour(kept.number, start, kept.missing, kept.hour);
  }
}

}  // namespace emporia::ledger
