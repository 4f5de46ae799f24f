#include "runtime/signals.hpp"

#include <doctest/doctest.h>
#include <mutex>
#include <signal.h>
#include <string>
#include <unistd.h>

#include "support/wait.hpp"

using namespace emporia;

namespace {

class Heard {
 public:
  void note(runtime::Signal signal) {
    const std::lock_guard lock(mutex_);
    words_ += signal == runtime::Signal::stop ? "stop " : "reload ";
  }
  std::string words() const {
    const std::lock_guard lock(mutex_);
    return words_;
  }

 private:
  mutable std::mutex mutex_;
  std::string words_;
};

}  // namespace

TEST_CASE("signals become calls; those of strangers do not end the waiting") {
  Heard heard;
  const auto raise_and_wait = [&](int number, const std::string& words) {
    REQUIRE(kill(getpid(), number) == 0);
    CHECK_MESSAGE(support::eventually([&] { return heard.words() == words; }), "heard: ", heard.words());
  };
  {
    const runtime::Signals signals([&](runtime::Signal signal) { heard.note(signal); });
    raise_and_wait(SIGHUP, "reload ");
    REQUIRE(kill(getpid(), SIGUSR2) == 0);  // the signal that is used within; anybody may send it
    REQUIRE(kill(getpid(), SIGPIPE) == 0);
    raise_and_wait(SIGTERM, "reload stop ");
    REQUIRE(kill(getpid(), SIGUSR2) == 0);
    raise_and_wait(SIGINT, "reload stop stop ");
  }
  CHECK(heard.words() == "reload stop stop ");
}

TEST_CASE("a write beyond the limit on files fails by itself and ends nothing") {
  const runtime::Signals signals([](runtime::Signal) {});
  REQUIRE(kill(getpid(), SIGXFSZ) == 0);
}

TEST_CASE("it ends at once, with or without signals") {
  for (int i = 0; i < 50; ++i) {
    const runtime::Signals signals([](runtime::Signal) {});
    if (i % 2 == 0) kill(getpid(), SIGHUP);
  }
}
