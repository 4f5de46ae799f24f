#include "support/fake_clock.hpp"

#include <chrono>
#include <doctest/doctest.h>

#include "support/child_process.hpp"

using namespace emporia::support;
using namespace std::chrono_literals;

namespace {

/// What the program itself takes for the time, in seconds.
long told_by(const FakeClock& clock, std::vector<std::string> argv) {
  ChildProcess child(ChildOptions{std::move(argv), clock.environment(), {}});
  REQUIRE(child.wait_for_exit() == 0);
  return std::stol(child.standard_output());
}

}  // namespace

TEST_CASE("a program's clock goes faster, its waits too, and its UTC can be set") {
  FakeClock clock(1000);
  const auto before = std::chrono::steady_clock::now();
  ChildProcess sleeper(ChildOptions{{"sleep", "1000"}, clock.environment(), {}});
  CHECK(sleeper.wait_for_exit() == 0);
  CHECK(std::chrono::steady_clock::now() - before >= 990ms);
  const auto seconds = [&] { return clock.true_time().time_since_epoch().count(); };
  const auto at_least = seconds();
  const long told = told_by(clock, {"date", "+%s"});
  CHECK(told >= at_least);
  CHECK(told <= seconds());
  clock.set(-48h);
  const long told_back = told_by(clock, {"date", "+%s"});
  CHECK(told_back <= seconds() - 48 * 3600);
  CHECK(seconds() > told);
  CHECK(clock.real(2000s) == 2s);
}
