#include <doctest/doctest.h>

#include "bridge/sample_home.hpp"
#include "json/value.hpp"
#include "rooms/homeassistant/template_path.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

json::Value read(const std::string& text) {
  auto parsed = json::parse(text, {std::size_t{1} << 20, 16});
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

std::string text_in(const json::Value& object, const char* key) {
  const json::Value* member = object.find(key);
  return member == nullptr || member->as_string() == nullptr ? std::string() : *member->as_string();
}

}  // namespace

TEST_CASE("the bridge is a device at Home Assistant, and what its entities read is there") {
  World world;
  only_lamp(world);
  world.start();
  world.run_for(40s);
  const json::Value config = read(world.retained["homeassistant/device/emporia_bridge/config"]);
  REQUIRE(config.find("components") != nullptr);
  std::size_t reading = 0;
  for (const auto& [key, component] : *config.find("components")->as_object()) {
    const std::string name = key;
    CAPTURE(name);
    const std::string topic = text_in(component, "state_topic");
    if (text_in(component, "value_template").empty()) continue;
    ++reading;
    REQUIRE(world.retained.count(topic) == 1);
    const auto path = homeassistant::template_path(text_in(component, "value_template"));
    const auto value = homeassistant::look_up(read(world.retained[topic]), path);
    REQUIRE(value.has_value());
    // Nothing has gone wrong so far; all else is known.
    CHECK(value->is_null() == (name == "sensor_last_error"));
    const bool a_number = !text_in(component, "unit_of_measurement").empty();
    if (a_number) CHECK(value->as_integer() != nullptr);
  }
  CHECK(reading == 9);
  const json::Value* refresh = config.find("components")->find("button_refresh");
  REQUIRE(refresh != nullptr);
  world.transcript();
  world.receive(text_in(*refresh, "command_topic"), text_in(*refresh, "payload_press"));
  world.run_for(1s);
  CHECK(world.transcript({"response/refresh"}).find(R"("status":"ok")") != std::string::npos);
}

TEST_CASE("a long error is cut to what Home Assistant takes for a state") {
  World world;
  std::string text = "x";
  for (int i = 0; i < 300; ++i) text += "\xC3\xA9";
  world.service.failure = {partner::PartnerError::Kind::try_later, text, false};
  world.start();
  world.run_for(5s);
  const json::Value health = read(world.retained["emporia/bridge/health"]);
  const std::string told = text_in(*health.find("partner"), "last_error");
  // "sign-in: x" and 122 letters of two bytes each: one more would be 256 bytes.
  CHECK(told.size() == 254);
  CHECK(told.substr(252) == "\xC3\xA9");
}
