#include <algorithm>
#include <utility>

#include "ledger/store.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {

using model::UtcSeconds;

namespace {

UtcSeconds hour_of(UtcSeconds time) {
  return model::bucket_start(time, model::Scale::hours);
}

void warn(const char* what, const SqliteError& error) {
  runtime::log_warning("ledger", runtime::concat(what, ": ", error.what()));
}

}  // namespace

UtcSeconds first_hour(HandedOn& handed_on, const Account& account) {
  const UtcSeconds own = hour_of(account.start);
  return std::min(own, handed_on.history_begin(account.number).value_or(own));
}

std::map<UtcSeconds, Hour> hours_with_history(Shelf& shelf, HandedOn& handed_on, const Account& account,
                                              UtcSeconds from, UtcSeconds until) {
  // The first booking may have begun within an hour, of which the history tells the whole, unless the service had
  // nothing of it then.
  std::map<UtcSeconds, Hour> hours = handed_on.history(account.number, from, until);
  for (const UtcSeconds start : shelf.kept(account.number, from, until)) {
    Hour& told = hours[start];
    if (told.channels.empty()) told = shelf.hour(account.number, start).value_or(Hour::unreadable());
  }
  return hours;
}

std::vector<DueHours> Store::due_hours() {
  std::vector<DueHours> due;
  try {
    for (const auto& [device, account] : accounts_) {
      if (account.number == 0 || account.counters.empty()) continue;
      const UtcSeconds begin = first_hour(*handed_on_, account);
      const UtcSeconds from = std::max(handed_on_->due_from(account.number).value_or(begin), begin);
      const UtcSeconds until = hour_of(account.newest());
      if (from < until) due.push_back({device, from, until});
    }
  } catch (const SqliteError& error) {
    warn("which hours are due could not be read", error);
    return {};
  }
  std::sort(due.begin(), due.end(), [](const DueHours& a, const DueHours& b) { return a.device < b.device; });
  return due;
}

std::map<UtcSeconds, Hour> Store::hours(const model::DeviceId& device, UtcSeconds from, UtcSeconds until) {
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return {};
  try {
    return hours_with_history(*shelf_, *handed_on_, known->second, from, until);
  } catch (const SqliteError& error) {
    warn("hours could not be read", error);
  }
  return {};
}

void Store::handing_on(const model::DeviceId& device) {
  touched_.erase(device);
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return;
  try {
    // From here on bookings say what is due again.
    const UtcSeconds begin = first_hour(*handed_on_, known->second);
    const auto due = handed_on_->due_from(known->second.number);
    if (!due || *due < begin) handed_on_->put_due(known->second.number, begin);
  } catch (const SqliteError& error) {
    warn("which hours are due could not be stored", error);
  }
}

void Store::handed_on(const model::DeviceId& device, UtcSeconds from, UtcSeconds until) {
  const auto known = accounts_.find(device);
  if (known == accounts_.end()) return;
  const auto touched = touched_.find(device);
  const UtcSeconds next = touched == touched_.end() ? until : std::min(until, touched->second);
  try {
    // Somebody else may have made earlier hours due; then those stay.
    handed_on_->move_due(known->second.number, from, next);
  } catch (const SqliteError& error) {
    warn("which hours are due could not be stored", error);
  }
}

void Store::name_series(const std::vector<NamedSeries>& series) {
  try {
    Transaction transaction(*database_);
    for (const NamedSeries& entry : series) {
      const auto known = accounts_.find(entry.device);
      if (known != accounts_.end() && known->second.number != 0) handed_on_->put_series(entry, known->second.number);
    }
    transaction.commit();
  } catch (const SqliteError& error) {
    warn("the names of series could not be stored", error);
  }
}

std::vector<NamedSeries> Store::named_series(const model::DeviceId& device) {
  std::vector<NamedSeries> all;
  try {
    all = handed_on_->series();
  } catch (const SqliteError& error) {
    warn("the names of series could not be read", error);
  }
  std::erase_if(all, [&](const NamedSeries& entry) { return entry.device != device; });
  return all;
}

void Store::keep_forgotten(const Account& account, UtcSeconds gone) {
  if (!handed_on_->history_begin(account.number)) return;
  for (const UtcSeconds start : shelf_->kept(account.number, UtcSeconds{}, gone)) {
    Hour hour = this->hour(account, start);
    if (!hour.folded) hour.fold();
    if (!hour.lost) handed_on_->put_history(account.number, start, hour);
  }
}

void Store::touch(const model::DeviceId& device, const Account& account, UtcSeconds hour) {
  handed_on_->touched(account.number, hour);
  const auto [entry, fresh] = touched_.emplace(device, hour);
  if (!fresh) entry->second = std::min(entry->second, hour);
}

}  // namespace emporia::ledger
