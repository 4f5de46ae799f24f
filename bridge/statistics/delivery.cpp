#include "statistics/delivery.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <utility>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::statistics {
namespace {

using namespace std::chrono_literals;
using model::UtcSeconds;

constexpr std::chrono::seconds kAtOneTime = 31 * 24h;
static_assert(static_cast<std::size_t>(kAtOneTime / 1h) <= kRowsInAMessage);
// What one answer tells: 150 bytes a row, and the Supervisor's proxy closes the connection at 4 MiB.
constexpr std::size_t kRowsInAnAnswer = 10'000;
// What revisions reach back most often; further only where something is different there.
constexpr std::chrono::seconds kFirstLook = 24h;
// A series that has stood still for longer begins anew.
constexpr std::chrono::seconds kFurthestLook = 3 * 366 * 24h;
// 8,760 rows were readable after 5 s on a fast machine.
constexpr auto kFirstPause = 100ms;
constexpr auto kLongestPause = 30s;
constexpr auto kWrittenWithin = 5min;

std::chrono::seconds readable(std::size_t series) {
  const auto hours = static_cast<std::int64_t>(kRowsInAnAnswer / std::max<std::size_t>(series, 1));
  return std::clamp<std::chrono::seconds>(std::chrono::hours{hours}, kFirstLook, kAtOneTime);
}

void drop_empty(std::vector<SeriesHours>& series) {
  std::erase_if(series, [](const SeriesHours& entry) { return entry.hours.empty(); });
}

HeldHours held_of(const std::map<std::string, HeldHours>& held, const Series& series) {
  const auto found = held.find(series.id);
  return found == held.end() ? HeldHours() : found->second;
}

/// The sum at Home Assistant of the last hour is the one that was sent, to a thousandth of a watt-hour.
bool sum_stands(const SeriesHours& entry, const HeldHours& held, ledger::MicroWh sum) {
  if (entry.series.kind == Kind::power) return true;
  const auto last = held.find(entry.hours.rbegin()->first);
  return last != held.end() && std::llabs(std::llround(last->second.sum_kwh * 1e9) - sum) < 1000;
}

}  // namespace

Delivery::Delivery(Source& source, Form form, std::vector<Due> due)
    : source_(source), form_(form), waiting_(due.begin(), due.end()), step_(Step::look_up) {}

std::vector<std::string> Delivery::ids() const {
  std::vector<std::string> ids;
  for (const SeriesHours& entry : series_) ids.push_back(entry.series.id);
  return ids;
}

bool Delivery::all_have_sums() const {
  return std::none_of(series_.begin(), series_.end(), [this](const auto& entry) { return needs_sum(entry.series); });
}

void Delivery::next_device(runtime::Now now) {
  step_ = Step::finished;
  if (waiting_.empty()) return;
  due_ = waiting_.front();
  waiting_.pop_front();
  sums_.clear();
  begin(due_.from, now);
}

bool Delivery::take_hours() {
  until_ = std::min(from_ + kAtOneTime, due_.until);
  series_ = source_.hours(due_.device, from_, until_);
  drop_empty(series_);
  until_ = std::min(until_, from_ + readable(series_.size()));
  for (SeriesHours& entry : series_) entry.hours.erase(entry.hours.lower_bound(until_), entry.hours.end());
  drop_empty(series_);
  return !series_.empty();
}

void Delivery::begin(UtcSeconds from, runtime::Now now) {
  source_.delivering(due_.device);
  for (from_ = from; from_ < due_.until; from_ = until_) {
    if (!take_hours()) continue;
    // Sums that are known are those of the hours that have just been read back.
    if (all_have_sums() && !sums_.empty()) return prepare();
    step_ = Step::look_up;
    return;
  }
  source_.delivered(due_.device, due_.from, due_.until);
  next_device(now);
}

std::optional<json::Object> Delivery::next_command(runtime::Now now) {
  if (!std::exchange(started_, true)) next_device(now);
  if (awaiting_ || !trouble_.empty() || step_ == Step::finished) return std::nullopt;
  if (step_ == Step::read_back && now.steady < read_at_) return std::nullopt;
  awaiting_ = true;
  if (step_ == Step::look_up) return look_up_command(ids());
  if (step_ == Step::look_back) return read_command(looked_at_, looked_until_ - look_, looked_until_);
  if (step_ == Step::send) {
    json::Object command = std::move(commands_.front());
    commands_.pop_front();
    return command;
  }
  read_at_ = runtime::kNever;
  return read_command(ids(), from_, until_);
}

