#include "runtime/core_dumps.hpp"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace emporia;

TEST_CASE("a process that keeps its memory private cannot be dumped any more") {
  constexpr int kSanitized = 9;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool done = runtime::keep_memory_private();
    _exit(done ? prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) : kSanitized);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kSanitized));
  // This process itself can be.
  CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
}
