#include <algorithm>
#include <utility>

#include "ledger/counter_bytes.hpp"
#include "ledger/holes.hpp"
#include "ledger/store.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

constexpr auto kHour = model::bucket_length(model::Scale::hours);

constexpr std::chrono::hours kOutageFrom{3};
constexpr std::chrono::hours kLookForGoneEvery{24};

LedgerError not_stored(const SqliteError& error) {
  return LedgerError{runtime::concat("energy could not be stored (", error.what(), "): ",
                                     error.damaged() ? "the file is damaged; restart the bridge, it sets it aside"
                                                     : "check the room on the disk of [state] directory")};
}

/// What comes from the broker may be anybody's. Written it would not be read again, and the whole file be set aside.
bool all_believable(const Counters& counters) {
  return std::all_of(counters.begin(), counters.end(),
                     [](const auto& entry) { return is_believable(entry.first, entry.second); });
}

}  // namespace

const Counters& Store::counters(const model::DeviceId& device) const {
  static const Counters kNone;
  const auto found = accounts_.find(device);
  return found == accounts_.end() ? kNone : found->second.counters;
}

std::optional<UtcSeconds> Store::booked_until(const model::DeviceId& device) const {
  const auto found = accounts_.find(device);
  return found == accounts_.end() ? std::nullopt : found->second.kept_until;
}

void Store::keep(const model::DeviceId& device, const Account& account) {
  // Copied into the memory that it has already: taken over with each booking it would be scattered over the years.
  Account& kept = accounts_[device];
  kept = account;
  kept.kept_until = kept.booked_until();
}

runtime::Result<std::vector<BookedSpan>, LedgerError> Store::book(const std::vector<Booking>& bookings) {
  Work work;
  if (database_->moved()) {
    trouble_ =
        "energy could not be stored: the ledger's file was moved or deleted while the bridge runs; put it back, or "
        "restart the bridge, whose counters then go on from what stands at the broker";
    return runtime::Failure{LedgerError{trouble_}};
  }
  try {
    fit_cache();
    const SyncedToDisk synced(*database_);
    Transaction transaction(*database_);
    for (const Booking& booking : bookings) book(booking, work);
    book_groups(work);
    forget_of_gone_devices(work);
    transaction.commit();
  } catch (const SqliteError& error) {
    trouble_ = not_stored(error).text;
    return runtime::Failure{LedgerError{trouble_}};
  }
  trouble_.clear();
  for (const auto& [device, account] : work.changed) keep(device, account);
  return std::move(work.spans);
}

const Account& Store::account_of(const model::DeviceId& device, const Work& work) const {
  static const Account kNew;
  if (const auto here = work.changed.find(device); here != work.changed.end()) return here->second;
  const auto known = accounts_.find(device);
  return known == accounts_.end() ? kNew : known->second;
}

void Store::book(const Booking& booking, Work& work) {
  const model::DeviceId& device = booking.usage.device;
  if (groups_.is_group(device)) return;
  const Account& before = account_of(device, work);
  Account account = before;
  std::map<UtcSeconds, Hour> hours;
  const HourAt hour_at = [&](UtcSeconds start) -> Hour& {
    const auto loaded = hours.find(start);
    if (loaded != hours.end()) return loaded->second;
    return hours.emplace(start, hour(account, start)).first->second;
  };
  Change change = book_usage(account, booking, hour_at, kept_);
  if (change.hours.empty()) return;
  if (groups_.family_of(device)) {
    for (const auto& [start, minutes] : change.hours) work.of_members[device][start] |= minutes;
  }
  write(device, std::move(account), before, hours, change, work);
}

void Store::write(const model::DeviceId& device, Account account, const Account& before,
                  std::map<UtcSeconds, Hour>& hours, Change& change, Work& work) {
  if (account.number == 0) shelf_->add(device, account);
  if (!(account.counters == before.counters)) shelf_->put_counters(account.number, account.counters);
  for (std::size_t i = 0; i < account.marks.size(); ++i) {
    if (!(account.marks[i] == before.marks[i])) shelf_->put_mark(account.number, account.marks[i]);
  }
  if (!change.revisions.empty()) shelf_->put_revisions(account.number, std::move(change.revisions));
  for (const auto& touched : change.hours) {
    put(device, account, touched.first, hours.at(touched.first), Age::any, work);
  }
  if (!change.hours.empty()) touch(device, account, change.hours.begin()->first);
  if (!before.counters.empty()) put_away(device, account, before.newest(), work);
  work.changed[device] = std::move(account);
  for (BookedSpan* span : {&change.booked, &change.revised}) {
    if (!span->channels.empty()) work.spans.push_back(std::move(*span));
  }
}

Hour Store::hour(const Account& account, UtcSeconds start) {
  if (account.number == 0) return {};
  if (auto known = shelf_->hour(account.number, start)) return std::move(*known);
  std::string device = "a device";
  for (const auto& [id, known] : accounts_) {
    if (known.number == account.number) device = id.text();
  }
  runtime::log_error("ledger", runtime::concat(device, ": what was booked in the hour from ", runtime::iso8601(start),
                                               " cannot be read, the file is damaged there; it stays counted, and "
                                               "nothing more is booked in that hour"));
  Hour lost = Hour::unreadable();
  shelf_->put_hour(account.number, start, 0, lost);
  return lost;
}

void Store::put(const model::DeviceId& device, const Account& account, UtcSeconds start, Hour& hour, Age age,
                Work& work) {
  const unsigned missing = missing_minutes(account, hour, start);
  hour.divided = !hour.folded && (hour.divided || divides(account.marks, start));
  if (may_fold(account, hour, start, missing)) {
    const auto family = groups_.family_of(device);
    if (!family || age == Age::given_up) {
      hour.fold();
    } else {
      work.aged.emplace(*family, start);
    }
  }
  shelf_->put_hour(account.number, start, missing, hour);
}

