#include "runtime/last_resort.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

using namespace emporia;
using namespace std::chrono_literals;

namespace {

constexpr int kByItself = 7;
constexpr int kEnded = 3;
constexpr int kHung = 4;

/// Waits without end, as what hangs does.
void hang() {
  for (;;) pause();
}

/// How a process ends that does this.
int code_of(const std::function<void(runtime::LastResort&)>& story) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    {
      runtime::LastResort last_resort;
      story(last_resort);
    }
    _exit(kByItself);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("what ends in time is left alone, and what hangs is ended with the code that was asked for") {
  struct Case {
    const char* name;
    std::function<void(runtime::LastResort&)> story;
    int code;
  };
  const Case cases[] = {
      {"nothing is limited", [](auto&) {}, kByItself},
      {"the start is over in time",
       [](auto& last) {
         last.start_within(1h, kHung);
         last.started();
       },
       kByItself},
      {"the end comes in time", [](auto& last) { last.end_within(1h, kEnded); }, kByItself},
      {"the start hangs",
       [](auto& last) {
         last.start_within(1ms, kHung);
         hang();
       },
       kHung},
      {"the end hangs",
       [](auto& last) {
         last.end_within(1ms, kEnded);
         hang();
       },
       kEnded},
      {"the end hangs after a start that was in time",
       [](auto& last) {
         last.start_within(1h, kHung);
         last.started();
         last.end_within(1ms, kEnded);
         hang();
       },
       kEnded},
      {"asked to end while it starts, which hangs",
       [](auto& last) {
         last.start_within(1h, kHung);
         last.end_within(1ms, kEnded);
         last.started();
         hang();
       },
       kEnded},
      {"only the first limit of the end counts",
       [](auto& last) {
         last.end_within(1ms, kEnded);
         last.end_within(1h, kHung);
         hang();
       },
       kEnded},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    CHECK(code_of(each.story) == each.code);
  }
}
