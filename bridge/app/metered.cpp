#include "app/metered.hpp"

#include <string_view>

namespace emporia::app {
namespace {

using metrics::Metric;

double seconds(runtime::SteadyTime from, runtime::SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string code_of(const partner::Reply& reply) {
  if (reply.result) return "OK";
  const std::string_view code = reply.result.error().code;
  return code.empty() ? "NOT_SENT" : std::string(code);
}

}  // namespace

void MeteredGateway::send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) {
  under_way_[attempt] = {partner::method_name(request), clock_().steady};
  gateway_.send(attempt, token, request);
}

void MeteredGateway::replied(const partner::Reply& reply) {
  const auto sent = under_way_.find(reply.attempt);
  if (sent == under_way_.end()) return;
  registry_.count(Metric::calls, 1, {sent->second.method, code_of(reply)});
  registry_.observe(Metric::call_duration, seconds(sent->second.since, clock_().steady), {sent->second.method});
  under_way_.erase(sent);
}

MeteredLedger::MeteredLedger(ledger::UsageLedger& ledger, metrics::Registry& registry, Clock clock)
    : ledger_(ledger), registry_(registry), clock_(std::move(clock)) {
  registry_.count(Metric::booking_failures, 0);
}

runtime::Result<std::vector<ledger::BookedSpan>, ledger::LedgerError> MeteredLedger::book(
    const std::vector<ledger::Booking>& bookings) {
  const auto begun = clock_().steady;
  auto booked = ledger_.book(bookings);
  registry_.observe(Metric::booking_duration, seconds(begun, clock_().steady));
  if (!booked) registry_.count(Metric::booking_failures);
  return booked;
}

}  // namespace emporia::app