bool Store::is_filled(const Account& account) {
  const UtcSeconds until = model::bucket_start(account.newest(), model::Scale::hours);
  return shelf_->kept(account.number, until - kWindow, until).size() >= static_cast<std::size_t>(kWindow / kHour);
}

void Store::put_away(const model::DeviceId& device, Account& account, UtcSeconds newest_before, Work& work) {
  const auto hour_of = [](UtcSeconds time) { return model::bucket_start(time, model::Scale::hours); };
  const UtcSeconds from = hour_of(newest_before);
  const UtcSeconds until = hour_of(account.newest());
  if (until <= from) return;
  const auto look_again = [&](UtcSeconds first, UtcSeconds last, Age age) {
    for (const UtcSeconds start : shelf_->kept(account.number, first, last)) {
      Hour hour = this->hour(account, start);
      put(device, account, start, hour, age, work);
    }
  };
  // The hour that was the newest was judged by what had come of it then.
  look_again(from, from + kHour, Age::any);
  // After an outage the day before it may still be revised: it stays in full for as long as an incomplete one.
  // While the outage is being filled that day may not have been read again yet, so nothing leaves it.
  if (until - from <= kOutageFrom && is_filled(account)) {
    look_again(from - kWindow - kHour, until - kWindow, Age::any);
  }
  look_again(from - kIncompleteKept - kHour, until - kIncompleteKept, Age::given_up);
  const UtcSeconds gone = until - kept_;
  keep_forgotten(account, gone);
  shelf_->forget(account.number, gone);
  if (gone <= account.start) return;
  account.start = gone;
  shelf_->put_start(account.number, gone);
}

void Store::forget_of_gone_devices(const Work& work) {
  UtcSeconds newest = looked_for_gone_at_;
  for (const auto& [device, account] : work.changed) newest = std::max(newest, account.newest());
  if (newest >= looked_for_gone_at_ + kLookForGoneEvery) {
    looked_for_gone_at_ = newest;
    gone_.clear();
    for (const auto& [device, account] : accounts_) {
      if (account.number != 0 && account.kept_until.value_or(newest) < newest - kept_) gone_.push_back(device);
    }
  }
  if (gone_.empty()) return;
  const auto known = accounts_.find(gone_.back());
  gone_.pop_back();
  if (known == accounts_.end()) return;
  const UtcSeconds until = looked_for_gone_at_ - kept_;
  keep_forgotten(known->second, until);
  shelf_->forget(known->second.number, until);
}

bool Store::adopt(const model::DeviceId& device, const Counters& last) {
  if (!all_believable(last)) return false;
  Account account;
  if (const auto known = accounts_.find(device); known != accounts_.end()) account = known->second;
  const bool is_new = account.start == UtcSeconds{};
  for (const auto& [channel, counter] : last) {
    if (is_new) account.start = std::max(account.start, counter.booked_until);
  }
  for (const auto& [channel, counter] : last) {
    if (account.start < counter.booked_until) return false;
    const auto [adopted, unbooked] = account.counters.emplace(channel, counter);
    if (!unbooked) return false;
    adopted->second.booked_from = counter.booked_until;
    adopted->second.show();
    for (Mark& mark : account.marks) mark.before[channel] = {counter.positive, counter.negative};
  }
  try {
    const SyncedToDisk synced(*database_);
    Transaction transaction(*database_);
    if (account.number == 0) shelf_->add(device, account);
    shelf_->put_counters(account.number, account.counters);
    for (const Mark& mark : account.marks) shelf_->put_mark(account.number, mark);
    transaction.commit();
  } catch (const SqliteError& error) {
    trouble_ = not_stored(error).text;
    runtime::log_warning("ledger", runtime::concat("counters could not be taken over: ", trouble_));
    return false;
  }
  keep(device, account);
  return true;
}

bool Store::show_at_least(const model::DeviceId& device, const Counters& last) {
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return false;
  Counters raised = known->second.counters;
  bool changed = false;
  for (const auto& [channel, shown] : last) {
    const auto [own, is_new] = raised.try_emplace(channel);
    Counter& counter = own->second;
    const Counter before = counter;
    // One that has come since: what is booked from where this ledger stands is all of it.
    if (is_new) counter.booked_from = counter.booked_until = known->second.newest();
    counter.shown_positive = std::max(counter.shown_positive, shown.shown_positive);
    counter.shown_negative = std::max(counter.shown_negative, shown.shown_negative);
    counter.shown_net = std::max(counter.shown_net, shown.shown_net);
    changed = changed || !(counter == before);
  }
  if (!changed) return true;
  if (!all_believable(raised)) return false;
  try {
    const SyncedToDisk synced(*database_);
    Transaction transaction(*database_);
    shelf_->put_counters(known->second.number, raised);
    transaction.commit();
  } catch (const SqliteError& error) {
    trouble_ = not_stored(error).text;
    runtime::log_warning("ledger", runtime::concat("what was shown could not be taken over: ", trouble_));
    return false;
  }
  Account account = known->second;
  account.counters = std::move(raised);
  keep(device, account);
  return true;
}

std::vector<Hole> Store::holes(const model::DeviceId& device, UtcSeconds from, UtcSeconds until,
                               std::size_t most) const {
  std::vector<Hole> holes;
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return holes;
  try {
    holes = holes_of(*shelf_, known->second, from, until, most);
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
