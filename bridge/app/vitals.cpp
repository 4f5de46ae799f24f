#include "app/vitals.hpp"

#include <algorithm>
#include <array>

#include "app/resident_memory.hpp"
#include "app/utc.hpp"
#include "app/version.hpp"
#include "json/value.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using metrics::Metric;
using partner::PartnerState;

// Often enough for a scrape every few seconds; between two looks a turn of the loop costs one comparison.
constexpr auto kLookEvery = 5s;
constexpr auto kLookAgainAfter = 1s;
// Missing minutes are read from the ledger's file: seldom, and of a fleet a few devices a look.
constexpr auto kMissingEvery = 10min;
constexpr auto kMissingOver = 24h;
constexpr std::size_t kMissingAtOnce = 20;

constexpr std::array kPartnerStates{PartnerState::signing_in, PartnerState::ok, PartnerState::auth_refused,
                                    PartnerState::unreachable, PartnerState::throttled};
constexpr std::array kFinalStatuses{commands::Status::confirmed, commands::Status::unchanged,
                                    commands::Status::offline,   commands::Status::refused,
                                    commands::Status::timeout,   commands::Status::superseded};

template <typename Time>
double since_1970(Time time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

json::Value problem(const char* part, std::string text) {
  return json::Object{{"part", part}, {"text", std::move(text)}};
}

std::string partner_problem(const partner::PartnerStatus& status) {
  switch (status.state) {
    case PartnerState::ok:
      return {};
    case PartnerState::signing_in:
      return "the Partner API has not answered yet";
    case PartnerState::auth_refused:
    case PartnerState::unreachable:
    case PartnerState::throttled:
      break;
  }
  return status.last_error;
}

}  // namespace

Vitals::Vitals(metrics::Registry& registry, HealthBoard& board, const ledger::UsageLedger& ledger, runtime::Now now)
    : registry_(registry),
      board_(board),
      ledger_(ledger),
      started_(now.steady),
      look_at_(now.steady),
      looked_at_(now.steady),
      missing_at_(now.steady) {
  registry_.set(Metric::build_info, 1, {kVersion});
  registry_.set(Metric::start_time, since_1970(now.system));
  // Shown at zero, so that the first of its kind is a step that can be seen.
  for (const auto status : kFinalStatuses) registry_.count(Metric::commands, 0, {commands::word(status)});
  for (const char* revised : {"false", "true"}) {
    registry_.count(Metric::buckets_booked, 0, {model::word(model::Scale::minutes), revised});
  }
}

void Vitals::booked(const ledger::BookedSpan& span) {
  std::size_t buckets = 0;
  for (const auto& [channel, list] : span.channels) buckets += list.size();
  registry_.count(Metric::buckets_booked, static_cast<double>(buckets),
                  {model::word(span.scale), span.revised ? "true" : "false"});
}

void Vitals::answered(const commands::Result& result) {
  if (commands::is_final(result.status)) registry_.count(Metric::commands, 1, {commands::word(result.status)});
}

void Vitals::on_time(const View& view, runtime::Now now) {
  if (looked_ && now.steady < looked_at_ + kLookAgainAfter) {
    // Something has happened so soon after a look: worth another one, but once for a burst.
    look_at_ = looked_at_ + kLookAgainAfter;
    return;
  }
  look(view, now);
  looked_ = true;
  looked_at_ = now.steady;
  look_at_ = now.steady + kLookEvery;
}

void Vitals::look(const View& view, runtime::Now now) {
  look_at_partner(view, now);
  look_at_home(view, now);
  look_at_broker(view);
  look_for_missing(view, now);
  if (const auto memory = resident_memory_bytes()) {
    registry_.set(Metric::resident_memory, static_cast<double>(*memory));
  }
  judge(view, now);
}

void Vitals::look_at_partner(const View& view, runtime::Now now) {
  const partner::Client& client = view.collector.client();
  const partner::PartnerStatus& status = client.status();
  for (const auto state : kPartnerStates) {
    registry_.set(Metric::partner_state, state == status.state ? 1 : 0, {partner::word(state)});
  }
  if (status.last_success) registry_.set(Metric::partner_last_success, since_1970(*status.last_success));
  registry_.set(Metric::calls_used, client.budget().used(now.steady));
  registry_.set(Metric::calls_budget, client.budget().limit());
  registry_.set(Metric::calls_reserve, client.budget().reserve());
  registry_.set(Metric::calls_postponed, client.postponed());
  registry_.count_to(Metric::odd_parts, static_cast<double>(client.oddities()));
  registry_.set(Metric::gaps, static_cast<double>(view.collector.gaps().size()));
  registry_.set(Metric::ledger_ok, view.collector.ledger_trouble().empty() ? 1 : 0);
}

