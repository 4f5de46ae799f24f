#include "metrics/table.hpp"

namespace emporia::metrics {

// clang-format off
const std::array<Row, kMetrics>& table() {
  using M = Metric;
  using K = Kind;
  // A call takes a fraction of a second as a rule, and is given up after 180 s at the latest.
  static const std::vector<double> kCallBounds = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};
  static const std::vector<double> kBookingBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
  static const std::array<Row, kMetrics> rows{{
    {M::build_info, K::gauge, "emporia2mqtt_build_info", "1; its label tells the version.", {"version"}},
    {M::start_time, K::gauge, "process_start_time_seconds", "When the process started, in seconds since 1970."},
    {M::resident_memory, K::gauge, "process_resident_memory_bytes", "Resident memory of the process."},

    {M::calls, K::counter, "emporia2mqtt_partner_calls_total",
     "Answered or failed calls of the Partner API, by method and gRPC status code.",
     {"method", "code"}},
    {M::call_duration, K::histogram, "emporia2mqtt_partner_call_duration_seconds",
     "From sending a call to its reply or failure, by method.", {"method"}, kCallBounds},
    {M::calls_used, K::gauge, "emporia2mqtt_partner_calls_used", "Calls made in the last 60 minutes, across restarts."},
    {M::calls_budget, K::gauge, "emporia2mqtt_partner_calls_budget", "Most calls that are made in any 60 minutes."},
    {M::calls_reserve, K::gauge, "emporia2mqtt_partner_calls_reserve", "Calls of the budget that are kept for commands."},
    {M::calls_postponed, K::gauge, "emporia2mqtt_partner_calls_postponed",
     "Calls that wait because the budget has no room for them."},
    {M::partner_state, K::gauge, "emporia2mqtt_partner_state",
     "1 for the state the Partner API is in, 0 for the others.", {"state"}},
    {M::partner_last_success, K::gauge, "emporia2mqtt_partner_last_success_timestamp_seconds",
     "When the Partner API last answered, in seconds since 1970; absent before the first answer."},
    {M::odd_parts, K::counter, "emporia2mqtt_partner_odd_parts_total", "Parts of replies that could not be understood."},

    {M::devices, K::gauge, "emporia2mqtt_devices", "Devices that are shown."},
    {M::devices_connected, K::gauge, "emporia2mqtt_devices_connected", "Of these, connected to the cloud."},
    {M::oldest_data, K::gauge, "emporia2mqtt_oldest_data_timestamp_seconds",
     "End of the newest booked bucket of the connected device that is furthest behind, in seconds since 1970; absent before the first booking."},
    {M::late_devices, K::gauge, "emporia2mqtt_late_devices",
     "Connected devices whose newest data is older than polling.stale_after_minutes."},

    {M::buckets_booked, K::counter, "emporia2mqtt_buckets_booked_total",
     "Buckets added to the energy counters, computed channels included; revised: booked before with another value.",
     {"scale", "revised"}},
    {M::missing_data, K::gauge, "emporia2mqtt_missing_data_seconds",
     "Time within the last 24 hours, over all devices, for which some channel has no value; looked up every ten minutes."},
    {M::gaps, K::gauge, "emporia2mqtt_gaps", "Gaps after an outage that are being filled."},
    {M::booking_duration, K::histogram, "emporia2mqtt_ledger_booking_duration_seconds",
     "Time to book one reply in the ledger, commit included.", {}, kBookingBounds},
    {M::booking_failures, K::counter, "emporia2mqtt_ledger_booking_failures_total", "Bookings that could not be stored."},
    {M::ledger_ok, K::gauge, "emporia2mqtt_ledger_ok", "1 while the ledger can be written, else 0."},

    {M::commands, K::counter, "emporia2mqtt_commands_total", "Commands from the broker by their final result.", {"status"}},

    {M::mqtt_connected, K::gauge, "emporia2mqtt_mqtt_connected", "1 while connected to the broker, else 0."},
    {M::mqtt_connects, K::counter, "emporia2mqtt_mqtt_connects_total", "Connections made to the broker."},
    {M::mqtt_sent, K::counter, "emporia2mqtt_mqtt_messages_sent_total", "Messages handed to the broker, repetitions included."},
    {M::mqtt_acknowledged, K::counter, "emporia2mqtt_mqtt_messages_acknowledged_total", "Messages the broker acknowledged."},
    {M::mqtt_dropped, K::counter, "emporia2mqtt_mqtt_messages_dropped_total",
     "Messages given up, because too many waited or the broker refused them."},
    {M::mqtt_waiting, K::gauge, "emporia2mqtt_mqtt_messages_waiting", "Messages that wait to be sent."},
    {M::mqtt_retained, K::gauge, "emporia2mqtt_mqtt_retained_topics", "Retained topics that stand, or should stand, at the broker."},
    {M::mqtt_refused_topics, K::gauge, "emporia2mqtt_mqtt_refused_topics", "Topics the broker does not let the bridge write to."},

    {M::device_connected, K::gauge, "emporia2mqtt_device_connected", "1 while the device is connected to the cloud, else 0.", {"device"}},
    {M::device_data, K::gauge, "emporia2mqtt_device_data_timestamp_seconds",
     "End of the device's newest booked bucket, in seconds since 1970.", {"device"}},
  }};
  return rows;
}
// clang-format on

}  // namespace emporia::metrics
