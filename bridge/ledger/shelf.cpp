#include "ledger/shelf.hpp"

#include <algorithm>

#include "ledger/counter_bytes.hpp"
#include "ledger/epoch.hpp"
#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

// The hours of a device lie side by side: its number, then the hour.
constexpr std::int64_t kHoursOfADevice = kHoursOfTime;

/// The place of the first hour that does not begin before `time`.
std::int64_t place(std::int64_t number, UtcSeconds time) {
  const std::int64_t hour = (std::clamp(epoch(time), std::int64_t{0}, kHoursOfADevice * 3600) + 3599) / 3600;
  return number * kHoursOfADevice + std::min(hour, kHoursOfADevice - 1);
}
UtcSeconds hour_at(std::int64_t place) {
  return from_epoch(place % kHoursOfADevice * 3600);
}

// Beyond this no program of ours has written anything.
constexpr std::int64_t kMostDevices = std::int64_t{1} << 32;

/// What is before a mark is stored in the form of a folded hour: sums by channel.
Hour as_hour(const Mark& mark) {
  Hour hour;
  hour.folded = true;
  for (const auto& [channel, sums] : mark.before) {
    ChannelHour& entry = hour.channels[channel];
    entry.booked = kAllMinutes;
    entry.folded = sums;
  }
  return hour;
}

void load_marks(Database& database, const std::map<std::int64_t, Account*>& accounts) {
  Statement rows(database, "SELECT device, since, before FROM mark ORDER BY device, since");
  while (rows.step()) {
    const auto account = accounts.find(rows.integer(0));
    const auto hour = from_bytes(rows.text(2));
    // One that is lost is summed up again from the hours.
    if (account == accounts.end() || !hour || !hour->folded || hour->lost) continue;
    Mark mark{from_epoch(rows.integer(1)), {}};
    for (const auto& [channel, entry] : hour->channels) mark.before.emplace(channel, entry.folded);
    account->second->marks.push_back(std::move(mark));
  }
}

}  // namespace

Shelf::Shelf(Database& database)
    : database_(database),
      put_device_(database, "INSERT INTO device (id, start) VALUES (?,?)"),
      find_device_(database, "SELECT number FROM device WHERE id = ?"),
      put_start_(database, "UPDATE device SET start = ? WHERE number = ?"),
      put_counters_(database, "INSERT OR REPLACE INTO counters VALUES (?,?)"),
      get_hour_(database, "SELECT data FROM usage_hour WHERE place = ?"),
      put_hour_(database,
                "INSERT INTO usage_hour VALUES (?,?,0,0,?) ON CONFLICT (place) DO UPDATE SET "
                "missing = excluded.missing, data = excluded.data"),
      kept_(database, "SELECT place FROM usage_hour WHERE place >= ? AND place < ? ORDER BY place"),
      forget_(database, "DELETE FROM usage_hour WHERE place >= ? AND place < ?"),
      completeness_(database,
                    "SELECT place, missing, attempts, asked_at FROM usage_hour WHERE place >= ? AND place < ?"),
      put_attempt_(database,
                   "INSERT INTO usage_hour VALUES (?, 60, 1, ?, x'01') ON CONFLICT (place) DO UPDATE SET "
                   "attempts = attempts + 1, asked_at = excluded.asked_at"),
      last_revision_(database, "SELECT max(number) FROM revision WHERE device = ?"),
      put_revision_(database, "INSERT INTO revision VALUES (?,?,?,?,?,?,?,?)"),
      forget_revisions_(database, "DELETE FROM revision WHERE device = ? AND number <= ?"),
      put_mark_(database, "INSERT OR REPLACE INTO mark VALUES (?,?,?)"),
      drop_mark_(database, "DELETE FROM mark WHERE device = ? AND since = ?") {}

std::unordered_map<model::DeviceId, Account> Shelf::load_accounts() {
  std::unordered_map<model::DeviceId, Account> accounts;
  std::map<std::int64_t, Account*> by_number;
  Statement devices(database_, "SELECT number, id, start FROM device");
  while (devices.step()) {
    const std::int64_t number = devices.integer(0);
    if (number < 1 || number > kMostDevices || !is_time(devices.integer(2))) throw unbelievable("a device");
    Account& account = accounts[model::DeviceId(devices.text(1))];
    account.number = number;
    account.start = from_epoch(devices.integer(2));
    by_number[account.number] = &account;
  }
  Statement rows(database_, "SELECT device, data FROM counters");
  while (rows.step()) {
    const auto account = by_number.find(rows.integer(0));
    if (account == by_number.end()) continue;
    auto counters = counters_from_bytes(rows.text(1));
    if (!counters) throw unbelievable("a counter");
    account->second->counters = std::move(*counters);
  }
  for (auto& [id, account] : accounts) account.kept_until = account.booked_until();
  load_marks(database_, by_number);
  return accounts;
}

