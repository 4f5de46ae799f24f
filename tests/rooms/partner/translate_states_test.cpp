#include <doctest/doctest.h>

#include "partner/translate.hpp"
#include "rooms/partner/wire_text.hpp"

using namespace emporia;
using namespace emporia::partner;

namespace {

template <typename State>
struct Read {
  std::vector<State> states;
  Noted odd;
};

template <typename State, typename Reply>
Read<State> read(const std::string& text) {
  Oddities oddities;
  const States states = from_wire(message<Reply>(text), oddities);
  Read<State> result{{}, noted(oddities)};
  for (const auto& state : states.states) result.states.push_back(std::get<State>(state));
  return result;
}

constexpr auto outlets = read<model::OutletState, wire::OutletsResponse>;
constexpr auto chargers = read<model::ChargerState, wire::EVChargersResponse>;
constexpr auto batteries = read<model::BatteryState, wire::BatteriesResponse>;
constexpr auto meters = read<model::UtilityConnectState, wire::UtilityConnectsResponse>;

model::DeviceId id(const char* text) {
  return model::DeviceId(text);
}

std::string battery(const std::string& rest, const std::string& settings) {
  return "batteries { " + rest + " settings { manufacturer_device_id: \"b\" " + settings + " } }";
}

}  // namespace

TEST_CASE("outlets: on, and off where nothing is said") {
  const auto told = outlets(R"(outlets { manufacturer_device_id: "a" on: true } outlets { manufacturer_device_id: "b" }
    outlets { on: true } outlets { manufacturer_device_id: "a" })");
  CHECK(told.states == std::vector<model::OutletState>{{id("a"), true}, {id("b"), false}});
  CHECK(told.odd == Noted{{Oddity::device_without_id, 1}, {Oddity::device_twice, 1}});
}

TEST_CASE("utility connects: the radio's address, empty until it has met the cloud") {
  const auto told = meters(R"(utility_connects { manufacturer_device_id: "a" zigbee_mac: "0011223344556677" }
    utility_connects { manufacturer_device_id: "b" })");
  CHECK(told.states == std::vector<model::UtilityConnectState>{{id("a"), "0011223344556677"}, {id("b"), ""}});
  CHECK(told.odd.empty());
}

TEST_CASE("chargers: an absent wrapper is not known, a wrapped zero is zero") {
  const struct {
    const char* text;
    model::ChargerState state;
    Noted odd;
  } cases[] = {
      {R"(evchargers { car_connected: true car_charging: true max_charge_rate_amps: 48
           settings { manufacturer_device_id: "c" on { value: true } charge_rate_amps { value: 16 } } })",
       {id("c"), true, true, 48, true, 16},
       {}},
      {R"(evchargers { settings { manufacturer_device_id: "c" on { } charge_rate_amps { } } })",
       {id("c"), false, false, 0, false, 0},
       {}},
      {R"(evchargers { max_charge_rate_amps: 40 settings { manufacturer_device_id: "c" } })",
       {id("c"), false, false, 40, std::nullopt, std::nullopt},
       {{Oddity::missing_settings, 1}}},
      {R"(evchargers { max_charge_rate_amps: 40 settings { manufacturer_device_id: "c" on { value: true } } })",
       {id("c"), false, false, 40, true, std::nullopt},
       {{Oddity::missing_settings, 1}}},
      {R"(evchargers { max_charge_rate_amps: 4000000000
           settings { manufacturer_device_id: "c" on { } charge_rate_amps { value: 4000000000 } } })",
       {id("c"), false, false, 0, false, std::nullopt},
       {{Oddity::missing_settings, 1}}},
  };
  for (const auto& row : cases) {
    const auto told = chargers(row.text);
    CHECK_MESSAGE(told.states == std::vector<model::ChargerState>{row.state}, row.text);
    CHECK_MESSAGE(told.odd == row.odd, row.text);
  }
  // The id is in the settings; without them nobody knows whose state it is.
  CHECK(chargers("evchargers { car_connected: true }").odd == Noted{{Oddity::device_without_id, 1}});
}

