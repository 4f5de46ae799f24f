#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/micro_wh.hpp"
#include "model/energy.hpp"

namespace emporia::statistics {

/// Every external statistic of ours is "emporia:<slug>", and Home Assistant wants its source to be the same word.
inline constexpr const char* kSource = "emporia";

/// "emporia:<slug>" of an entity's unique id, "emporia_A0001_mains_import" -> "emporia:a0001_mains_import": letters
/// become small, runs of anything but letters and digits one underscore, at neither end one, and at most 250
/// characters. Where more than the case was changed a number that follows from the text tells the ids apart.
/// Home Assistant takes [0-9a-z_] without a double underscore (recorder/statistics.py, valid_statistic_id).
std::string statistic_id(const std::string& unique_id);

enum class Kind {
  /// kWh: the energy of the hour as `state` and its running total as `sum`.
  energy,
  /// W: `mean`, `min` and `max` of the hour.
  power
};

struct Series {
  std::string id;
  std::string name;
  Kind kind = Kind::energy;
  friend bool operator==(const Series&, const Series&) = default;
};

struct Power {
  double mean_w = 0;
  double min_w = 0;
  double max_w = 0;
  friend bool operator==(const Power&, const Power&) = default;
};

/// What the ledger holds of a series for one hour: energy, or power.
struct Value {
  ledger::MicroWh energy = 0;
  Power power;
  friend bool operator==(const Value&, const Value&) = default;
};
/// By start of the hour; hours of which nothing is known are left out, for missing is not zero.
using Hours = std::map<model::UtcSeconds, Value>;

/// What Home Assistant holds for one hour.
struct Held {
  double state_kwh = 0;
  double sum_kwh = 0;
  Power power;
  friend bool operator==(const Held&, const Held&) = default;
};
using HeldHours = std::map<model::UtcSeconds, Held>;

/// The hour at Home Assistant tells the same as the ledger: the energy to a thousandth of a watt-hour, the power to a
/// thousandth of a watt. The sum is not looked at: it follows from where a series begins.
bool same(Kind kind, const Value& value, const Held& held);

/// Start of the first hour that is missing or tells something else; nothing when all stand.
std::optional<model::UtcSeconds> first_difference(Kind kind, const Hours& hours, const HeldHours& held);

}  // namespace emporia::statistics
