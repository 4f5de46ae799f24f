#include "ledger/handed_on.hpp"

#include <algorithm>

#include "ledger/epoch.hpp"

namespace emporia::ledger {
namespace {

using model::UtcSeconds;

}  // namespace

HandedOn::HandedOn(Database& database)
    : database_(database),
      get_due_(database, "SELECT from_hour FROM due_hour WHERE device = ?"),
      lower_due_(database, "UPDATE due_hour SET from_hour = ?2 WHERE device = ?1 AND from_hour > ?2"),
      put_due_(database, "INSERT OR REPLACE INTO due_hour VALUES (?,?)"),
      move_due_(database, "UPDATE due_hour SET from_hour = ?3 WHERE device = ?1 AND from_hour = ?2 RETURNING device"),
      put_series_(database, "INSERT OR REPLACE INTO named_series VALUES (?,?,?,?,?,?)"),
      put_history_(database, "INSERT OR REPLACE INTO history_hour VALUES (?,?,?)"),
      history_(database, "SELECT hour, data FROM history_hour WHERE device = ? AND hour >= ? AND hour < ?"),
      history_begin_(database, "SELECT hour FROM history_hour WHERE device = ? ORDER BY hour LIMIT 1") {}

std::optional<UtcSeconds> HandedOn::due_from(std::int64_t number) {
  get_due_.bind(number);
  if (!get_due_.step()) return std::nullopt;
  const UtcSeconds from = from_epoch(get_due_.integer(0));
  get_due_.reset();
  return from;
}

void HandedOn::touched(std::int64_t number, UtcSeconds hour) {
  lower_due_.bind(number).bind(epoch(hour)).step();
}

void HandedOn::put_due(std::int64_t number, UtcSeconds hour) {
  put_due_.bind(number).bind(epoch(hour)).step();
}

void HandedOn::drop_due(std::int64_t number) {
  Statement drop(database_, "DELETE FROM due_hour WHERE device = ?");
  drop.bind(number).step();
}

bool HandedOn::move_due(std::int64_t number, UtcSeconds before, UtcSeconds hour) {
  bool moved = false;
  move_due_.bind(number).bind(epoch(before)).bind(epoch(hour));
  while (move_due_.step()) moved = true;
  return moved;
}

void HandedOn::put_series(const NamedSeries& series, std::int64_t number) {
  put_series_.bind(series.id)
      .bind(series.name)
      .bind(number)
      .bind(static_cast<std::int64_t>(series.channel))
      .bind(std::int64_t{series.negative ? 1 : 0})
      .bind(std::int64_t{series.power ? 1 : 0})
      .step();
}

void HandedOn::drop_series(const std::string& id) {
  Statement drop(database_, "DELETE FROM named_series WHERE id = ?");
  drop.bind(id).step();
}

std::vector<NamedSeries> HandedOn::series() {
  std::vector<NamedSeries> all;
  Statement rows(database_,
                 "SELECT named_series.id, name, device.id, channel, negative, power FROM named_series JOIN device ON "
                 "device.number = named_series.device ORDER BY power, device.id, channel, negative");
  while (rows.step()) {
    all.push_back({rows.text(0), rows.text(1), model::DeviceId(rows.text(2)),
                   static_cast<model::Channel>(std::clamp(rows.integer(3), std::int64_t{0}, std::int64_t{9999})),
                   rows.integer(4) != 0, rows.integer(5) != 0});
  }
  return all;
}

void HandedOn::put_history(std::int64_t number, UtcSeconds start, const Hour& hour) {
  put_history_.bind(number).bind(epoch(start)).bind_bytes(to_bytes(hour)).step();
}

std::map<UtcSeconds, Hour> HandedOn::history(std::int64_t number, UtcSeconds from, UtcSeconds until) {
  std::map<UtcSeconds, Hour> hours;
  history_.bind(number).bind(epoch(from)).bind(epoch(until));
  while (history_.step()) {
    hours.emplace(from_epoch(history_.integer(0)), from_bytes(history_.text(1)).value_or(Hour::unreadable()));
  }
  return hours;
}

std::optional<UtcSeconds> HandedOn::history_begin(std::int64_t number) {
  history_begin_.bind(number);
  std::optional<UtcSeconds> begin;
  while (history_begin_.step()) begin = from_epoch(history_begin_.integer(0));
  return begin;
}

}  // namespace emporia::ledger
