#include <utility>

#include "ledger/store.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(model::Scale::hours);

constexpr std::chrono::hours kOutageFrom{3};

LedgerError not_stored(const SqliteError& error) {
  return LedgerError{runtime::concat("energy could not be stored (", error.what(),
                                     "): check the room on the disk of [state] directory")};
}

}  // namespace

const Counters& Store::counters(const model::DeviceId& device) const {
  static const Counters kNone;
  const auto found = accounts_.find(device);
  return found == accounts_.end() ? kNone : found->second.counters;
}

runtime::Result<std::vector<BookedSpan>, LedgerError> Store::book(const std::vector<Booking>& bookings) {
  Accounts changed;
  std::vector<BookedSpan> spans;
  try {
    const SyncedToDisk synced(*database_);
    Transaction transaction(*database_);
    for (const Booking& booking : bookings) book(booking, changed, spans);
    transaction.commit();
  } catch (const SqliteError& error) {
    return runtime::Failure{not_stored(error)};
  }
  for (auto& [device, account] : changed) accounts_[device] = std::move(account);
  return spans;
}

void Store::book(const Booking& booking, Accounts& changed, std::vector<BookedSpan>& spans) {
  const model::DeviceId& device = booking.usage.device;
  const auto here = changed.find(device);
  const auto known = accounts_.find(device);
  Account before;
  if (here != changed.end()) {
    before = here->second;
  } else if (known != accounts_.end()) {
    before = known->second;
  }
  Account account = before;
  std::map<UtcSeconds, Hour> hours;
  const HourAt hour_at = [&](UtcSeconds start) -> Hour& {
    const auto loaded = hours.find(start);
    if (loaded != hours.end()) return loaded->second;
    return hours.emplace(start, account.number == 0 ? Hour{} : shelf_->hour(account.number, start)).first->second;
  };
  Change change = book_usage(account, booking, hour_at);
  if (change.hours.empty()) return;
  if (account.number == 0) shelf_->add(device, account);
  write(account, before, hours, change.hours);
  changed[device] = std::move(account);
  for (BookedSpan* span : {&change.booked, &change.revised}) {
    if (!span->channels.empty()) spans.push_back(std::move(*span));
  }
}

void Store::write(Account& account, const Account& before, std::map<UtcSeconds, Hour>& hours,
                  const std::set<UtcSeconds>& touched) {
  for (const auto& [channel, counter] : account.counters) {
    const auto old = before.counters.find(channel);
    if (old == before.counters.end() || !(old->second == counter)) {
      shelf_->put_counter(account.number, channel, counter);
    }
  }
  for (const UtcSeconds start : touched) {
    Hour& hour = hours.at(start);
    const unsigned missing = missing_minutes(account, hour, start);
    if (may_fold(account, start, missing)) hour.fold();
    shelf_->put_hour(account.number, start, missing, hour);
  }
  if (!before.counters.empty()) put_away(account, before.newest());
}

void Store::put_away(const Account& account, UtcSeconds newest_before) {
  const auto hour_of = [](UtcSeconds time) { return model::bucket_start(time, model::Scale::hours); };
  const UtcSeconds from = hour_of(newest_before);
  const UtcSeconds until = hour_of(account.newest());
  if (until <= from) return;
  const auto look_again = [&](UtcSeconds first, UtcSeconds last) {
    for (const UtcSeconds start : shelf_->kept(account.number, first, last)) {
      Hour hour = shelf_->hour(account.number, start);
      const unsigned missing = missing_minutes(account, hour, start);
      if (may_fold(account, start, missing)) hour.fold();
      shelf_->put_hour(account.number, start, missing, hour);
    }
  };
  // The hour that was the newest was judged by what had come of it then.
  look_again(from, from + kHour);
  // After an outage the day before it may still be revised: it stays in full for as long as an incomplete one.
  if (until - from <= kOutageFrom) look_again(from - kWindow - kHour, until - kWindow);
  look_again(from - kIncompleteKept - kHour, until - kIncompleteKept);
  shelf_->forget(account.number, until - kHoursKept);
}

bool Store::adopt(const model::DeviceId& device, model::Channel channel, const Counter& last) {
  Account account;
  if (const auto known = accounts_.find(device); known != accounts_.end()) account = known->second;
  if (account.counters.count(channel) != 0) return false;
  if (account.start == UtcSeconds{}) account.start = last.booked_until;
  if (account.start < last.booked_until) return false;
  Counter& counter = account.counters[channel] = last;
  counter.booked_from = last.booked_until;
  counter.show();
  try {
    const SyncedToDisk synced(*database_);
    Transaction transaction(*database_);
    if (account.number == 0) shelf_->add(device, account);
    shelf_->put_counter(account.number, channel, counter);
    transaction.commit();
  } catch (const SqliteError& error) {
    runtime::log_warning("ledger", runtime::concat("a counter could not be taken over: ", error.what()));
    return false;
  }
  accounts_[device] = std::move(account);
  return true;
}

std::vector<Hole> Store::holes(const model::DeviceId& device, UtcSeconds from, UtcSeconds until,
                               std::size_t most) const {
  std::vector<Hole> holes;
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return holes;
  const Account& account = known->second;
  const UtcSeconds newest = account.newest();
  UtcSeconds hour = model::bucket_start(std::max(from, account.start), model::Scale::hours);
  until = std::min(until, newest);
  try {
    const auto hours = shelf_->completeness(account.number, hour, until);
    for (; hour < until && holes.size() < most; hour += kHour) {
      const auto found = hours.find(hour);
      if (found == hours.end()) {
        const unsigned missing = missing_minutes(account, {}, hour);
        if (missing > 0) holes.push_back({hour, 0, {}, missing});
      } else if (found->second.missing > 0) {
        holes.push_back({hour, found->second.attempts, found->second.asked_at, found->second.missing});
      }
    }
  } catch (const SqliteError& error) {
    runtime::log_warning("ledger", runtime::concat("missing hours could not be read: ", error.what()));
  }
  return holes;
}

runtime::Result<runtime::Done, LedgerError> Store::asked_again(const model::DeviceId& device,
                                                               const std::vector<UtcSeconds>& hours, UtcSeconds when) {
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return runtime::Done{};
  try {
    Transaction transaction(*database_);
    for (const UtcSeconds hour : hours) shelf_->put_attempt(known->second.number, hour, when);
    transaction.commit();
  } catch (const SqliteError& error) {
    return runtime::Failure{not_stored(error)};
  }
  return runtime::Done{};
}

}  // namespace emporia::ledger
