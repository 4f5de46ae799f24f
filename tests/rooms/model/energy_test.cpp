#include "model/energy.hpp"

#include <doctest/doctest.h>
#include <string>

#include "model/device.hpp"

using namespace emporia::model;
using namespace std::chrono_literals;

TEST_CASE("buckets of a fixed length begin on the UTC edge") {
  const auto at = [](std::int64_t seconds) { return UtcSeconds{std::chrono::seconds{seconds}}; };
  const std::int64_t start = 1795392000;  // midnight
  CHECK(bucket_start(at(start + 59), Scale::minutes) == at(start));
  CHECK(bucket_start(at(start + 60), Scale::minutes) == at(start + 60));
  CHECK(bucket_start(at(start + 1799), Scale::fifteen_minutes) == at(start + 900));
  CHECK(bucket_start(at(start + 7199), Scale::hours) == at(start + 3600));
  CHECK(bucket_length(Scale::days) == 0s);
}

TEST_CASE("mean power of a bucket") {
  CHECK(mean_power_w(1.5, 1min) == doctest::Approx(90));
  CHECK(mean_power_w(91.8388775422838, 15min) == doctest::Approx(367.3555));
  CHECK(mean_power_w(-2000, 1h) == doctest::Approx(-2000));
}

TEST_CASE("missing is not zero") {
  CHECK_FALSE(is_known(kMissing));
  CHECK(is_known(0.0));
  CHECK(is_known(-0.0));
}

TEST_CASE("channels of a monitor: three mains, circuits by the number printed beside the socket") {
  for (const DeviceModel model : {DeviceModel::vue1, DeviceModel::vue2, DeviceModel::vue3}) {
    CHECK(is_mains(model, 1));
    CHECK(is_mains(model, 3));
    CHECK_FALSE(is_mains(model, 4));
    CHECK_FALSE(is_mains(model, 0));
    CHECK(printed_number(model, 4) == 1);
    CHECK(printed_number(model, 19) == 16);
  }
  CHECK_FALSE(is_mains(DeviceModel::outlet, 1));
  CHECK(printed_number(DeviceModel::battery, 4) == 4);
}

TEST_CASE("models and directions have stable words") {
  const struct {
    DeviceModel model;
    const char* word;
    const char* name;
  } cases[] = {
      {DeviceModel::vue1, "vue1", "Vue 1"},
      {DeviceModel::vue2, "vue2", "Vue 2"},
      {DeviceModel::vue3, "vue3", "Vue 3"},
      {DeviceModel::utility_connect, "utility_connect", "Utility Connect"},
      {DeviceModel::outlet, "outlet", "Smart Outlet"},
      {DeviceModel::ev_charger, "ev_charger", "EV Charger"},
      {DeviceModel::battery, "battery", "Battery"},
      {DeviceModel::unknown, "unknown", "Unknown device"},
  };
  for (const auto& row : cases) {
    CHECK(std::string(word(row.model)) == row.word);
    CHECK(std::string(product_name(row.model)) == row.name);
  }
  CHECK(std::string(word(EnergyDirection::consumption)) == "consumption");
  CHECK(std::string(word(EnergyDirection::generation)) == "generation");
  CHECK(std::string(word(EnergyDirection::bidirectional)) == "bidirectional");
  CHECK(std::string(word(EnergyDirection::unknown)) == "unknown");
}
