// A day of a client whose service fails in one way or another. Whatever the service does, no hour sees more calls than
// the budget allows, and a service in trouble is not asked again and again.
#include <deque>
#include <random>

#include "rooms/partner/client_bench.hpp"

using namespace emporia;
using namespace emporia::partner;
using namespace emporia::partner::bench;
using Kind = PartnerError::Kind;
using Answered = runtime::Result<Answer, PartnerError>;

namespace {

Answered error(Kind kind, bool quota = false) {
  return runtime::Failure{PartnerError{kind, "as told", quota}};
}
Answered fine(const Request& request) {
  if (std::holds_alternative<SignIn>(request)) return Answer{Token{"token"}};
  return Answer{States{}};
}
bool signs_in(const Request& request) {
  return std::holds_alternative<SignIn>(request);
}

/// Polls each minute when the last round is over, commands every `command_every`, replies 200 ms after a call.
class Day {
 public:
  using Service = std::function<Answered(const Request&)>;

  Day(Service service, std::chrono::seconds command_every, BudgetOptions budget)
      : budget_(budget),
        service_(std::move(service)),
        command_every_(command_every),
        client_(gateway_, journal_, options(budget), now_) {
    gateway_.on_send = [this](const Sent& sent) { waiting_.push_back({now_.steady + 200ms, sent}); };
  }

  void run(std::chrono::hours length) {
    const auto end = now_.steady + length;
    auto next_poll = now_.steady;
    auto next_command = now_.steady + command_every_;
    unsigned open = 0;
    while (now_.steady < end) {
      auto next = std::min({client_.next_deadline(), next_poll, next_command, end});
      if (!waiting_.empty()) next = std::min(next, waiting_.front().first);
      if (next > now_.steady) pass(next - now_.steady);
      REQUIRE_MESSAGE(++turns_ < 2'000'000, "the loop spins");
      client_.on_time(now_);
      while (!waiting_.empty() && waiting_.front().first <= now_.steady) {
        const Sent sent = waiting_.front().second;
        waiting_.pop_front();
        client_.on_reply({sent.attempt, service_(sent.request), {}}, now_);
      }
      if (now_.steady >= next_poll) {
        next_poll += 60s;
        for (int i = 0; open < 3 && i < 3; ++i, ++open) client_.submit(outlets({"a", "b"}), Priority::poll, now_);
      }
      if (now_.steady >= next_command) {
        next_command += command_every_;
        client_.submit(switch_outlet("a", true), Priority::command, now_);
      }
      for (const Outcome& outcome : client_.take_outcomes()) {
        const bool command = std::holds_alternative<UpdateOutlets>(outcome.request);
        if (outcome.last && !command) --open;
        if (command && outcome.result) ++commands_done;
        if (!command && outcome.result) ++polls_done;
      }
    }
  }

  /// The most calls in any hour.
  std::size_t busiest_hour() const {
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < journal_.calls.size(); ++i) {
      while (journal_.calls[i] - journal_.calls[first] >= 1h) ++first;
      most = std::max(most, i - first + 1);
    }
    return most;
  }
  std::size_t calls() const { return gateway_.sent.size(); }
  std::size_t recorded() const { return journal_.calls.size(); }
  std::size_t sign_ins() const {
    return static_cast<std::size_t>(std::count_if(gateway_.sent.begin(), gateway_.sent.end(),
                                                  [](const Sent& sent) { return signs_in(sent.request); }));
  }
  unsigned limit() const { return budget_.calls_per_hour; }

  std::size_t commands_done = 0;
  std::size_t polls_done = 0;

 private:
  void pass(runtime::SteadyTime::duration time) {
    now_.steady += time;
    now_.system += std::chrono::duration_cast<runtime::SystemTime::duration>(time);
  }

  runtime::Now now_{runtime::SteadyTime{} + 1000h, runtime::SystemTime{} + 500'000h};
  BudgetOptions budget_;
  Service service_;
  std::chrono::seconds command_every_;
  MemoryJournal journal_;
  NotingGateway gateway_;
  std::deque<std::pair<runtime::SteadyTime, Sent>> waiting_;
  Client client_;
  std::uint64_t turns_ = 0;
};

constexpr auto kNoCommands = std::chrono::seconds{365 * 24h};

}  // namespace

TEST_CASE("no hour sees more calls than the budget, whatever the service does") {
  std::mt19937 dice(7);
  const struct {
    const char* what;
    Day::Service service;
  } services[] = {
      {"well", fine},
      {"away", [](const Request&) { return error(Kind::try_later); }},
      {"over quota", [](const Request& r) { return signs_in(r) ? fine(r) : error(Kind::try_later, true); }},
      {"takes no token", [](const Request& r) { return signs_in(r) ? fine(r) : error(Kind::sign_in_again); }},
      {"takes no password", [](const Request&) { return error(Kind::refused); }},
      {"refuses all", [](const Request& r) { return signs_in(r) ? fine(r) : error(Kind::refused); }},
      {"too large", [](const Request& r) { return signs_in(r) ? fine(r) : error(Kind::too_large); }},
      {"malformed", [](const Request& r) { return signs_in(r) ? fine(r) : error(Kind::malformed); }},
      {"anything at random",
       [&dice](const Request& r) {
         const auto number = dice() % 10;
         return number < 5 ? fine(r) : error(static_cast<Kind>(number - 5), number == 6);
       }},
  };
  for (const auto& row : services) {
    for (const BudgetOptions budget : {BudgetOptions{95, 15}, BudgetOptions{20, 5}, BudgetOptions{1, 0}}) {
      Day day(row.service, 97s, budget);
      day.run(std::chrono::hours{24});
      CHECK_MESSAGE(day.busiest_hour() <= budget.calls_per_hour, row.what, " at ", budget.calls_per_hour, ": ",
                    day.busiest_hour());
      CHECK_MESSAGE(day.recorded() == day.calls(), row.what, ": every call is recorded");
    }
  }
}

TEST_CASE("a good day uses what the budget gives") {
  Day day(fine, 600s, {95, 15});
  day.run(std::chrono::hours{24});
  CHECK(day.commands_done >= 6 * 24 - 1);
  CHECK(day.polls_done >= 70 * 24);
  CHECK(day.sign_ins() >= 24);  // each lasts 50 minutes
  CHECK(day.sign_ins() <= 30);
}

TEST_CASE("a refused password is tried a few times a day") {
  Day day([](const Request&) { return error(Kind::refused); }, 60s, {95, 15});
  day.run(std::chrono::hours{24});
  CHECK(day.calls() >= 5);
  CHECK(day.calls() <= 10);
}

TEST_CASE("a service that is away is asked a dozen times an hour") {
  Day day([](const Request&) { return error(Kind::try_later); }, kNoCommands, {95, 15});
  day.run(std::chrono::hours{24});
  CHECK(day.busiest_hour() <= 22);
  CHECK(day.calls() >= 24 * 9);
  CHECK(day.calls() <= 24 * 16);
}

TEST_CASE("a quota used up is respected: a few calls an hour") {
  Day day([](const Request& r) { return signs_in(r) ? fine(r) : error(Kind::try_later, true); }, kNoCommands, {95, 15});
  day.run(std::chrono::hours{24});
  CHECK(day.busiest_hour() <= 10);
}

TEST_CASE("while polls use up their share, commands still go") {
  Day day(fine, 300s, {40, 15});
  day.run(std::chrono::hours{24});
  CHECK(day.commands_done >= 12 * 24 - 1);
}
