#include "statistics/messages.hpp"

#include <cmath>

#include "runtime/time_text.hpp"

namespace emporia::statistics {
namespace {

constexpr double kMicroWhInAKwh = 1e9;

json::Object metadata(const Series& series, Form form) {
  const bool power = series.kind == Kind::power;
  json::Object object{{"has_sum", !power},
                      {"name", series.name},
                      {"source", kSource},
                      {"statistic_id", series.id},
                      {"unit_of_measurement", power ? "W" : "kWh"}};
  if (form == Form::has_mean) {
    object.emplace_back("has_mean", power);
  } else {
    object.emplace_back("mean_type", power ? 1 : 0);  // none, arithmetic
    object.emplace_back("unit_class", power ? "power" : "energy");
  }
  return object;
}

double number(const json::Value& row, std::string_view key) {
  const json::Value* found = row.find(key);
  if (found == nullptr) return 0;
  if (const auto* whole = found->as_integer()) return static_cast<double>(*whole);
  const auto* real = found->as_double();
  return real == nullptr ? 0 : *real;
}

}  // namespace

Form form_of(int year, int month) {
  return year > 2025 || (year == 2025 && month >= 11) ? Form::mean_type : Form::has_mean;
}

json::Object import_command(const Series& series, Form form, const Hours& hours, ledger::MicroWh& sum) {
  json::Array rows;
  for (const auto& [start, value] : hours) {
    // With the zone, as Home Assistant wants it.
    json::Object row{{"start", runtime::iso8601(start)}};
    if (series.kind == Kind::energy) {
      sum += value.energy;
      row.emplace_back("state", static_cast<double>(value.energy) / kMicroWhInAKwh);
      row.emplace_back("sum", static_cast<double>(sum) / kMicroWhInAKwh);
    } else {
      row.emplace_back("mean", value.power.mean_w);
      row.emplace_back("min", value.power.min_w);
      row.emplace_back("max", value.power.max_w);
    }
    rows.emplace_back(std::move(row));
  }
  return {{"type", "recorder/import_statistics"}, {"metadata", metadata(series, form)}, {"stats", std::move(rows)}};
}

json::Object look_up_command(const std::vector<std::string>& ids) {
  json::Array list;
  for (const std::string& id : ids) list.emplace_back(id);
  return {{"type", "recorder/get_statistics_metadata"}, {"statistic_ids", std::move(list)}};
}

std::set<std::string> ids_in(const json::Value& result) {
  std::set<std::string> ids;
  const json::Array* list = result.as_array();
  if (list == nullptr) return ids;
  for (const json::Value& entry : *list) {
    const json::Value* id = entry.find("statistic_id");
    if (id != nullptr && id->as_string() != nullptr) ids.insert(*id->as_string());
  }
  return ids;
}

json::Object read_command(const std::vector<std::string>& ids, model::UtcSeconds from, model::UtcSeconds until) {
  json::Array list;
  for (const std::string& id : ids) list.emplace_back(id);
  return {{"type", "recorder/statistics_during_period"},
          {"start_time", runtime::iso8601(from)},
          {"end_time", runtime::iso8601(until)},
          {"statistic_ids", std::move(list)},
          {"period", "hour"},
          {"units", json::Object{{"energy", "kWh"}, {"power", "W"}}},
          {"types", json::Array{"state", "sum", "mean", "min", "max"}}};
}

std::map<std::string, HeldHours> held_in(const json::Value& result) {
  std::map<std::string, HeldHours> all;
  const json::Object* by_id = result.as_object();
  if (by_id == nullptr) return all;
  for (const auto& [id, value] : *by_id) {
    const json::Array* rows = value.as_array();
    if (rows == nullptr) continue;
    HeldHours& held = all[id];
    for (const json::Value& row : *rows) {
      // Milliseconds since the epoch.
      const double start_ms = number(row, "start");
      if (!(start_ms > 0 && start_ms < 1e14)) continue;
      const model::UtcSeconds start{std::chrono::seconds{std::llround(start_ms / 1000)}};
      held[start] = {
          number(row, "state"), number(row, "sum"), {number(row, "mean"), number(row, "min"), number(row, "max")}};
    }
  }
  return all;
}

}  // namespace emporia::statistics
