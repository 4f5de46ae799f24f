#include "app/usage_requests.hpp"

#include <algorithm>
#include <utility>

#include "app/utc.hpp"
#include "homeassistant/names.hpp"
#include "polling/window.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;
using partner::Priority;
using runtime::concat;

constexpr const char* kRoom = "requests";
// Nobody needs to hear of a wait that is over before it is read.
constexpr auto kWorthTelling = 2s;

std::string advice(const partner::PartnerError& error) {
  switch (error.kind) {
    case partner::PartnerError::Kind::refused:
      return concat("the service refuses it: ", error.text);
    case partner::PartnerError::Kind::too_large:
      return concat(error.text, ": ask for a shorter range");
    case partner::PartnerError::Kind::try_later:
      if (error.quota) return concat(error.text, ": ask again in an hour");
      break;
    case partner::PartnerError::Kind::sign_in_again:
    case partner::PartnerError::Kind::malformed:
      break;
  }
  return concat(error.text, ": ask again when bridge/health shows the partner's state as ok");
}

}  // namespace

std::string why_waiting(const partner::Client& client, runtime::Now now) {
  const auto free_at = client.budget().free_at(Priority::poll, now.steady);
  if (free_at > now.steady + kWorthTelling) {
    std::string spent =
        concat("the call budget is spent (", client.budget().used(now.steady), " of ", client.budget().limit(),
               " in the last hour, ", client.budget().reserve(), " kept for commands)");
    if (free_at == runtime::kNever) return spent;
    const auto when = now.system + std::chrono::duration_cast<runtime::SystemTime::duration>(free_at - now.steady);
    return concat(spent, ": waits until ", runtime::iso8601(std::chrono::ceil<std::chrono::seconds>(when)),
                  " or a little later");
  }
  switch (client.status().state) {
    case partner::PartnerState::ok:
    case partner::PartnerState::signing_in:
      break;
    case partner::PartnerState::auth_refused:
    case partner::PartnerState::unreachable:
    case partner::PartnerState::throttled:
      return concat("the service did not answer last time (", client.status().last_error,
                    "): waits until it is asked again");
  }
  return {};
}

UsageRequests::UsageRequests(Responder& responder, Collector& collector, const model::Home& home,
                             const settings::Settings& settings)
    : responder_(responder), collector_(collector), home_(home), settings_(settings) {}

void UsageRequests::ask(const json::Object& arguments, Address address, runtime::Now now) {
  const model::UtcSeconds settled =
      polling::settled_until(utc(now), std::chrono::minutes{settings_.polling.settle_minutes});
  auto question = read_usage_question(arguments, {home_, settings_.devices.names, settled, utc(now)});
  if (!question) return responder_.refuse(address, question.error());
  const partner::PartnerStatus& status = collector_.client().status();
  if (status.state == partner::PartnerState::auth_refused) return responder_.refuse(address, status.last_error);
  if (jobs_.size() >= kMostWaiting) {
    return responder_.refuse(address,
                             concat(jobs_.size(), " requests for usage wait already: ask again when one is answered"));
  }
  const model::Device& device = home_.find(question.value().device)->device;
  const auto named = settings_.devices.names.find(device.id.text());
  const std::string name = homeassistant::device_label(
      device, named == settings_.devices.names.end() ? std::nullopt : std::optional(named->second));
  const auto calls = calls_for(question.value());
  runtime::log_info(
      kRoom, concat("asked for usage of ", device.id.text(), " (", name, ") in ", model::word(question.value().scale),
                    " from ", runtime::iso8601(question.value().from), " to ", runtime::iso8601(question.value().to),
                    ": ", calls.size(), calls.size() == 1 ? " call" : " calls"));
  jobs_.push_back({std::move(address),
                   UsageAnswer(std::move(question).value(), name, settled),
                   {calls.begin(), calls.end()},
                   std::nullopt,
                   runtime::kNever,
                   {}});
  if (jobs_.size() == 1) return submit_next(now);
  const Job& job = jobs_.back();
  responder_.respond(job.address,
                     job.answer.waiting(concat("waits for ", jobs_.size() - 1,
                                               jobs_.size() == 2 ? " request" : " requests", " before it")));
}

void UsageRequests::submit_next(runtime::Now now) {
  Job& job = jobs_.front();
  const std::string note = why_waiting(collector_.client(), now);
  if (!note.empty()) responder_.respond(job.address, job.answer.waiting(note));
  job.give_up_at = now.steady + kPatience;
  job.asked = collector_.inquire(job.calls.front(), now);
}

void UsageRequests::on_outcome(const partner::Outcome& outcome, runtime::Now now) {
  if (jobs_.empty() || jobs_.front().asked != outcome.id) return;
  Job& job = jobs_.front();
  if (!outcome.result) {
    job.trouble = advice(outcome.result.error());
  } else if (const auto* usage = std::get_if<partner::Usage>(&outcome.result.value())) {
    for (const model::DeviceUsage& device : usage->devices) job.answer.take(device);
  }
  if (!outcome.last) return;
  if (!job.trouble.empty()) return end_with(job.trouble), on_time(now);
  for (const json::Value& data : job.answer.portions_of(job.calls.front())) responder_.respond(job.address, data);
  job.calls.pop_front();
  job.asked.reset();
  job.give_up_at = runtime::kNever;
  if (job.calls.empty()) jobs_.pop_front();
  on_time(now);
}

void UsageRequests::on_time(runtime::Now now) {
  if (!jobs_.empty() && now.steady >= jobs_.front().give_up_at) {
    Job& job = jobs_.front();
    job.give_up_at = runtime::kNever;
    // What is under way has a deadline of its own.
    if (collector_.withdraw(*job.asked)) {
      end_with(concat("the service could not be asked within ", kPatience.count(), " hours: see bridge/health"));
    }
  }
  if (!jobs_.empty() && !jobs_.front().asked) submit_next(now);
}

void UsageRequests::stop() {
  while (!jobs_.empty()) end_with("the bridge stops: ask again when bridge/state says online");
}

runtime::SteadyTime UsageRequests::next_deadline() const {
  return jobs_.empty() ? runtime::kNever : jobs_.front().give_up_at;
}

void UsageRequests::end_with(const std::string& error) {
  const Job& job = jobs_.front();
  const std::string from = runtime::iso8601(job.calls.front().start);
  responder_.refuse(job.address, job.answer.portions_told() == 0
                                     ? error
                                     : concat(error, " (what is told so far ends at ", from, ": go on from there)"));
  jobs_.pop_front();
}

}  // namespace emporia::app