TEST_CASE("batteries: every mode with what belongs to it") {
  using model::DispatchMode;
  const struct {
    const char* mode;
    std::optional<model::Dispatch> dispatch;
  } cases[] = {
      {"load_following { power_kwatts { value: 4.5 } }",
       model::Dispatch{DispatchMode::load_following, 4.5, {}, {}, {}}},
      {"load_following { }", model::Dispatch{DispatchMode::load_following, {}, {}, {}, {}}},
      {"charge_with_excess_solar { charge_power_kwatts { value: 3 } }",
       model::Dispatch{DispatchMode::charge_with_excess_solar, {}, 3.0, {}, {}}},
      {"charge_to_state_of_charge { soc_percentage { value: 80 } charge_power_kwatts { value: 2 } }",
       model::Dispatch{DispatchMode::charge_to_state_of_charge, {}, 2.0, {}, 80.0}},
      {"discharge_to_state_of_charge { soc_percentage { value: 20 } discharge_power_kwatts { value: 5 } }",
       model::Dispatch{DispatchMode::discharge_to_state_of_charge, {}, {}, 5.0, 20.0}},
      {"idle { }", model::Dispatch{DispatchMode::idle, {}, {}, {}, {}}},
      {"load_following { power_kwatts { value: nan } }", model::Dispatch{DispatchMode::load_following, {}, {}, {}, {}}},
      {"load_following { power_kwatts { value: -1 } }", model::Dispatch{DispatchMode::load_following, {}, {}, {}, {}}},
      {"charge_to_state_of_charge { soc_percentage { value: 101 } charge_power_kwatts { value: inf } }",
       model::Dispatch{DispatchMode::charge_to_state_of_charge, {}, {}, {}, {}}},
      {"", std::nullopt},
  };
  for (const auto& row : cases) {
    const auto told = batteries(battery("capacity_kwhs: 10 inverter_max_power_kwatts: 5 soc_percentage { value: 55.5 }",
                                        std::string("reserve_soc_percentage { value: 10 } ") + row.mode));
    const model::BatteryState state{id("b"), 10, 5, 55.5, 10.0, row.dispatch};
    CHECK_MESSAGE(told.states == std::vector<model::BatteryState>{state}, row.mode);
    CHECK_MESSAGE(told.odd == (row.dispatch ? Noted{} : Noted{{Oddity::missing_settings, 1}}), row.mode);
  }
}

TEST_CASE("batteries: while offline the state of charge is not told; senseless numbers are not believed") {
  const struct {
    std::string text;
    model::BatteryState state;
    Noted odd;
  } cases[] = {
      {battery("capacity_kwhs: 10 inverter_max_power_kwatts: 5", "reserve_soc_percentage { value: 10 } idle { }"),
       {id("b"), 10, 5, std::nullopt, 10.0, model::Dispatch{}},
       {}},
      {battery("capacity_kwhs: nan inverter_max_power_kwatts: -3 soc_percentage { value: nan }",
               "reserve_soc_percentage { value: inf } idle { }"),
       {id("b"), 0, 0, std::nullopt, std::nullopt, model::Dispatch{}},
       {{Oddity::missing_settings, 1}}},
      {battery("capacity_kwhs: 1e300 inverter_max_power_kwatts: inf soc_percentage { value: 100.5 }",
               "reserve_soc_percentage { value: -1 } idle { }"),
       {id("b"), 0, 0, std::nullopt, std::nullopt, model::Dispatch{}},
       {{Oddity::missing_settings, 1}}},
      {battery("soc_percentage { }", "reserve_soc_percentage { value: 100 } idle { }"),
       {id("b"), 0, 0, 0.0, 100.0, model::Dispatch{}},
       {}},
  };
  for (const auto& row : cases) {
    const auto told = batteries(row.text);
    CHECK_MESSAGE(told.states == std::vector<model::BatteryState>{row.state}, row.text);
    CHECK_MESSAGE(told.odd == row.odd, row.text);
  }
  CHECK(batteries("batteries { capacity_kwhs: 10 }").states.empty());
}
