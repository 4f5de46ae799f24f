#include "rooms/statistics/fake_recorder.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/time_text.hpp"

namespace emporia::tests {
namespace {

using Answer = runtime::Result<json::Value, std::string>;

Answer refusal(const std::string& why) {
  return runtime::Failure{why};
}

std::string text_of(const json::Value& value, const char* key) {
  const json::Value* found = value.find(key);
  return found == nullptr || found->as_string() == nullptr ? "" : *found->as_string();
}

std::optional<double> number_of(const json::Value& value, const char* key) {
  const json::Value* found = value.find(key);
  if (found == nullptr) return std::nullopt;
  if (found->as_integer() != nullptr) return static_cast<double>(*found->as_integer());
  if (found->as_double() != nullptr) return *found->as_double();
  return std::nullopt;
}

std::string without_those_of(const json::Object& object, std::set<std::string> keys) {
  for (const auto& [key, value] : object) {
    if (keys.erase(key) == 0) return "extra keys not allowed: " + key;
  }
  return keys.empty() ? "" : "required key not provided: " + *keys.begin();
}

bool is_slug(const std::string& text) {
  const bool legal = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  return !text.empty() && legal && text.front() != '_' && text.back() != '_' && text.find("__") == std::string::npos;
}

json::Value number_or_null(const std::optional<double>& number) {
  return number ? json::Value(*number) : json::Value();
}

}  // namespace

Answer FakeRecorder::command(const json::Object& command) {
  ++commands;
  for (Job& job : queue_) --job.after;
  while (!queue_.empty() && queue_.front().after <= 0) {
    Job job = std::move(queue_.front());
    queue_.pop_front();
    names_[job.id] = job.name;
    for (const auto& [start, row] : job.rows) rows_[job.id][start] = row;
  }
  const json::Value value(command);
  const std::string type = text_of(value, "type");
  if (type == "recorder/import_statistics") return import(command);
  if (type == "recorder/statistics_during_period") return read(value);
  if (type != "recorder/get_statistics_metadata") return refusal("Unknown command.");
  json::Array list;
  for (const json::Value& id : *value.find("statistic_ids")->as_array()) {
    if (names_.count(*id.as_string()) == 0) continue;
    list.push_back(json::Object{{"statistic_id", *id.as_string()}, {"name", names_.at(*id.as_string())}});
  }
  return json::Value(std::move(list));
}

std::string FakeRecorder::complaint_about(const json::Value& metadata) const {
  std::set<std::string> keys{"has_sum", "name", "source", "statistic_id", "unit_of_measurement"};
  // "2025.11" is the first that wants the other form.
  const bool old = version_ < "2025.11" || version_.rfind("2025.6", 0) == 0;
  if (old) {
    keys.insert("has_mean");
  } else {
    keys.insert({"mean_type", "unit_class"});
  }
  if (metadata.as_object() == nullptr) return "expected a dictionary";
  if (std::string wrong = without_those_of(*metadata.as_object(), keys); !wrong.empty()) return wrong;
  const std::string id = text_of(metadata, "statistic_id");
  const auto colon = id.find(':');
  if (colon == std::string::npos || !is_slug(id.substr(0, colon)) || !is_slug(id.substr(colon + 1))) {
    return "Invalid statistic_id";
  }
  if (text_of(metadata, "source") != id.substr(0, colon)) return "Invalid source";
  const std::string unit = text_of(metadata, "unit_of_measurement");
  if (unit != "kWh" && unit != "W") return "Invalid unit";
  if (!old && text_of(metadata, "unit_class") != (unit == "W" ? "power" : "energy")) return "Invalid unit_class";
  return {};
}

Answer FakeRecorder::import(const json::Object& command) {
  const json::Value value(command);
  if (std::string wrong = without_those_of(command, {"type", "metadata", "stats"}); !wrong.empty())
    return refusal(wrong);
  const json::Value& metadata = *value.find("metadata");
  if (std::string wrong = complaint_about(metadata); !wrong.empty()) return refusal(wrong);
  Job job{written_after, text_of(metadata, "statistic_id"), text_of(metadata, "name"), {}};
  for (const json::Value& row : *value.find("stats")->as_array()) {
    const auto start = runtime::parse_iso8601(text_of(row, "start"));
    if (!start) return refusal("Naive or missing timestamp");
    if (start->time_since_epoch().count() % 3600 != 0)
      return refusal("Invalid timestamp: minutes and seconds must be 0");
    job.rows[*start] = {number_of(row, "state"), number_of(row, "sum"), number_of(row, "mean"), number_of(row, "min"),
                        number_of(row, "max")};
  }
  rows_imported += job.rows.size();
  queue_.push_back(std::move(job));
  return json::Value();
}

Answer FakeRecorder::read(const json::Value& command) {
  const auto from = runtime::parse_iso8601(text_of(command, "start_time"));
  const auto until = runtime::parse_iso8601(text_of(command, "end_time"));
  const json::Array* ids = command.find("statistic_ids")->as_array();
  if (!from || !until || ids == nullptr || ids->empty()) return refusal("Invalid start_time or no ids");
  json::Object result;
  std::size_t told = 0;
  for (const json::Value& id : *ids) {
    const auto found = rows_.find(*id.as_string());
    if (found == rows_.end()) continue;
    json::Array list;
    for (auto row = found->second.lower_bound(*from); row != found->second.end() && row->first < *until; ++row) {
      const std::int64_t start_ms = std::int64_t{row->first.time_since_epoch().count()} * 1000;
      list.push_back(json::Object{{"start", start_ms},
                                  {"end", start_ms + 3'600'000},
                                  {"state", number_or_null(row->second.state)},
                                  {"sum", number_or_null(row->second.sum)},
                                  {"mean", number_or_null(row->second.mean)},
                                  {"min", number_or_null(row->second.min)},
                                  {"max", number_or_null(row->second.max)}});
    }
    told += list.size();
    // An id without rows in the range is left out.
    if (!list.empty()) result.emplace_back(*id.as_string(), std::move(list));
  }
  largest_answer = std::max(largest_answer, told);
  return json::Value(std::move(result));
}

void FakeRecorder::write_queue() {
  for (Job& job : queue_) {
    names_[job.id] = job.name;
    for (const auto& [start, row] : job.rows) rows_[job.id][start] = row;
  }
  queue_.clear();
}

void FakeRecorder::lose_all() {
  queue_.clear();
  rows_.clear();
  names_.clear();
}

void FakeRecorder::lose(model::UtcSeconds from, model::UtcSeconds until) {
  for (auto& [id, rows] : rows_) rows.erase(rows.lower_bound(from), rows.lower_bound(until));
}

const FakeRecorder::Rows& FakeRecorder::rows(const std::string& id) const {
  static const Rows kNone;
  const auto found = rows_.find(id);
  return found == rows_.end() ? kNone : found->second;
}

}  // namespace emporia::tests