void Vitals::look_at_home(const View& view, runtime::Now now) {
  const auto late_after = std::chrono::minutes{view.settings.polling.stale_after_minutes};
  std::size_t connected = 0;
  std::optional<model::UtcSeconds> oldest;
  std::map<metrics::LabelValues, double> each_connected;
  std::map<metrics::LabelValues, double> each_data;
  late_ = 0;
  for (const auto& [id, picture] : view.home.devices()) {
    const bool here = picture.device.connected;
    if (view.settings.http.per_device_metrics) {
      each_connected[{id.text()}] = here ? 1 : 0;
      if (picture.as_of) each_data[{id.text()}] = since_1970(*picture.as_of);
    }
    if (!here) continue;
    ++connected;
    if (!picture.as_of) continue;
    oldest = std::min(oldest.value_or(*picture.as_of), *picture.as_of);
    if (now.system - *picture.as_of > late_after) ++late_;
  }
  registry_.set(Metric::devices, static_cast<double>(view.home.devices().size()));
  registry_.set(Metric::devices_connected, static_cast<double>(connected));
  registry_.set(Metric::late_devices, static_cast<double>(late_));
  std::map<metrics::LabelValues, double> oldest_data;
  if (oldest) oldest_data[{}] = since_1970(*oldest);
  registry_.set_all(Metric::oldest_data, oldest_data);
  registry_.set_all(Metric::device_connected, each_connected);
  registry_.set_all(Metric::device_data, each_data);
}

void Vitals::look_at_broker(const View& view) {
  const mqtt::SessionHealth health = view.session.health();
  registry_.set(Metric::mqtt_connected, health.up ? 1 : 0);
  registry_.count_to(Metric::mqtt_connects, static_cast<double>(health.connects));
  registry_.count_to(Metric::mqtt_sent, static_cast<double>(health.messages.sent));
  registry_.count_to(Metric::mqtt_acknowledged, static_cast<double>(health.messages.acknowledged));
  registry_.count_to(Metric::mqtt_dropped, static_cast<double>(health.messages.dropped));
  registry_.set(Metric::mqtt_waiting, static_cast<double>(health.waiting));
  registry_.set(Metric::mqtt_retained, static_cast<double>(health.retained));
  registry_.set(Metric::mqtt_refused_topics, static_cast<double>(health.refused_topics));
}

void Vitals::look_for_missing(const View& view, runtime::Now now) {
  if (now.steady < missing_at_) return;
  const auto& devices = view.home.devices();
  auto next = missing_next_ ? devices.lower_bound(*missing_next_) : devices.begin();
  if (!missing_next_) missing_found_ = 0;
  const auto until = utc(now);
  for (std::size_t looked = 0; looked < kMissingAtOnce && next != devices.end(); ++looked, ++next) {
    for (const ledger::Hole& hole : ledger_.holes(next->first, until - kMissingOver, until, 24)) {
      missing_found_ += hole.missing_minutes;
    }
  }
  if (next != devices.end()) {
    missing_next_ = next->first;
    return;
  }
  missing_next_.reset();
  // Before the first inventory nothing is known, which is not the same as that nothing is missing.
  if (devices.empty()) return;
  missing_at_ = now.steady + kMissingEvery;
  registry_.set(Metric::missing_data, missing_found_ * 60.0);
}

void Vitals::judge(const View& view, runtime::Now now) {
  json::Array problems;
  const mqtt::SessionHealth broker = view.session.health();
  const partner::PartnerStatus& partner = view.collector.client().status();
  if (!broker.up) {
    problems.push_back(problem("broker", broker.last_error.empty() ? "not connected yet" : broker.last_error));
  }
  if (std::string text = partner_problem(partner); !text.empty()) {
    problems.push_back(problem("partner", std::move(text)));
  }
  if (late_ > 0) {
    problems.push_back(problem(
        "data", runtime::concat(late_, late_ == 1 ? " connected device has" : " connected devices have",
                                " no data of the last ", view.settings.polling.stale_after_minutes,
                                " minutes: the service has none, or cannot be asked; bridge/health tells more")));
  }
  const std::string& ledger = view.collector.ledger_trouble();
  if (!ledger.empty()) problems.push_back(problem("ledger", ledger));
  const auto lag = view.reporter.data_lag(now);
  const auto uptime = std::chrono::floor<std::chrono::seconds>(now.steady - started_);
  auto snapshot = std::make_shared<HealthSnapshot>();
  snapshot->at = now.steady;
  snapshot->ok = problems.empty();
  snapshot->json =
      json::to_text(json::Object{{"status", snapshot->ok ? "ok" : "failing"},
                                 {"problems", std::move(problems)},
                                 {"broker_connected", broker.up},
                                 {"partner_state", partner::word(partner.state)},
                                 {"ledger_ok", ledger.empty()},
                                 {"late_devices", static_cast<std::int64_t>(late_)},
                                 {"data_lag_s", lag ? json::Value(std::int64_t{lag->count()}) : json::Value()},
                                 {"version", kVersion},
                                 {"uptime_s", std::int64_t{uptime.count()}}});
  board_.put(std::move(snapshot));
}

}  // namespace emporia::app
