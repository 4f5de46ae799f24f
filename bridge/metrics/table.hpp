#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace emporia::metrics {

enum class Metric : std::uint8_t {
  build_info,
  start_time,
  resident_memory,
  calls,
  call_duration,
  calls_used,
  calls_budget,
  calls_reserve,
  calls_postponed,
  partner_state,
  partner_last_success,
  odd_parts,
  devices,
  devices_connected,
  oldest_data,
  late_devices,
  buckets_booked,
  missing_data,
  gaps,
  booking_duration,
  booking_failures,
  ledger_ok,
  commands,
  mqtt_connected,
  mqtt_connects,
  mqtt_sent,
  mqtt_acknowledged,
  mqtt_dropped,
  mqtt_waiting,
  mqtt_retained,
  mqtt_refused_topics,
  device_connected,
  device_data,
};
inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::device_data) + 1;

enum class Kind : std::uint8_t { counter, gauge, histogram };

/// One metric. Names follow https://prometheus.io/docs/practices/naming/: base units, `_total` for counters.
struct Row {
  Metric metric;
  Kind kind;
  std::string_view name;
  std::string_view help;
  /// Names of its labels, in the order in which values are given.
  std::vector<std::string_view> labels = {};
  /// Upper bounds of a histogram's buckets, seconds.
  std::vector<double> bounds = {};
};

/// One row a metric, in the order of the enumeration.
const std::array<Row, kMetrics>& table();

}  // namespace emporia::metrics
