#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "statistics/series.hpp"

namespace emporia::statistics {

/// Which metadata Home Assistant takes; its schema is closed. Up to 2025.10 `has_mean` is required and what came later
/// unknown; from 2025.11 on `mean_type` and `unit_class` stand for it, and a call without them stops working in
/// 2026.11 (developer blog of 2025-10-16).
enum class Form { has_mean, mean_type };
Form form_of(int year, int month);

/// The rows of one message; Home Assistant and the Supervisor's proxy close a connection at messages of 4 MiB, and a
/// row has about a hundred bytes.
inline constexpr std::size_t kRowsInAMessage = 5'000;

/// recorder/import_statistics of hours of one series, at most kRowsInAMessage. `sum` is the running total before the
/// first of them, kWh in millionths of a watt-hour, and after it that of the last. Without hours it gives the series
/// its name.
json::Object import_command(const Series& series, Form form, const Hours& hours, ledger::MicroWh& sum);

/// recorder/get_statistics_metadata, and the ids of those that are there.
json::Object look_up_command(const std::vector<std::string>& ids);
std::set<std::string> ids_in(const json::Value& result);

/// recorder/statistics_during_period of the hours that begin between two times, in kWh and W.
json::Object read_command(const std::vector<std::string>& ids, model::UtcSeconds from, model::UtcSeconds until);
/// What that answered, by id. Rows that cannot be read are left out.
std::map<std::string, HeldHours> held_in(const json::Value& result);

}  // namespace emporia::statistics
