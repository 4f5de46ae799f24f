// The List and Update calls, and devices that act on them.
#include <doctest/doctest.h>

#include "simulator/caller.hpp"

using namespace simulator_stories;

namespace {

constexpr const char* kLamp = "B2136B0204240AC4E1F2A3";
constexpr const char* kFreezer = "B2136B0204240AC4E1F2B4";
constexpr const char* kCharger = "D2245A7C2E30AEA4D5E6F7";
constexpr const char* kBattery = "S2301W0510240AC4C5D6E7";
constexpr const char* kVue = "F2310A04B4240AC4A1B2C3";
constexpr const char* kMeter = "Z2118A11D2240AC4B7C8D9";
constexpr const char* kNow = "2026-11-20T17:00:00Z";  // noon in New York

struct Story {
  simulator::Simulator simulator{still("typical", kNow)};
  Caller caller{simulator};

  void tell(const std::string& command) {
    const std::string answer = simulator.command(command);
    REQUIRE_MESSAGE(answer.rfind("ok", 0) == 0, answer);
  }
  Answer<api::OutletsResponse> set_outlets(const std::vector<std::pair<std::string, bool>>& wanted) {
    api::UpdateOutletsRequest request;
    for (const auto& [id, on] : wanted) {
      auto* const item = request.add_outlets();
      item->set_manufacturer_device_id(id);
      item->set_on(on);
    }
    return caller.update(request);
  }
  Answer<api::EVChargersResponse> set_charger(const std::string& text) {
    api::UpdateEVChargersRequest request;
    auto* const settings = request.add_settings();
    settings->set_manufacturer_device_id(kCharger);
    if (text == "on" || text == "off") {
      settings->mutable_on()->set_value(text == "on");
    } else if (!text.empty()) {
      settings->mutable_charge_rate_amps()->set_value(static_cast<unsigned>(std::stoul(text)));
    }
    return caller.update(request);
  }
  template <typename Change>
  Answer<api::BatteriesResponse> set_battery(Change change) {
    api::UpdateBatteriesRequest request;
    auto* const settings = request.add_settings();
    settings->set_manufacturer_device_id(kBattery);
    change(*settings);
    return caller.update(request);
  }
  bool on(int outlet) { return caller.outlets().reply.outlets(outlet).on(); }
  api::EVCharger charger() { return caller.chargers().reply.evchargers(0); }
  api::Battery battery() { return caller.batteries().reply.batteries(0); }
  /// Wh of channel 1 within the minutes.
  double wh(const std::string& id, std::int64_t from, std::int64_t to) {
    const auto usage = caller.usage(id, from, to - 1, api::Minutes);
    REQUIRE_MESSAGE(usage.ok(), usage.text);
    REQUIRE(usage.reply.device_usages_size() == 1);
    double sum = 0;
    for (const double value : usage.reply.device_usages(0).channel_usages(0).usages()) sum += value;
    return sum;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Story, "lists show every device of their model with every setting") {
  CHECK(caller.outlets().reply.outlets_size() == 2);
  CHECK(caller.outlets({kFreezer}).reply.outlets(0).manufacturer_device_id() == kFreezer);
  CHECK(caller.utility_connects().reply.utility_connects(0).zigbee_mac() == "000781000123ABCD");
  CHECK(charger().car_connected());
  CHECK(charger().car_charging());
  CHECK(charger().max_charge_rate_amps() == 40);
  CHECK(charger().settings().on().value());
  CHECK(charger().settings().charge_rate_amps().value() == 32);
  CHECK(battery().capacity_kwhs() == 13.4);
  CHECK(battery().inverter_max_power_kwatts() == 5);
  CHECK(battery().soc_percentage().value() == 64);
  CHECK(battery().settings().reserve_soc_percentage().value() == 20);
  CHECK(battery().settings().load_following().power_kwatts().value() == 4.5);
}

TEST_CASE_FIXTURE(Story, "lists refuse ids of other models and of nobody, unless told to leave them out") {
  for (const char* id : {kVue, kCharger, "nobody", ""}) {
    CAPTURE(id);
    CHECK(caller.outlets({kLamp, id}).status == "INVALID_ARGUMENT");
    CHECK(set_outlets({{kLamp, false}, {id, false}}).status == "INVALID_ARGUMENT");
  }
  CHECK(on(0));
  tell("behaviour list_unknown_ids omit");
  tell("behaviour wrong_model omit");
  CHECK(caller.outlets({kLamp, "nobody", kVue}).reply.outlets_size() == 1);
  tell("behaviour empty_ids empty");
  CHECK(caller.outlets().reply.outlets_size() == 0);
}

TEST_CASE_FIXTURE(Story, "an update answers with what changed and nothing else") {
  const auto first = set_outlets({{kLamp, false}, {kFreezer, true}});
  REQUIRE(first.reply.outlets_size() == 1);
  CHECK(first.reply.outlets(0).manufacturer_device_id() == kLamp);
  CHECK_FALSE(first.reply.outlets(0).on());
  CHECK_FALSE(on(0));
  CHECK(set_outlets({{kLamp, false}}).reply.outlets_size() == 0);
  tell("behaviour unchanged_update include");
  CHECK(set_outlets({{kLamp, false}}).reply.outlets_size() == 1);
}

TEST_CASE_FIXTURE(Story, "an offline device is left out of the reply and stays as it was") {
  tell("connect " + std::string(kLamp) + " off");
  const auto answer = set_outlets({{kLamp, false}, {kFreezer, false}});
  CHECK(answer.ok());
  REQUIRE(answer.reply.outlets_size() == 1);
  CHECK(answer.reply.outlets(0).manufacturer_device_id() == kFreezer);
  CHECK(on(0));
  tell("connect " + std::string(kBattery) + " off");
  CHECK_FALSE(battery().has_soc_percentage());
  tell("behaviour disconnected_update error");
  CHECK(set_outlets({{kLamp, false}}).status == "FAILED_PRECONDITION");
}

TEST_CASE_FIXTURE(Story, "a bad item among good ones") {
  const auto batch = [&] { return set_outlets({{kLamp, false}, {"nobody", false}, {kFreezer, false}}); };
  CHECK(batch().status == "INVALID_ARGUMENT");
  CHECK(on(0));
  CHECK(on(1));
  tell("behaviour batch partial");
  CHECK(batch().status == "INVALID_ARGUMENT");
  CHECK_FALSE(on(0));
  CHECK_FALSE(on(1));
  set_outlets({{kLamp, true}, {kFreezer, true}});
  tell("behaviour batch skip");
  CHECK(batch().reply.outlets_size() == 2);
}

TEST_CASE_FIXTURE(Story, "a charger takes what it names within its limits") {
  struct Case {
    const char *setting, *status;
    int changed;
  };
  const Case cases[] = {{"100", "INVALID_ARGUMENT", 0},
                        {"5", "INVALID_ARGUMENT", 0},
                        {"41", "INVALID_ARGUMENT", 0},
                        {"", "INVALID_ARGUMENT", 0},
                        {"40", "OK", 1},
                        {"40", "OK", 0},
                        {"6", "OK", 1},
                        {"off", "OK", 1},
                        {"off", "OK", 0},
                        {"on", "OK", 1}};
  for (const Case& c : cases) {
    CAPTURE(c.setting);
    const auto answer = set_charger(c.setting);
    CHECK(answer.status == c.status);
    CHECK(answer.ok() == answer.text.empty());
    CHECK(answer.reply.evchargers_size() == c.changed);
  }
  CHECK(charger().settings().on().value());
  CHECK(charger().settings().charge_rate_amps().value() == 6);
}

TEST_CASE_FIXTURE(Story, "a battery keeps what an update does not name") {
  const auto reserve = set_battery([](auto& s) { s.mutable_reserve_soc_percentage()->set_value(35); });
  REQUIRE(reserve.reply.batteries_size() == 1);
  CHECK(reserve.reply.batteries(0).settings().load_following().power_kwatts().value() == 4.5);
  const auto mode =
      set_battery([](auto& s) { s.mutable_charge_to_state_of_charge()->mutable_soc_percentage()->set_value(90); });
  REQUIRE(mode.reply.batteries_size() == 1);
  CHECK(mode.reply.batteries(0).settings().reserve_soc_percentage().value() == 35);
  CHECK(mode.reply.batteries(0).settings().charge_to_state_of_charge().soc_percentage().value() == 90);
  CHECK(mode.reply.batteries(0).settings().charge_to_state_of_charge().charge_power_kwatts().value() == 4.5);
  CHECK(set_battery([](auto& s) { s.mutable_idle(); }).reply.batteries_size() == 1);
  CHECK(set_battery([](auto& s) { s.mutable_idle(); }).reply.batteries_size() == 0);
  CHECK(battery().settings().has_idle());
}

TEST_CASE_FIXTURE(Story, "a battery refuses what cannot be") {
  using S = api::BatterySettings;
  struct Case {
    const char* what;
    void (*change)(S&);
  };
  const Case cases[] = {
      {"nothing", [](S&) {}},
      {"reserve 0", [](S& s) { s.mutable_reserve_soc_percentage()->set_value(0); }},
      {"reserve 101", [](S& s) { s.mutable_reserve_soc_percentage()->set_value(101); }},
      {"reserve NaN", [](S& s) { s.mutable_reserve_soc_percentage()->set_value(std::stod("nan")); }},
      {"no power", [](S& s) { s.mutable_load_following()->mutable_power_kwatts()->set_value(0); }},
      {"negative power", [](S& s) { s.mutable_load_following()->mutable_power_kwatts()->set_value(-1); }},
      {"above the inverter",
       [](S& s) { s.mutable_charge_with_excess_solar()->mutable_charge_power_kwatts()->set_value(5.1); }},
      {"100 kW",
       [](S& s) { s.mutable_discharge_to_state_of_charge()->mutable_discharge_power_kwatts()->set_value(100); }},
      {"target below the reserve",
       [](S& s) { s.mutable_discharge_to_state_of_charge()->mutable_soc_percentage()->set_value(19); }},
      {"target above full",
       [](S& s) { s.mutable_charge_to_state_of_charge()->mutable_soc_percentage()->set_value(100.5); }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto answer = set_battery(c.change);
    CHECK(answer.status == "INVALID_ARGUMENT");
    CHECK_FALSE(answer.text.empty());
  }
  CHECK(battery().settings().load_following().power_kwatts().value() == 4.5);
  CHECK(battery().settings().reserve_soc_percentage().value() == 20);
}

TEST_CASE_FIXTURE(Story, "an outlet's load stops and starts") {
  const auto now = at(kNow);
  set_outlets({{kLamp, false}});
  tell("advance 1200");
  set_outlets({{kLamp, true}});
  tell("advance 2400");
  CHECK(wh(kLamp, now - 600, now) == doctest::Approx(42.0 / 6).epsilon(0.05));
  CHECK(wh(kLamp, now, now + 1200) == 0);
  CHECK(wh(kLamp, now + 1200, now + 1800) == doctest::Approx(42.6 / 6).epsilon(0.05));
}

TEST_CASE_FIXTURE(Story, "a car draws its rate, fills up and then draws no more") {
  const auto now = at(kNow);
  // 77 kWh at 98 % lack 1.54 kWh: at 16 A and 240 V (3.84 kW) a little more than 24 minutes.
  tell("plug " + std::string(kCharger) + " on 98");
  set_charger("16");
  tell("advance 1200");
  CHECK(charger().car_charging());
  tell("advance 600");
  CHECK_FALSE(charger().car_charging());
  CHECK(charger().car_connected());
  CHECK(charger().settings().on().value());
  tell("advance 1800");
  CHECK(wh(kCharger, now, now + 600) == doctest::Approx(3840.0 / 6).epsilon(0.01));
  CHECK(wh(kCharger, now, now + 1800) == doctest::Approx(1540).epsilon(0.01));
  CHECK(wh(kCharger, now + 1800, now + 2400) < 1);
  // The monitor's own clamp sees the same car.
  const auto usage = caller.usage(kVue, now, now + 599, api::Minutes);
  double clamp = 0;
  for (const auto& channel : usage.reply.device_usages(0).channel_usages()) {
    if (channel.channel() != 7) continue;
    for (const double value : channel.usages()) clamp += value;
  }
  CHECK(clamp == doctest::Approx(wh(kCharger, now, now + 600)).epsilon(1e-9));
  tell("plug " + std::string(kCharger) + " off");
  CHECK_FALSE(charger().car_connected());
}

TEST_CASE_FIXTURE(Story, "an offline charger shows the car as it was") {
  tell("connect " + std::string(kCharger) + " off");
  tell("plug " + std::string(kCharger) + " off");
  CHECK(charger().car_connected());
  CHECK(charger().car_charging());
  tell("connect " + std::string(kCharger) + " on");
  CHECK_FALSE(charger().car_connected());
  CHECK_FALSE(charger().car_charging());
}

TEST_CASE_FIXTURE(Story, "a charger that is off charges nothing") {
  set_charger("off");
  CHECK_FALSE(charger().car_charging());
  CHECK(charger().car_connected());
  tell("advance 3600");
  CHECK(wh(kCharger, at(kNow), at(kNow) + 600) < 1);
}

TEST_CASE_FIXTURE(Story, "a battery charges to its target, discharges to its own, and idles") {
  const auto now = at(kNow);
  set_battery([](auto& s) {
    s.mutable_charge_to_state_of_charge()->mutable_soc_percentage()->set_value(80);
    s.mutable_charge_to_state_of_charge()->mutable_charge_power_kwatts()->set_value(4);
  });
  tell("advance 1800");
  // 2 kWh, of which 95 % arrive, in 13.4 kWh.
  CHECK(battery().soc_percentage().value() == doctest::Approx(64 + 100 * 2 * 0.95 / 13.4).epsilon(1e-6));
  tell("advance 3600");
  CHECK(battery().soc_percentage().value() == 80);
  CHECK(wh(kBattery, now, now + 600) == doctest::Approx(4000.0 / 6).epsilon(1e-6));
  set_battery([](auto& s) {
    s.mutable_discharge_to_state_of_charge()->mutable_soc_percentage()->set_value(70);
    s.mutable_discharge_to_state_of_charge()->mutable_discharge_power_kwatts()->set_value(5);
  });
  tell("advance 7200");
  CHECK(battery().soc_percentage().value() == 70);
  CHECK(wh(kBattery, now + 5400, now + 6000) == doctest::Approx(-5000.0 / 6).epsilon(1e-6));
  set_battery([](auto& s) { s.mutable_idle(); });
  tell("advance 7200");
  CHECK(battery().soc_percentage().value() == 70);
  CHECK(wh(kBattery, now + 14400, now + 15000) == 0);
}

TEST_CASE_FIXTURE(Story, "a battery that follows the load takes the surplus, covers the house, and keeps its reserve") {
  // A June day with much sun: at noon it fills, at night it empties to the reserve and no further.
  simulator::Simulator summer(still("typical", "2026-06-20T14:00:00Z"));
  Caller june(summer);
  REQUIRE(summer.command("plug " + std::string(kCharger) + " off") == "ok");
  const auto soc = [&] { return june.batteries().reply.batteries(0).soc_percentage().value(); };
  const double morning = soc();
  REQUIRE(summer.command("advance 14400").rfind("ok ", 0) == 0);
  const double afternoon = soc();
  CHECK(afternoon > morning + 5);
  REQUIRE(summer.command("advance 50400").rfind("ok ", 0) == 0);
  CHECK(soc() < afternoon);
  CHECK(soc() >= 20);
  // At night the grid sees less than the house draws: the battery covers it, so that the net is near zero while it
  // lasts.
  const auto evening = at("2026-06-21T01:00:00Z");
  const double meter =
      june.usage(kMeter, evening, evening, api::Hours).reply.device_usages(0).channel_usages(0).usages(0);
  const double battery_wh =
      june.usage(kBattery, evening, evening, api::Hours).reply.device_usages(0).channel_usages(0).usages(0);
  CHECK(battery_wh < 0);
  CHECK(meter < 0.2 * -battery_wh);
}

TEST_CASE_FIXTURE(Story, "tests can read which fields an update set") {
  tell("reset-stats");
  set_charger("16");
  set_outlets({{kLamp, false}});
  const std::string updates = simulator.command("updates");
  CHECK(updates.find(R"("settings":[{"manufacturer_device_id":"D2245A7C2E30AEA4D5E6F7","charge_rate_amps":16}])") !=
        std::string::npos);
  CHECK(updates.find(R"("outlets":[{"manufacturer_device_id":"B2136B0204240AC4E1F2A3","on":false}])") !=
        std::string::npos);
}