void Shelf::add(const model::DeviceId& device, Account& account) {
  put_device_.bind(device.text()).bind(epoch(account.start)).step();
  find_device_.bind(device.text());
  if (find_device_.step()) account.number = find_device_.integer(0);
  find_device_.reset();
}

void Shelf::put_start(std::int64_t number, UtcSeconds start) {
  put_start_.bind(epoch(start)).bind(number).step();
}

std::map<std::string, std::string> Shelf::group_definitions() {
  std::map<std::string, std::string> definitions;
  Statement rows(database_, "SELECT id, definition FROM group_definition");
  while (rows.step()) definitions.emplace(rows.text(0), rows.text(1));
  return definitions;
}

void Shelf::put_group_definition(const std::string& id, const std::string& definition) {
  Statement put(database_, "INSERT OR REPLACE INTO group_definition VALUES (?,?)");
  put.bind(id).bind(definition).step();
}

void Shelf::drop_group_definition(const std::string& id) {
  Statement drop(database_, "DELETE FROM group_definition WHERE id = ?");
  drop.bind(id).step();
}

void Shelf::put_counters(std::int64_t number, const Counters& counters) {
  put_counters_.bind(number).bind_bytes(to_bytes(counters)).step();
}

std::optional<Hour> Shelf::hour(std::int64_t number, UtcSeconds start) {
  get_hour_.reset();
  get_hour_.bind(place(number, start));
  if (!get_hour_.step()) return Hour{};
  std::optional<Hour> hour = from_bytes(get_hour_.text(0));
  get_hour_.reset();
  return hour;
}

void Shelf::put_hour(std::int64_t number, UtcSeconds start, unsigned missing, const Hour& hour) {
  put_hour_.bind(place(number, start)).bind(std::int64_t{missing}).bind_bytes(to_bytes(hour)).step();
}

std::vector<UtcSeconds> Shelf::kept(std::int64_t number, UtcSeconds from, UtcSeconds until) {
  std::vector<UtcSeconds> hours;
  kept_.bind(place(number, from)).bind(place(number, until));
  while (kept_.step()) hours.push_back(hour_at(kept_.integer(0)));
  return hours;
}

void Shelf::forget(std::int64_t number, UtcSeconds until) {
  forget_.bind(place(number, from_epoch(0))).bind(place(number, until)).step();
}

std::map<UtcSeconds, Shelf::Completeness> Shelf::completeness(std::int64_t number, UtcSeconds from, UtcSeconds until) {
  std::map<UtcSeconds, Completeness> hours;
  completeness_.bind(place(number, from)).bind(place(number, until));
  while (completeness_.step()) {
    hours[hour_at(completeness_.integer(0))] = {static_cast<unsigned>(completeness_.integer(1)),
                                                static_cast<unsigned>(completeness_.integer(2)),
                                                from_epoch(completeness_.integer(3))};
  }
  return hours;
}

void Shelf::put_attempt(std::int64_t number, UtcSeconds start, UtcSeconds when) {
  put_attempt_.bind(place(number, start)).bind(epoch(when)).step();
}

void Shelf::put_revisions(std::int64_t number, std::vector<Revision> revisions) {
  // Of one booking the newest buckets tell the most.
  std::stable_sort(revisions.begin(), revisions.end(),
                   [](const Revision& a, const Revision& b) { return a.from < b.from; });
  last_revision_.bind(number);
  std::int64_t last = last_revision_.step() ? last_revision_.integer(0) : 0;
  last_revision_.reset();
  const std::size_t skipped = revisions.size() - std::min(revisions.size(), kRevisionsKept);
  for (std::size_t i = skipped; i < revisions.size(); ++i) {
    const Revision& revision = revisions[i];
    put_revision_.bind(number).bind(++last).bind(epoch(revision.when)).bind(std::int64_t{revision.channel});
    put_revision_.bind(epoch(revision.from)).bind(epoch(revision.until)).bind(revision.before).bind(revision.after);
    put_revision_.step();
  }
  forget_revisions_.bind(number).bind(last - static_cast<std::int64_t>(kRevisionsKept)).step();
}

std::vector<Revision> Shelf::revisions(std::int64_t number) {
  std::vector<Revision> revisions;
  Statement rows(database_,
                 "SELECT at, channel, booked_from, booked_until, earlier, later FROM revision WHERE device = ? "
                 "ORDER BY number DESC");
  rows.bind(number);
  while (rows.step()) {
    revisions.push_back({from_epoch(rows.integer(0)), static_cast<model::Channel>(rows.integer(1)),
                         from_epoch(rows.integer(2)), from_epoch(rows.integer(3)), rows.integer(4), rows.integer(5)});
  }
  return revisions;
}

void Shelf::put_mark(std::int64_t number, const Mark& mark) {
  put_mark_.bind(number).bind(epoch(mark.since)).bind_bytes(to_bytes(as_hour(mark))).step();
}

void Shelf::drop_mark(std::int64_t number, UtcSeconds since) {
  drop_mark_.bind(number).bind(epoch(since)).step();
}

}  // namespace emporia::ledger
