#include <algorithm>
#include <limits>

#include "rooms/partner/client_bench.hpp"

using namespace emporia;
using namespace emporia::partner;
using namespace emporia::partner::bench;
using Kind = PartnerError::Kind;

namespace {

/// A bench that has signed in: attempt 1.
struct SignedIn : Bench {
  explicit SignedIn(BudgetOptions budget = {}) : Bench(options(budget)) {
    poll(ListDevices{});
    token(1, "token-1");
    answer(2);
    outcomes.clear();
    gateway.sent.clear();
  }
};

std::vector<std::string> names(int count) {
  std::vector<std::string> result;
  for (int i = 0; i < count; ++i) result.push_back("d" + std::to_string(i));
  return result;
}

}  // namespace

TEST_CASE("replies nobody waits for are ignored") {
  SignedIn b;
  const auto state = b.client.status();
  b.answer(2);   // a second time
  b.answer(77);  // never asked
  b.token(1, "another token");
  b.fail(1, Kind::refused);
  CHECK(b.outcomes.empty());
  CHECK(b.client.status().state == state.state);
  b.poll(outlets({"a"}));
  CHECK(b.gateway.sent.back().token == "token-1");
}

TEST_CASE("a sign-in without a token is no sign-in") {
  for (const bool empty : {true, false}) {
    Bench b;
    b.poll(ListDevices{});
    const Answer useless = empty ? Answer{Token{}} : Answer{States{}};
    b.client.on_reply({1, useless, {}}, b.now);
    CHECK(b.client.status().state == PartnerState::unreachable);
    CHECK(b.client.status().last_error == "sign-in: the service answered the sign-in without a token");
    CHECK_FALSE(b.client.status().ever_signed_in);
    CHECK(b.gateway.sent.size() == 1);
    b.wait(4s, 6s);
    CHECK(b.gateway.sent.size() == 2);
  }
}

TEST_CASE("the state tells since when, and keeps the last error after it is over") {
  SignedIn b;
  CHECK(b.client.status().last_success == b.now.system);
  CHECK(b.client.status().last_error.empty());
  const auto success = b.now.system;
  b.pass(60s);
  const auto since = b.now.system;
  b.poll(outlets({"a"}));
  b.fail(3, Kind::try_later);
  for (AttemptId attempt = 4; attempt < 8; ++attempt) {
    b.poll(outlets({"a"}));
    b.wait(4s, 100s);
    b.fail(attempt, Kind::try_later);
  }
  CHECK(b.client.status().state == PartnerState::unreachable);
  CHECK(b.client.status().since == since);
  CHECK(b.client.status().last_success == success);
  b.command(switch_outlet("a", true));
  b.answer(8);
  CHECK(b.client.status().state == PartnerState::ok);
  CHECK(b.client.status().since == b.now.system);
  CHECK(b.client.status().last_error == "ListOutlets: unreachable");
}

TEST_CASE("a refused command goes back to who asked and says nothing of the service") {
  SignedIn b;
  b.command(switch_outlet("a", true));
  b.fail(3, Kind::refused);
  REQUIRE(b.outcomes.size() == 1);
  CHECK(b.outcomes[0].result.error().kind == Kind::refused);
  CHECK(b.outcomes[0].last);
  CHECK(b.client.status().state == PartnerState::ok);
  CHECK(b.gateway.sent.size() == 1);
}

TEST_CASE("a failed command is not repeated") {
  SignedIn b;
  for (const Kind kind : {Kind::try_later, Kind::malformed, Kind::too_large}) {
    const auto before = b.gateway.sent.size();
    b.command(switch_outlet("a", true));
    b.fail(b.gateway.sent.back().attempt, kind);
    CHECK(b.outcomes.back().result.error().kind == kind);
    CHECK(b.gateway.sent.size() == before + 1);
  }
}

TEST_CASE("within the budget commands go, polls wait and are counted as postponed") {
  SignedIn b({10, 4});  // 2 are spent by the sign-in
  for (int i = 0; i < 6; ++i) b.poll(outlets({"a"}));
  for (AttemptId attempt = 3; attempt <= 6; ++attempt) b.answer(attempt);
  CHECK(b.gateway.sent.size() == 4);  // 6 of 10 are spent: the rest is reserved
  CHECK(b.client.postponed() == 2);
  for (int i = 0; i < 5; ++i) b.command(switch_outlet("a", i % 2 == 0));
  CHECK(b.gateway.sent.size() == 8);
  CHECK(b.client.postponed() == 3);
  CHECK(b.client.budget().used(b.now.steady) == 10);
  // The first call leaves the hour, and with it all others of that moment.
  b.wait(3605s, 3605s);
  CHECK(b.client.budget().used(b.now.steady) <= 10);
}

