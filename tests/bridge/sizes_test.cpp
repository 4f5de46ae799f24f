// A fleet as large as any: no turn of the loop takes long, whatever comes, and everything is shown in the end. With
// E2M_LONG=1 it has ten thousand devices and a hundred thousand circuits, else as many devices as show it.
#include <cstdlib>
#include <doctest/doctest.h>
#include <sys/resource.h>

#include "app/resident_memory.hpp"
#include "bridge/fleet_run.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define E2M_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define E2M_SANITIZED 1
#endif
#endif

/// What the loop promises, in its own work: the time of the thread, so that a busy machine does not matter. Watched by
/// a sanitizer everything takes a multiple.
#ifdef E2M_SANITIZED
constexpr std::chrono::milliseconds kLongestTurn{1500};
constexpr std::size_t kShortFleet = 500;
#else
constexpr std::chrono::milliseconds kLongestTurn{100};
/// So many that doing something for all of them in one turn would break the promise.
constexpr std::size_t kShortFleet = 2000;
#endif

bool is_long() {
  const char* set = std::getenv("E2M_LONG");
  return set != nullptr && std::string(set) == "1";
}

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// Plays on, and holds the longest turn of it against the promise.
void play(FleetRun& fleet, const std::string& what, std::chrono::seconds duration) {
  fleet.run_for(duration);
  const FleetRun::Longest longest = fleet.take_longest();
  MESSAGE(what << ": " << longest.turns << " turns, the longest " << milliseconds(longest.worked) << " ms ("
               << longest.what << ")");
  CHECK_MESSAGE(longest.worked < kLongestTurn, what);
}

}  // namespace

TEST_CASE("sizes: a fleet is met, announced, booked and shown without a long turn") {
  FleetOptions options;
  options.devices = is_long() ? 10'000 : kShortFleet;
  const auto before = app::resident_memory_bytes().value_or(0);
  FleetRun fleet(options);
  fleet.start();
  play(fleet, "the first minutes", 10min);
  CHECK(fleet.standing("/state") == options.devices + 1);
  CHECK(fleet.standing("/availability") == options.devices);
  CHECK(fleet.standing("/config") == options.devices + 1);
  for (const model::Device& device : fleet.devices()) REQUIRE_FALSE(fleet.ledger().counters(device.id).empty());

  fleet.receive("homeassistant/status", "online");
  play(fleet, "Home Assistant starts", 1min);
  if (!is_long()) return;
  play(fleet, "polls", 20min);
  fleet.broker_goes();
  play(fleet, "the broker goes and comes back", 2min);
  play(fleet, "past midnight", 1h);
  const auto after = app::resident_memory_bytes().value_or(0);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  MESSAGE(options.devices << " devices: " << (after - before) / 1024 / 1024 << " MB more resident, "
                          << used.ru_maxrss / 1024 << " MB at the most; " << fleet.published()
                          << " messages, the largest " << fleet.largest_payload() / 1024 << " kB");
  for (const model::Device& device : fleet.devices()) {
    const ledger::Counter& counter = fleet.ledger().counters(device.id).at(4);
    REQUIRE(counter.booked_until >= std::chrono::floor<std::chrono::minutes>(fleet.now().system) - 45min);
  }
}

TEST_CASE("sizes: a device that is hours behind is booked without a long turn") {
  FleetOptions options;
  options.devices = 3;
  options.circuits = 16;
  FleetRun fleet(options);
  fleet.start();
  play(fleet, "the first minutes", 10min);
  fleet.broker_goes();
  play(fleet, "a while", 20min);
  fleet.receive("emporia/bridge/request/usage",
                R"({"device": "House 1", "scale": "minutes", "from": "2026-11-23T12:00:00Z"})");
  play(fleet, "thousands of buckets are asked for", 5min);
}
