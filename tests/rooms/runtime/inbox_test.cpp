#include "runtime/inbox.hpp"

#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using namespace emporia::runtime;

TEST_CASE("what was posted is taken in order, once") {
  Inbox<std::string> inbox;
  inbox.post("first");
  inbox.post("second");
  CHECK(inbox.take_until(kNever) == std::vector<std::string>{"first", "second"});
  CHECK(inbox.take_until(read_clock().steady).empty());
}

TEST_CASE("a deadline that has come does not hold back what is there") {
  Inbox<int> inbox;
  inbox.post(1);
  CHECK(inbox.take_until(read_clock().steady - 1h) == std::vector<int>{1});
  CHECK(inbox.take_until(SteadyTime::min()).empty());
}

TEST_CASE("without a post the deadline ends the wait, not before its time") {
  Inbox<int> inbox;
  const auto deadline = read_clock().steady + 20ms;
  CHECK(inbox.take_until(deadline).empty());
  CHECK(read_clock().steady >= deadline);
}

TEST_CASE("a post wakes a loop that waits for ever") {
  Inbox<std::unique_ptr<int>> inbox;
  std::thread other([&inbox] { inbox.post(std::make_unique<int>(7)); });
  const auto events = inbox.take_until(kNever);
  other.join();
  REQUIRE(events.size() == 1);
  CHECK(*events.front() == 7);
}

TEST_CASE("many threads post, nothing is lost and each one's order is kept") {
  constexpr int kThreads = 8;
  constexpr int kEach = 5000;
  Inbox<std::pair<int, int>> inbox;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&inbox, thread] {
      for (int i = 0; i < kEach; ++i) inbox.post({thread, i});
    });
  }
  std::map<int, int> next;
  int taken = 0;
  bool in_order = true;
  while (taken < kThreads * kEach) {
    for (const auto& event : inbox.take_until(kNever)) {
      in_order = in_order && next[event.first]++ == event.second;
      ++taken;
    }
  }
  for (auto& thread : threads) thread.join();
  CHECK(in_order);
  CHECK(inbox.take_until(read_clock().steady).empty());
}