TEST_CASE("an expired token and an empty budget: all who wait are postponed") {
  SignedIn b({2, 0});
  b.pass(50min);
  b.poll(outlets({"a"}));
  b.poll(outlets({"b"}));
  CHECK(b.gateway.sent.empty());
  CHECK(b.client.postponed() == 2);
}

TEST_CASE("what has not gone out can be withdrawn, what has cannot") {
  Bench b({"a@example.com", "password", {95, 15}, 1});
  const auto waiting = b.command(switch_outlet("a", true));
  const auto poll = b.poll(outlets({"a"}));
  CHECK(b.client.withdraw(waiting));
  CHECK_FALSE(b.client.withdraw(waiting));
  b.token(1, "token-1");
  CHECK(text_of(b.gateway.sent.back().request) == "ListOutlets a");
  CHECK_FALSE(b.client.withdraw(poll));
  b.answer(2);
  CHECK(b.outcomes.size() == 1);
  CHECK_FALSE(b.client.withdraw(poll));
  CHECK_FALSE(b.client.withdraw(1234));
}

TEST_CASE("a command that waits for a second sign-in can be withdrawn") {
  SignedIn b;
  const auto command = b.command(switch_outlet("a", true));
  b.fail(3, Kind::sign_in_again);
  CHECK(b.client.withdraw(command));
  b.token(4, "token-2");
  CHECK(b.gateway.sent.size() == 2);
  CHECK(b.outcomes.empty());
}

TEST_CASE("a list that is refused as a whole costs a handful of calls, and every device has its outcome") {
  for (const int devices : {1, 2, 3, 30, 1000}) {
    SignedIn b;
    b.poll(outlets(names(devices)));
    std::size_t answered = 0;
    while (answered < b.gateway.sent.size()) b.fail(b.gateway.sent[answered++].attempt, Kind::refused);
    CHECK_MESSAGE(answered <= (devices < 4 ? 5 : 24), devices, " devices cost ", answered, " calls");
    std::size_t told = 0;
    int last = 0;
    for (const Outcome& outcome : b.outcomes) {
      told += std::get<ListStates>(outcome.request).devices.size();
      last += outcome.last ? 1 : 0;
    }
    CHECK(told == static_cast<std::size_t>(devices));
    CHECK(last == 1);
  }
}

TEST_CASE("one wrong device among many is found wherever it stands") {
  for (const int wrong : {0, 1, 31, 32, 62, 99}) {
    SignedIn b;
    b.poll(outlets(names(100)));
    const model::DeviceId id("d" + std::to_string(wrong));
    for (std::size_t i = 0; i < b.gateway.sent.size(); ++i) {
      const Sent sent = b.gateway.sent[i];
      const auto& devices = std::get<ListStates>(sent.request).devices;
      if (std::count(devices.begin(), devices.end(), id) > 0) {
        b.fail(sent.attempt, Kind::refused);
      } else {
        b.answer(sent.attempt);
      }
    }
    std::size_t good = 0;
    std::vector<model::DeviceId> refused;
    for (const Outcome& outcome : b.outcomes) {
      const auto& devices = std::get<ListStates>(outcome.request).devices;
      if (outcome.result) {
        good += devices.size();
      } else {
        refused.insert(refused.end(), devices.begin(), devices.end());
      }
    }
    CHECK(good == 99);
    CHECK(refused == std::vector<model::DeviceId>{id});
  }
}

TEST_CASE("usage of a fleet goes in portions; the last one says so") {
  SignedIn b;
  const model::UtcSeconds start{std::chrono::hours{500'000}};
  // A day of minutes of 100 monitors: 1441 buckets of 160 bytes each, 8 MiB at most a call.
  b.poll(FetchUsage{ids(names(100)), model::Scale::minutes, start, start + 24h});
  for (std::size_t i = 0; i < b.gateway.sent.size(); ++i) b.answer(b.gateway.sent[i].attempt);
  CHECK(b.outcomes.size() == 3);
  for (std::size_t i = 0; i < b.outcomes.size(); ++i) CHECK(b.outcomes[i].last == (i == 2));
}

TEST_CASE("a usage request without devices has an outcome, however long its range") {
  SignedIn b;
  b.poll(FetchUsage{{}, model::Scale::minutes, model::UtcSeconds{}, model::UtcSeconds{} + 24h * 365});
  REQUIRE(b.gateway.sent.size() == 1);
  b.fail(3, Kind::refused);
  CHECK(b.outcomes.size() == 1);
}

TEST_CASE("oddities of replies are counted") {
  SignedIn b;
  b.poll(outlets({"a"}));
  Oddities oddities;
  for (int i = 0; i < 3; ++i) oddities.note(Oddity::unequal_lengths, "a channel 4");
  oddities.note(Oddity::unknown_model, "b");
  b.client.on_reply({3, Answer{States{}}, oddities}, b.now);
  CHECK(b.client.oddities() == 4);
}
