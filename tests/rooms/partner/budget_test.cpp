#include "partner/budget.hpp"

#include "rooms/partner/client_bench.hpp"

using namespace emporia;
using namespace emporia::partner;
using bench::MemoryJournal;
using namespace std::chrono_literals;

namespace {

// A little over an hour, so that two clocks need not agree on when the hour began.
constexpr auto kWindow = 3605s;

const runtime::Now kNow{runtime::SteadyTime{} + 1000h, runtime::SystemTime{} + 500'000h};

runtime::Now after(runtime::Now now, std::chrono::seconds time) {
  return {now.steady + time, now.system + time};
}

unsigned spend_all(CallBudget& budget, Priority priority, runtime::Now now) {
  unsigned count = 0;
  while (count < 1000 && budget.spend(priority, now)) ++count;
  return count;
}

}  // namespace

TEST_CASE("polls leave the reserve, commands may use all") {
  MemoryJournal journal;
  CallBudget budget({95, 15}, journal, kNow);
  CHECK(budget.free_at(Priority::poll, kNow.steady) == kNow.steady);
  CHECK(spend_all(budget, Priority::poll, kNow) == 80);
  CHECK_FALSE(budget.spend(Priority::poll, kNow));
  CHECK(spend_all(budget, Priority::command, kNow) == 15);
  CHECK_FALSE(budget.spend(Priority::command, kNow));
  CHECK(budget.used(kNow.steady) == 95);
  CHECK(journal.calls.size() == 95);
}

TEST_CASE("what commands took, polls do not get") {
  MemoryJournal journal;
  CallBudget budget({10, 3}, journal, kNow);
  CHECK(spend_all(budget, Priority::command, kNow) == 10);
  CHECK_FALSE(budget.spend(Priority::poll, after(kNow, 3600s)));
  CHECK(spend_all(budget, Priority::poll, after(kNow, kWindow)) == 7);
}

TEST_CASE("a call counts for an hour and not for a whole one at its end") {
  MemoryJournal journal;
  CallBudget budget({3, 1}, journal, kNow);
  CHECK(budget.spend(Priority::poll, kNow));
  CHECK(budget.spend(Priority::poll, after(kNow, 600s)));
  const auto later = after(kNow, 1200s);
  CHECK_FALSE(budget.spend(Priority::poll, later));
  // The first call leaves the hour at kWindow, which makes room for one poll.
  CHECK(budget.free_at(Priority::poll, later.steady) == kNow.steady + kWindow);
  CHECK(budget.free_at(Priority::command, later.steady) == later.steady);
  CHECK_FALSE(budget.spend(Priority::poll, after(kNow, kWindow - 1s)));
  CHECK(budget.spend(Priority::poll, after(kNow, kWindow)));
  CHECK_FALSE(budget.spend(Priority::poll, after(kNow, kWindow)));
  CHECK(budget.free_at(Priority::poll, (kNow.steady + kWindow)) == kNow.steady + 600s + kWindow);
  CHECK(budget.used(kNow.steady + kWindow) == 2);
}

TEST_CASE("a reserve as large as the budget leaves polls nothing, for ever") {
  MemoryJournal journal;
  CallBudget budget({5, 9}, journal, kNow);
  CHECK_FALSE(budget.spend(Priority::poll, kNow));
  CHECK(budget.free_at(Priority::poll, kNow.steady) == runtime::kNever);
  CHECK(spend_all(budget, Priority::command, kNow) == 5);
  CallBudget nothing({0, 0}, journal, kNow);
  CHECK_FALSE(nothing.spend(Priority::command, kNow));
  CHECK(nothing.free_at(Priority::command, kNow.steady) == runtime::kNever);
}

TEST_CASE("a restart does not give the hour back") {
  MemoryJournal journal;
  {
    CallBudget before({10, 0}, journal, kNow);
    CHECK(before.spend(Priority::poll, kNow));
    CHECK(spend_all(before, Priority::poll, after(kNow, 1800s)) == 9);
  }
  // Another boot: the steady clock starts anew.
  const runtime::Now boot{runtime::SteadyTime{} + 7s, after(kNow, 2400s).system};
  CallBudget budget({10, 0}, journal, boot);
  CHECK(budget.used(boot.steady) == 10);
  CHECK_FALSE(budget.spend(Priority::poll, boot));
  CHECK(budget.free_at(Priority::poll, boot.steady) == boot.steady + (kWindow - 2400s));
  CHECK(spend_all(budget, Priority::poll, after(boot, kWindow - 2400s)) == 1);
}

TEST_CASE("a clock that is set does not make room while the program runs") {
  MemoryJournal journal;
  CallBudget budget({2, 0}, journal, kNow);
  CHECK(spend_all(budget, Priority::poll, kNow) == 2);
  for (const auto jump : {-30 * 24h, 30 * 24h}) {
    const runtime::Now jumped{kNow.steady + 60s, kNow.system + jump};
    CHECK_FALSE(budget.spend(Priority::poll, jumped));
  }
}

TEST_CASE("a clock that is set does not make calls forgotten at a restart") {
  for (const auto jump : {-30 * 24h, 3h, 30 * 24h}) {
    MemoryJournal journal;
    const runtime::Now jumped{kNow.steady + 600s, kNow.system + jump};
    {
      CallBudget before({10, 0}, journal, kNow);
      CHECK(spend_all(before, Priority::poll, kNow) == 10);
      before.on_time(jumped);
    }
    CallBudget budget({10, 0}, journal, jumped);
    CHECK(budget.free_at(Priority::poll, jumped.steady) == kNow.steady + kWindow);
  }
}

TEST_CASE("clocks that drift apart are not taken for one that is set, until it is as much") {
  MemoryJournal journal;
  CallBudget budget({10, 0}, journal, kNow);
  CHECK(budget.spend(Priority::poll, kNow));
  const auto drifted = [](std::chrono::seconds by) { return runtime::Now{kNow.steady + 24h, kNow.system + 24h + by}; };
  budget.on_time(drifted(9s));
  CHECK(journal.calls.front() == kNow.system);
  budget.on_time(drifted(-10s));
  CHECK(journal.calls.front() == kNow.system - 10s);
  budget.on_time(drifted(-19s));
  CHECK(journal.calls.front() == kNow.system - 10s);
}

TEST_CASE("a recorded call from the future counts as just made") {
  MemoryJournal journal;
  journal.calls = {kNow.system + 24h, kNow.system + 1s};
  CallBudget budget({2, 0}, journal, kNow);
  CHECK_FALSE(budget.spend(Priority::poll, kNow));
  CHECK(budget.free_at(Priority::poll, kNow.steady) == kNow.steady + kWindow);
}

TEST_CASE("a call is recorded before it is allowed, so that a crash cannot lose it") {
  MemoryJournal journal;
  CallBudget budget({2, 0}, journal, kNow);
  REQUIRE(budget.spend(Priority::poll, kNow));
  CHECK(journal.calls == std::vector<runtime::SystemTime>{kNow.system});
}
