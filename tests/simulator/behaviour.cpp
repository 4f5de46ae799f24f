#include "simulator/behaviour.hpp"

#include <algorithm>
#include <stdexcept>

namespace simulator {
namespace {

const Switch* find(std::string_view key) {
  for (const Switch& row : switches()) {
    if (row.key == key) return &row;
  }
  return nullptr;
}

bool allows(const Switch& row, std::string_view value) {
  return std::find(row.values.begin(), row.values.end(), value) != row.values.end();
}

}  // namespace

const std::vector<Switch>& switches() {
  static const std::vector<Switch> table = {
      {"empty_ids", {"all", "empty"}, "a usage or List request without ids means every device, or none"},
      {"usage_unknown_ids", {"omit", "invalid"}, "GetUsageData with an id the partner does not have"},
      {"list_unknown_ids", {"invalid", "omit"}, "List and Update with an id the partner does not have"},
      {"wrong_model", {"invalid", "omit"}, "List and Update with the id of a device of another model"},
      {"disconnected_update", {"omit", "error"}, "Update of an offline device: left out, or FAILED_PRECONDITION"},
      {"unchanged_update", {"omit", "include"}, "Update of a device that already is so"},
      {"batch",
       {"atomic", "partial", "skip"},
       "a bad item among good ones: nothing is done; the good ones are and the call fails; the bad one is left out"},
      {"wrong_password", {"unauthenticated", "permission_denied", "invalid"}, "status of a refused sign-in"},
      {"refused_calls_count", {"off", "on"}, "calls refused for the quota count towards it"},
      {"week_start", {"sunday", "monday", "saturday"}, "first day of a Weeks bucket"},
      {"months", {"calendar", "billing"}, "Months start on the 1st or on the billing cycle's day"},
      {"retention", {"empty", "nan"}, "Minutes and FifteenMinutes older than kept: left out, or NaN"},
      {"reversed_range", {"invalid", "empty"}, "start after end"},
      {"end_inclusive", {"on", "off"}, "the bucket that begins at the range's end is part of the reply"},
      {"partial_bars", {"off", "on"}, "FifteenMinutes and Hours include the running bucket"},
      {"newest_nan", {"on", "off"}, "the newest bucket is NaN on most channels until its data settle"},
      {"lag", {"on", "off"}, "data arrive minutes late, differently for each device"},
      {"gaps", {"on", "off"}, "Utility Connects miss single minutes"},
      {"missing_main", {"absent", "zero"}, "a channel without a current clamp"},
      {"empty_device", {"omit", "include"}, "a device without data in the range: left out, or with empty lists"},
      {"billing_day", {"present", "zero"}, "billing_cycle_start_day of newer and older servers"},
      {"customers", {"present", "hidden"}, "whether the partner may see the customers"},
      {"channel_names", {"present", "empty"}, "the deprecated list"},
      {"order", {"file", "reversed"}, "order of the inventory and of usage"},
      {"battery_soc", {"hide_offline", "keep_offline"}, "state of charge of an offline battery"},
  };
  return table;
}

Behaviour::Behaviour() {
  for (const Switch& row : switches()) values_.emplace(row.key, row.values.front());
}

bool Behaviour::is(std::string_view key, std::string_view value) const {
  const Switch* const row = find(key);
  if (row == nullptr || !allows(*row, value)) {
    throw std::logic_error("no such switch: " + std::string(key) + " " + std::string(value));
  }
  return values_.find(key)->second == value;
}

const std::string& Behaviour::value(std::string_view key) const {
  return values_.find(key)->second;
}

std::string Behaviour::set(std::string_view key, std::string_view value) {
  const Switch* const row = find(key);
  std::string allowed;
  if (row == nullptr) {
    for (const Switch& other : switches()) allowed += (allowed.empty() ? "" : ", ") + std::string(other.key);
    return "no behaviour '" + std::string(key) + "'; there are " + allowed;
  }
  if (!allows(*row, value)) {
    for (const std::string_view other : row->values) allowed += (allowed.empty() ? "" : ", ") + std::string(other);
    return "'" + std::string(value) + "' is not a value of " + std::string(key) + "; allowed: " + allowed;
  }
  values_.insert_or_assign(std::string(key), std::string(value));
  return {};
}

}  // namespace simulator
