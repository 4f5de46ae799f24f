#include <algorithm>
#include <map>

#include "wire/partner/asking.hpp"

using namespace emporia;
using namespace emporia::partner;
using namespace std::chrono_literals;
using Kind = PartnerError::Kind;

TEST_CASE("all ten calls over TLS") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();

  const auto inventory = asking.answer<Inventory>(ListDevices{});
  REQUIRE(inventory.devices.size() == 6);
  const auto house = std::find_if(inventory.devices.begin(), inventory.devices.end(),
                                  [](const model::Device& device) { return device.id.text() == kMonitor; });
  REQUIRE(house != inventory.devices.end());
  CHECK(house->model == model::DeviceModel::vue3);
  CHECK(house->name == "House");
  CHECK(house->solar);
  CHECK(house->connected);
  CHECK(house->billing_cycle_start_day == 15);
  CHECK(house->timezone == "America/New_York");
  CHECK(asking.answer<Inventory>(ListDevices{{"nobody@example.com"}}).devices.empty());

  const auto usage =
      asking.answer<Usage>(FetchUsage{ids({kMonitor, kOutlet}), model::Scale::minutes, kNoon - 60min, kNoon - 31min});
  REQUIRE(usage.devices.size() == 2);
  for (const auto& device : usage.devices) {
    CHECK(device.starts.size() == 30);  // the bucket that holds the end is part of the range
    CHECK(device.starts.front() == kNoon - 60min);
    CHECK(device.starts.back() == kNoon - 31min);
    CHECK_FALSE(device.channels.empty());
  }

  const auto outlets = asking.answer<States>(ListStates{StateKind::outlets, ids({kOutlet, kOtherOutlet})});
  REQUIRE(outlets.states.size() == 2);
  const bool was_on = std::get<model::OutletState>(outlets.states[0]).on;
  const auto changed =
      asking.answer<States>(UpdateOutlets{{{std::get<model::OutletState>(outlets.states[0]).device, !was_on}}});
  REQUIRE(changed.states.size() == 1);
  CHECK(std::get<model::OutletState>(changed.states[0]).on == !was_on);

  const auto chargers = asking.answer<States>(ListStates{StateKind::ev_chargers, ids({kCharger})});
  REQUIRE(chargers.states.size() == 1);
  CHECK(std::get<model::ChargerState>(chargers.states[0]).on.has_value());
  CHECK(std::get<model::ChargerState>(chargers.states[0]).charge_rate_a.has_value());
  const auto charger = asking.answer<States>(UpdateChargers{{{model::DeviceId(kCharger), std::nullopt, 17}}});
  REQUIRE(charger.states.size() == 1);
  CHECK(std::get<model::ChargerState>(charger.states[0]).charge_rate_a == 17U);
  CHECK(std::get<model::ChargerState>(charger.states[0]).on == std::get<model::ChargerState>(chargers.states[0]).on);

  const auto batteries = asking.answer<States>(ListStates{StateKind::batteries, ids({kBattery})});
  REQUIRE(batteries.states.size() == 1);
  CHECK(std::get<model::BatteryState>(batteries.states[0]).soc_pct.has_value());
  CHECK(std::get<model::BatteryState>(batteries.states[0]).dispatch.has_value());
  const model::Dispatch charge{model::DispatchMode::charge_to_state_of_charge, {}, 2.5, {}, 90.0};
  const auto battery = asking.answer<States>(UpdateBatteries{{{model::DeviceId(kBattery), 33.0, charge}}});
  REQUIRE(battery.states.size() == 1);
  CHECK(std::get<model::BatteryState>(battery.states[0]).reserve_soc_pct == 33.0);
  CHECK(std::get<model::BatteryState>(battery.states[0]).dispatch == charge);

  const auto meters = asking.answer<States>(ListStates{StateKind::utility_connects, ids({kMeter})});
  REQUIRE(meters.states.size() == 1);
  CHECK(std::get<model::UtilityConnectState>(meters.states[0]).device.text() == kMeter);
}

TEST_CASE("only what is named reaches the service") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  asking.answer<States>(UpdateChargers{{{model::DeviceId(kCharger), std::nullopt, 17}}});
  asking.answer<States>(UpdateBatteries{{{model::DeviceId(kBattery), 33.0, std::nullopt}}});
  const std::string updates = service.command("updates");
  CHECK_MESSAGE(contains(updates, "17"), updates);
  CHECK_MESSAGE(!contains(updates, "\"on\""), updates);
  CHECK_MESSAGE(!contains(updates, "idle"), updates);
  CHECK_MESSAGE(!contains(updates, "load_following"), updates);
}

TEST_CASE("a request that names nobody is refused before it is a call") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  service.command("reset-stats");
  const std::vector<Request> requests = {FetchUsage{{}, model::Scale::minutes, kNoon - 60min, kNoon},
                                         ListStates{StateKind::outlets, {}}, UpdateOutlets{}, UpdateChargers{},
                                         UpdateBatteries{}};
  for (const Request& request : requests) CHECK(asking.error(request).kind == Kind::refused);
  CHECK_MESSAGE(contains(service.command("stats"), "\"total\":0"), service.command("stats"));
}

TEST_CASE("a wrong password is told from an unreachable service, and neither word is repeated") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  const auto refused = asking.error(SignIn{"partner@example.com", "wr0ng-pa55word"});
  CHECK(refused.kind == Kind::refused);
  CHECK_FALSE(contains(refused.text, "wr0ng-pa55word"));
  asking.use_token("stale-t0ken");
  const auto stale = asking.error(ListDevices{});
  CHECK(stale.kind == Kind::sign_in_again);
  CHECK_FALSE(contains(stale.text, "stale-t0ken"));
  asking.sign_in();
  service.command("expire-tokens");
  CHECK(asking.error(ListDevices{}).kind == Kind::sign_in_again);
}

TEST_CASE("what the service refuses comes back with its reason") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  const auto rate = asking.error(UpdateChargers{{{model::DeviceId(kCharger), std::nullopt, 100}}});
  CHECK(rate.kind == Kind::refused);
  CHECK(contains(rate.text, "the service refuses the request ("));
  CHECK(asking.error(ListStates{StateKind::outlets, ids({kBattery})}).kind == Kind::refused);
}

TEST_CASE("many calls at a time each get their own reply") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  std::map<AttemptId, std::string> asked;
  for (int i = 0; i < 60; ++i) {
    const std::string id = i % 2 == 0 ? kOutlet : kOtherOutlet;
    asked[asking.send(ListStates{StateKind::outlets, ids({id})})] = id;
  }
  while (!asked.empty()) {
    const Reply reply = asking.next();
    const auto found = asked.find(reply.attempt);
    REQUIRE(found != asked.end());
    REQUIRE(reply.result.ok());
    const auto& states = std::get<States>(reply.result.value()).states;
    REQUIRE(states.size() == 1);
    CHECK(std::get<model::OutletState>(states[0]).device.text() == found->second);
    asked.erase(found);
  }
}
