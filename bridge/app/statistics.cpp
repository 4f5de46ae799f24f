#include "app/statistics.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using State = recorder::Conversation::State;

constexpr const char* kRoom = "statistics";

std::uint64_t seed_of(runtime::Now now) {
  return static_cast<std::uint64_t>(now.system.time_since_epoch().count()) + 11;
}

statistics::Form form_for(const std::string& version) {
  const recorder::Version read = recorder::read_version(version);
  return statistics::form_of(read.year, read.month);
}

json::Value time_or_null(const std::optional<runtime::SystemTime>& time) {
  if (!time) return nullptr;
  return runtime::iso8601(std::chrono::floor<std::chrono::seconds>(*time));
}

}  // namespace

Statistics::Statistics(recorder::Socket& socket, ledger::HourBook& book, const model::Home& home,
                       const settings::Settings& settings, runtime::Now now)
    : book_(book),
      home_(home),
      source_(book, home, settings),
      conversation_(socket, settings.statistics.token.reveal()),
      schedule_(seed_of(now)) {}

bool Statistics::under_way() const {
  return conversation_.state() == State::opening || conversation_.state() == State::ready;
}

bool Statistics::caught_up(runtime::Now now) const {
  const auto hour = std::chrono::floor<std::chrono::hours>(now.system);
  bool some = false;
  for (const auto& [id, picture] : home_.devices()) {
    if (!picture.device.connected || !picture.as_of || picture.device.model == model::DeviceModel::group) continue;
    if (*picture.as_of < hour) return false;
    some = true;
  }
  return some;
}

void Statistics::on_time(runtime::Now now) {
  conversation_.on_time(now);
  if (conversation_.state() == State::failed) {
    fail(conversation_.trouble(), now);
  } else if (under_way()) {
    advance(now);
  } else if (schedule_.may_begin(caught_up(now), now)) {
    begin(now);
  }
  look_at_ = under_way() ? conversation_.next_deadline() : schedule_.next_deadline(now);
  if (under_way() && delivery_) look_at_ = std::min(look_at_, delivery_->next_deadline());
}

void Statistics::begin(runtime::Now now) {
  schedule_.began(now);
  due_ = source_.due();
  if (!due_.empty()) conversation_.open(now);
}

void Statistics::advance(runtime::Now now) {
  if (conversation_.state() != State::ready) return;
  if (!delivery_) delivery_.emplace(source_, form_for(conversation_.version()), std::move(due_));
  hear(now);
  if (!delivery_->trouble().empty()) return fail(delivery_->trouble(), now);
  if (auto command = delivery_->next_command(now)) conversation_.ask(std::move(*command), now);
  if (delivery_->finished()) succeed(now);
}

void Statistics::hear(runtime::Now now) {
  for (const recorder::Reply& reply : conversation_.take_replies()) {
    if (reply.ok) {
      delivery_->on_answer(reply.result, now);
    } else {
      const bool not_admin = reply.code == "unauthorized";
      delivery_->on_refusal(reply.error + (not_admin ? ": the token must be of an administrator" : ""));
    }
  }
}

void Statistics::fail(const std::string& why, runtime::Now now) {
  last_error_ = why;
  if (!episode_.lasts()) news_ = why;
  episode_.failed(kRoom, why + "; the hours wait in the ledger");
  if (conversation_.refused()) {
    schedule_.refused(now);
  } else {
    schedule_.failed(now);
  }
  conversation_.close();
  delivery_.reset();
}

void Statistics::succeed(runtime::Now now) {
  if (!last_delivered_) {
    const std::size_t hours = delivery_->hours_delivered();
    runtime::log_info(kRoom, runtime::concat("Home Assistant ", conversation_.version(), " has the hours: ", hours,
                                             hours == 1 ? " was" : " were", " due of all devices"));
  }
  if (episode_.lasts()) news_ = std::string();
  episode_.ended(kRoom, "Home Assistant has the hours");
  schedule_.succeeded();
  last_delivered_ = now.system;
  conversation_.close();
  delivery_.reset();
}

std::optional<std::string> Statistics::take_news() {
  return std::exchange(news_, std::nullopt);
}

json::Value Statistics::health() const {
  std::int64_t hours = 0;
  std::optional<model::UtcSeconds> from;
  for (const ledger::DueHours& due : book_.due_hours()) {
    hours += (due.until - due.from) / std::chrono::hours{1};
    from = std::min(from.value_or(due.from), due.from);
  }
  const char* state = episode_.lasts() ? "failing" : under_way() ? "delivering" : "ok";
  return json::Object{
      {"state", state},
      {"home_assistant", conversation_.version().empty() ? json::Value() : json::Value(conversation_.version())},
      {"undelivered_hours", hours},
      {"undelivered_from", from ? json::Value(runtime::iso8601(*from)) : json::Value()},
      {"last_delivered", time_or_null(last_delivered_)},
      {"last_error", last_error_.empty() ? json::Value() : json::Value(last_error_)}};
}

}  // namespace emporia::app
