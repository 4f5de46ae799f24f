#include "runtime/backoff.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace std::chrono_literals;
using emporia::runtime::Backoff;

namespace {

bool around(std::chrono::milliseconds pause, std::chrono::milliseconds middle) {
  // 1 ms for the cut to whole milliseconds.
  return pause >= middle * 8 / 10 - 1ms && pause <= middle * 12 / 10;
}

}  // namespace

TEST_CASE("pauses double from the first to the longest and stay there") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Backoff backoff(5s, 5min, seed);
    for (const auto middle : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s, 300s}) {
      const auto pause = backoff.next();
      CHECK_MESSAGE(around(pause, middle), "seed ", seed, ": ", pause.count(), " ms around ", middle.count(), " s");
    }
  }
}

TEST_CASE("after a success it starts from the first pause") {
  Backoff backoff(1s, 1min, 7);
  for (int i = 0; i < 20; ++i) backoff.next();
  backoff.reset();
  CHECK(around(backoff.next(), 1s));
  CHECK(around(backoff.next(), 2s));
}

TEST_CASE("bridges that start together do not come back together") {
  std::set<std::chrono::milliseconds> pauses;
  for (std::uint64_t seed = 0; seed < 50; ++seed) pauses.insert(Backoff(10s, 1min, seed).next());
  CHECK(pauses.size() > 40);
}

TEST_CASE("a seed decides all pauses") {
  Backoff one(1s, 1min, 42);
  Backoff other(1s, 1min, 42);
  for (int i = 0; i < 10; ++i) CHECK(one.next() == other.next());
}
