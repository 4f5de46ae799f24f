#include "ledger/shelf.hpp"

#include <algorithm>

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

std::int64_t epoch(UtcSeconds time) {
  return time.time_since_epoch().count();
}
UtcSeconds from_epoch(std::int64_t seconds) {
  return UtcSeconds{std::chrono::seconds{seconds}};
}

// The hours of a device lie side by side: its number, then 24 bits for the hour, which last until 3883.
constexpr std::int64_t kHoursOfADevice = 1 << 24;

/// The place of the first hour that does not begin before `time`.
std::int64_t place(std::int64_t number, UtcSeconds time) {
  const std::int64_t hour = (std::max(epoch(time), std::int64_t{0}) + 3599) / 3600;
  return number * kHoursOfADevice + std::min(hour, kHoursOfADevice - 1);
}
UtcSeconds hour_at(std::int64_t place) {
  return from_epoch(place % kHoursOfADevice * 3600);
}

}  // namespace

Shelf::Shelf(Database& database)
    : database_(database),
      put_device_(database, "INSERT INTO device (id, start) VALUES (?,?)"),
      find_device_(database, "SELECT number FROM device WHERE id = ?"),
      put_counter_(database,
                   "INSERT INTO account VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (device, channel) DO UPDATE SET "
                   "positive = excluded.positive, negative = excluded.negative, "
                   "shown_positive = excluded.shown_positive, shown_negative = excluded.shown_negative, "
                   "shown_net = excluded.shown_net, booked_from = excluded.booked_from, "
                   "booked_until = excluded.booked_until"),
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
                   "attempts = attempts + 1, asked_at = excluded.asked_at") {}

std::unordered_map<model::DeviceId, Account> Shelf::load_accounts() {
  std::unordered_map<model::DeviceId, Account> accounts;
  std::map<std::int64_t, Account*> by_number;
  Statement devices(database_, "SELECT number, id, start FROM device");
  while (devices.step()) {
    Account& account = accounts[model::DeviceId(devices.text(1))];
    account.number = devices.integer(0);
    account.start = from_epoch(devices.integer(2));
    by_number[account.number] = &account;
  }
  Statement rows(database_,
                 "SELECT device, channel, positive, negative, shown_positive, shown_negative, shown_net, booked_from, "
                 "booked_until FROM account");
  while (rows.step()) {
    const auto account = by_number.find(rows.integer(0));
    if (account == by_number.end()) continue;
    account->second->counters[static_cast<model::Channel>(rows.integer(1))] = {rows.integer(2),
                                                                               rows.integer(3),
                                                                               rows.integer(4),
                                                                               rows.integer(5),
                                                                               rows.integer(6),
                                                                               from_epoch(rows.integer(7)),
                                                                               from_epoch(rows.integer(8))};
  }
  return accounts;
}

void Shelf::add(const model::DeviceId& device, Account& account) {
  put_device_.bind(device.text()).bind(epoch(account.start)).step();
  find_device_.bind(device.text());
  if (find_device_.step()) account.number = find_device_.integer(0);
  find_device_.reset();
}

void Shelf::put_counter(std::int64_t number, model::Channel channel, const Counter& counter) {
  put_counter_.bind(number)
      .bind(std::int64_t{channel})
      .bind(counter.positive)
      .bind(counter.negative)
      .bind(counter.shown_positive)
      .bind(counter.shown_negative)
      .bind(counter.shown_net)
      .bind(epoch(counter.booked_from))
      .bind(epoch(counter.booked_until));
  put_counter_.step();
}

Hour Shelf::hour(std::int64_t number, UtcSeconds start) {
  get_hour_.reset();
  get_hour_.bind(place(number, start));
  if (!get_hour_.step()) return {};
  std::optional<Hour> hour = from_bytes(get_hour_.text(0));
  get_hour_.reset();
  if (!hour) throw SqliteError("an hour of usage cannot be read", 11 /* SQLITE_CORRUPT */);
  return std::move(*hour);
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

}  // namespace emporia::ledger
