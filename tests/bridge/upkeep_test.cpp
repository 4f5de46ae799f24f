#include "app/upkeep.hpp"

#include <doctest/doctest.h>

#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"

using namespace emporia;
using namespace std::chrono_literals;
using ledger::minute;

TEST_CASE("what is to be read again of a device goes with it") {
  const model::DeviceId gone("gone");
  const model::DeviceId other("other");
  ledger::Store store(":memory:");
  // Both were away for three days.
  for (const char* device : {"gone", "other"}) {
    REQUIRE(store.book({ledger::minutes(device, 0, {{1, {1}}})}).ok());
    REQUIRE(store.book({ledger::minutes(device, 3 * 24 * 60, {{1, {1}}})}).ok());
  }
  runtime::Now now{runtime::SteadyTime{} + 1h, minute(3 * 24 * 60 + 40)};
  const model::Home home;
  app::Upkeep upkeep(store, home, now);
  for (const model::DeviceId& device : {gone, other}) upkeep.jumped(device, minute(1), minute(3 * 24 * 60));
  CHECK(upkeep.gaps().size() == 2);
  const auto horizon = minute(3 * 24 * 60 + 10);
  const auto next = [&](const std::vector<model::DeviceId>& devices) {
    now.steady += app::Upkeep::kEvery;
    return upkeep.next(devices, horizon, now);
  };
  const auto both = next({gone, other});
  REQUIRE(both.has_value());
  CHECK(both->devices == std::vector{gone, other});
  upkeep.done(false, now);
  upkeep.forget(gone);
  CHECK(upkeep.gaps().size() == 1);
  const auto rest = next({other});
  REQUIRE(rest.has_value());
  CHECK(rest->devices == std::vector{other});
}