void Delivery::on_answer(const json::Value& result, runtime::Now now) {
  if (!std::exchange(awaiting_, false)) return;
  if (step_ == Step::look_up) return on_looked_up(result);
  if (step_ == Step::look_back) return on_looked_back(result, now);
  if (step_ == Step::read_back) return on_read_back(result, now);
  if (!commands_.empty()) return;
  step_ = Step::read_back;
  pause_ = kFirstPause;
  read_at_ = now.steady + pause_;
  give_up_at_ = now.steady + kWrittenWithin;
}

void Delivery::on_refusal(const std::string& why) {
  awaiting_ = false;
  trouble_ = "Home Assistant refuses the statistics of " + due_.device.text() + ": " + why;
}

void Delivery::on_looked_up(const json::Value& result) {
  const std::set<std::string> there = ids_in(result);
  for (const SeriesHours& entry : series_) {
    if (entry.series.kind == Kind::energy && there.count(entry.series.id) == 0) sums_.emplace(entry.series.id, 0);
  }
  step_ = Step::look_back;
  looked_until_ = from_;
  looked_at_ = ids();
  look_ = kFirstLook;
}

void Delivery::on_looked_back(const json::Value& result, runtime::Now now) {
  const UtcSeconds looked_from = looked_until_ - look_;
  const auto held = held_in(result);
  std::optional<UtcSeconds> different;
  for (const SeriesHours& known : source_.hours(due_.device, looked_from, looked_until_)) {
    if (std::find(looked_at_.begin(), looked_at_.end(), known.series.id) == looked_at_.end()) continue;
    const auto first = first_difference(known.series.kind, known.hours, held_of(held, known.series));
    if (first && (!different || *first < *different)) different = first;
  }
  if (different) {
    // What is before it may be different, too.
    sums_.clear();
    return begin(*different, now);
  }
  for (const SeriesHours& entry : series_) {
    const HeldHours stands = held_of(held, entry.series);
    if (!stands.empty()) sums_.emplace(entry.series.id, std::llround(stands.rbegin()->second.sum_kwh * 1e9));
  }
  if (all_have_sums() || looked_until_ < from_ - kFurthestLook) return prepare();
  looked_until_ = looked_from;
  looked_at_.clear();
  for (const SeriesHours& entry : series_) {
    if (needs_sum(entry.series)) looked_at_.push_back(entry.series.id);
  }
  look_ = std::min(look_ * 2, readable(looked_at_.size()));
}

void Delivery::prepare() {
  step_ = Step::send;
  commands_.clear();
  for (const SeriesHours& entry : series_) {
    commands_.push_back(import_command(entry.series, form_, entry.hours, sums_[entry.series.id]));
  }
}

void Delivery::on_read_back(const json::Value& result, runtime::Now now) {
  const auto held = held_in(result);
  for (const SeriesHours& entry : series_) {
    const HeldHours stands = held_of(held, entry.series);
    const auto missing = first_difference(entry.series.kind, entry.hours, stands);
    if (!missing && sum_stands(entry, stands, sums_[entry.series.id])) continue;
    if (now.steady >= give_up_at_) {
      trouble_ = runtime::concat("Home Assistant has not written ", entry.series.id, " of ",
                                 runtime::iso8601(missing.value_or(entry.hours.rbegin()->first)), " within ",
                                 runtime::for_people(kWrittenWithin));
      return;
    }
    read_at_ = now.steady + pause_;
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, kLongestPause);
    return;
  }
  hours_delivered_ += static_cast<std::size_t>((until_ - from_) / 1h);
  const UtcSeconds until = until_;
  if (until > due_.from) {
    source_.delivered(due_.device, due_.from, until);
    due_.from = until;
  }
  if (until < due_.until) return begin(until, now);
  next_device(now);
}

}  // namespace emporia::statistics
