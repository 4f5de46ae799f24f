// When hours are brought.
#include "statistics/schedule.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::statistics;
using namespace std::chrono_literals;

namespace {

runtime::Now at(std::chrono::minutes minutes) {
  return {runtime::SteadyTime{100h + minutes}, std::chrono::sys_days{std::chrono::year{2026} / 3 / 8} + minutes};
}

}  // namespace

TEST_CASE("once in an hour: when all have caught up, at the latest at ten to") {
  Schedule schedule(1);
  CHECK_FALSE(schedule.may_begin(false, at(20min)));
  CHECK(schedule.next_deadline(at(20min)) == at(50min).steady + 1ms);
  CHECK(schedule.may_begin(true, at(32min)));
  schedule.began(at(32min));
  CHECK_FALSE(schedule.may_begin(true, at(33min)));
  CHECK_FALSE(schedule.may_begin(true, at(59min)));
  CHECK(schedule.next_deadline(at(33min)) == at(60min).steady + 1ms);
  CHECK_FALSE(schedule.may_begin(false, at(109min)));
  CHECK(schedule.may_begin(false, at(110min)));
}

TEST_CASE("after failures again with growing pauses, also within the hour") {
  Schedule schedule(1);
  auto now = at(32min);
  std::vector<std::chrono::seconds> pauses;
  for (int i = 0; i < 9; ++i) {
    REQUIRE(schedule.may_begin(true, now));
    schedule.began(now);
    schedule.failed(now);
    CHECK_FALSE(schedule.may_begin(true, now));
    const auto again = schedule.next_deadline(now);
    pauses.push_back(std::chrono::floor<std::chrono::seconds>(again - now.steady));
    now.system += std::chrono::duration_cast<runtime::SystemTime::duration>(again - now.steady);
    now.steady = again;
  }
  CHECK(pauses.front() >= 24s);
  CHECK(pauses.front() <= 36s);
  CHECK(pauses.back() >= 12min);
  CHECK(pauses.back() <= 18min);
  schedule.began(now);
  schedule.succeeded();
  CHECK_FALSE(schedule.may_begin(true, now));
  schedule.refused(now);
  CHECK(schedule.next_deadline(now) == now.steady + 1h);
}
