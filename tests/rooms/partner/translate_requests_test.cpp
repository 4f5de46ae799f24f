#include <doctest/doctest.h>

#include "partner/translate.hpp"
#include "rooms/partner/wire_text.hpp"

// Only what is named is on the wire. A wrapper that is there although nobody named it would change a setting.
using namespace emporia;
using namespace emporia::partner;

namespace {

model::DeviceId id(const char* text) {
  return model::DeviceId(text);
}

model::UtcSeconds at(std::int64_t seconds) {
  return model::UtcSeconds{std::chrono::seconds{seconds}};
}

}  // namespace

TEST_CASE("sign-in and inventory") {
  CHECK(text_of(to_wire(SignIn{"a@example.com", "p\"w"})) == R"(partner_email: "a@example.com" password: "p\"w")");
  CHECK(text_of(to_wire(ListDevices{}, "token")) == R"(auth_token: "token")");
  CHECK(text_of(to_wire(ListDevices{{"a@example.com", "b@example.com"}}, "token")) ==
        R"(auth_token: "token" customer_emails: "a@example.com" customer_emails: "b@example.com")");
}

TEST_CASE("usage: all channels, every scale by its number") {
  const FetchUsage request{{id("a"), id("B")}, model::Scale::hours, at(1795392000), at(1795395600)};
  CHECK(
      text_of(to_wire(request, "token")) ==
      R"(auth_token: "token" start_epoch_seconds: 1795392000 end_epoch_seconds: 1795395600 scale: Hours channels: ALL )"
      R"(manufacturer_device_ids: "a" manufacturer_device_ids: "B")");
  const model::Scale scales[] = {model::Scale::minutes, model::Scale::fifteen_minutes, model::Scale::hours,
                                 model::Scale::days,    model::Scale::weeks,           model::Scale::months,
                                 model::Scale::years};
  for (int number = 0; number < 7; ++number) {
    CHECK(static_cast<int>(to_wire(FetchUsage{{}, scales[number], at(0), at(0)}, "").scale()) == number);
  }
  // Before 1970 there is no unsigned time to send.
  CHECK(to_wire(FetchUsage{{}, model::Scale::hours, at(-5), at(-1)}, "").start_epoch_seconds() == 0);
}

TEST_CASE("lists name their devices") {
  CHECK(text_of(to_wire(ListStates{StateKind::outlets, {id("a"), id("b")}}, "token")) ==
        R"(auth_token: "token" manufacturer_device_ids: "a" manufacturer_device_ids: "b")");
}

TEST_CASE("outlets are switched by a plain flag") {
  CHECK(
      text_of(to_wire(UpdateOutlets{{{id("a"), true}, {id("b"), false}}}, "token")) ==
      R"(auth_token: "token" outlets { manufacturer_device_id: "a" on: true } outlets { manufacturer_device_id: "b" })");
}

TEST_CASE("a charger's update holds what is named, also when that is off or zero") {
  const auto text = [](std::optional<bool> on, std::optional<std::uint32_t> rate) {
    return text_of(to_wire(UpdateChargers{{{id("c"), on, rate}}}, "t").settings(0));
  };
  const std::string name = R"(manufacturer_device_id: "c")";
  CHECK(text({}, {}) == name);
  CHECK(text(true, {}) == name + " on { value: true }");
  CHECK(text(false, {}) == name + " on { }");
  CHECK(text({}, 16) == name + " charge_rate_amps { value: 16 }");
  CHECK(text(false, 0) == name + " on { } charge_rate_amps { }");
}

TEST_CASE("a battery's update holds what is named; a mode without settings is still that mode") {
  using model::Dispatch;
  using model::DispatchMode;
  const struct {
    std::optional<double> reserve;
    std::optional<Dispatch> dispatch;
    const char* text;
  } cases[] = {
      {{}, {}, ""},
      {10.5, {}, " reserve_soc_percentage { value: 10.5 }"},
      {{}, Dispatch{DispatchMode::idle, {}, {}, {}, {}}, " idle { }"},
      {20.0, Dispatch{DispatchMode::load_following, 4.5, {}, {}, {}},
       " reserve_soc_percentage { value: 20 } load_following { power_kwatts { value: 4.5 } }"},
      {{}, Dispatch{DispatchMode::load_following, {}, {}, {}, {}}, " load_following { }"},
      {{},
       Dispatch{DispatchMode::charge_with_excess_solar, {}, 3.0, {}, {}},
       " charge_with_excess_solar { charge_power_kwatts { value: 3 } }"},
      {{},
       Dispatch{DispatchMode::charge_to_state_of_charge, {}, 2.0, {}, 80.0},
       " charge_to_state_of_charge { soc_percentage { value: 80 } charge_power_kwatts { value: 2 } }"},
      {{},
       Dispatch{DispatchMode::discharge_to_state_of_charge, {}, {}, 5.0, 20.0},
       " discharge_to_state_of_charge { soc_percentage { value: 20 } discharge_power_kwatts { value: 5 } }"},
      // What belongs to another mode is not sent.
      {{}, Dispatch{DispatchMode::idle, 1.0, 2.0, 3.0, 4.0}, " idle { }"},
      {{}, Dispatch{DispatchMode::charge_to_state_of_charge, 1.0, {}, 3.0, {}}, " charge_to_state_of_charge { }"},
  };
  for (const auto& row : cases) {
    const auto wire = to_wire(UpdateBatteries{{{id("b"), row.reserve, row.dispatch}}}, "t");
    CHECK(text_of(wire.settings(0)) == std::string(R"(manufacturer_device_id: "b")") + row.text);
  }
}

TEST_CASE("every request goes to its own method") {
  const auto list = [](StateKind kind) { return std::string(method_name(ListStates{kind, {}})); };
  CHECK(std::string(method_name(SignIn{})) == "Authenticate");
  CHECK(std::string(method_name(ListDevices{})) == "GetDevices");
  CHECK(std::string(method_name(FetchUsage{})) == "GetUsageData");
  CHECK(list(StateKind::outlets) == "ListOutlets");
  CHECK(list(StateKind::ev_chargers) == "ListEVChargers");
  CHECK(list(StateKind::batteries) == "ListBatteries");
  CHECK(list(StateKind::utility_connects) == "ListUtilityConnects");
  CHECK(std::string(method_name(UpdateOutlets{})) == "UpdateOutlets");
  CHECK(std::string(method_name(UpdateChargers{})) == "UpdateEVChargers");
  CHECK(std::string(method_name(UpdateBatteries{})) == "UpdateBatteries");
}
