#include "homeassistant/retained_state.hpp"

#include <doctest/doctest.h>

#include "sample_home.hpp"

namespace emporia::homeassistant {
namespace {

std::optional<RetainedState> read_back(const model::DevicePicture& picture) {
  return read_retained_state(json::to_text(shown_state(picture)), picture.device);
}

bool near(double a, double b) {
  return std::abs(a - b) < 0.001;
}

/// What is read is what was shown, and no channel is invented.
void check_same(const model::DevicePicture& picture, const std::vector<model::Channel>& one_way) {
  const auto found = read_back(picture);
  REQUIRE(found.has_value());
  CHECK(found->as_of == *picture.as_of);
  for (const auto& [channel, counter] : found->counters) {
    const model::Reading* reading = picture.reading(channel);
    REQUIRE(reading != nullptr);
    const bool one = std::find(one_way.begin(), one_way.end(), channel) != one_way.end();
    const bool generates = counter.shown_negative_wh > counter.shown_positive_wh;
    if (!one || !generates) CHECK(near(counter.shown_positive_wh, *reading->positive_wh));
    if (!one || generates) CHECK(near(counter.shown_negative_wh, *reading->negative_wh));
    CHECK(near(counter.positive_wh, counter.shown_positive_wh));
    CHECK(near(counter.negative_wh, counter.shown_negative_wh));
  }
}

}  // namespace

TEST_CASE("what a state tells of each model's counters is read back") {
  check_same(sample_monitor(), {4, 5, model::kBalance});
  CHECK(read_back(sample_monitor())->counters.size() == 7);
  check_same(sample_meter(), {});
  check_same(sample_outlet(), {1});
  check_same(sample_charger(), {1});
  check_same(sample_battery(), {2});
  check_same(sample_unknown(), {1});
  for (const auto direction : {model::EnergyDirection::consumption, model::EnergyDirection::generation,
                               model::EnergyDirection::bidirectional}) {
    check_same(sample_group("flat", direction), {});
  }
}

TEST_CASE("a counter that is held is read with its exact sum") {
  model::DevicePicture monitor = sample_monitor();
  monitor.readings[4].exact_positive_wh = 12000;
  monitor.readings[model::kMergedMains].exact_negative_wh = 345000;
  monitor.readings[model::kBalance].exact_positive_wh = -250;
  const auto found = read_back(monitor);
  REQUIRE(found.has_value());
  CHECK(found->counters.at(4) == RetainedCounter{12345, 0, 12000, 0});
  CHECK(found->counters.at(model::kMergedMains) == RetainedCounter{1234567, 345678, 1234567, 345000});
  CHECK(found->counters.at(model::kBalance) == RetainedCounter{88125, 0, 0, 250});
}

TEST_CASE("what is no state of ours, or of before the first booking, tells nothing") {
  const model::Device device = sample_outlet().device;
  for (const char* text : {
           "",
           "null",
           "[]",
           "17",
           "{",
           R"({"as_of":null,"energy_kwh":0.0})",
           R"({"as_of":"yesterday","energy_kwh":1})",
           R"({"as_of":"2026-11-23T05:10:00Z"})",
           R"({"as_of":"2026-11-23T05:10:00Z","energy_kwh":null})",
           R"({"as_of":"2026-11-23T05:10:00Z","energy_kwh":"1"})",
           R"({"as_of":"2026-11-23T05:10:00Z","energy_kwh":-1})",
           R"({"as_of":"2026-11-23T05:10:00Z","energy_kwh":1e300})",
           R"({"as_of":"2026-11-23T05:10:00Z","circuits":{"x":{"energy_kwh":1},"0":{"energy_kwh":1}}})",
       }) {
    CHECK_MESSAGE(!read_retained_state(text, device).has_value(), text);
  }
  const auto found = read_retained_state(R"({"as_of":"2026-11-23T05:10:00Z","exact_kwh":7,"energy_kwh":2})", device);
  REQUIRE(found.has_value());
  CHECK(found->counters.at(1) == RetainedCounter{2000, 0, 2000, 0});
  // What flows out of a house is never less than nothing, whoever has written it.
  const auto meter = read_retained_state(
      R"({"as_of":"2026-11-23T05:10:00Z","exact_kwh":{"import_kwh":-1,"export_kwh":-5},"import_kwh":1,"export_kwh":2})",
      sample_meter().device);
  REQUIRE(meter.has_value());
  CHECK(meter->counters.at(1) == RetainedCounter{1000, 2000, 1000, 2000});
}

}  // namespace emporia::homeassistant
