#include "cli/quantities.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace emporia::cli;

TEST_CASE("numbers read as people write them") {
  CHECK(watts(1234.5678) == "1235 W");
  CHECK(watts(-0.2) == "0 W");
  CHECK(watts(-300) == "-300 W");
  CHECK(watts(std::nullopt) == "-");
  CHECK(kilowatt_hours(0.0) == "0.000 kWh");
  CHECK(kilowatt_hours(99999.1234) == "99999.123 kWh");
  CHECK(kilowatt_hours(123456.7) == "123457 kWh");
  CHECK(whole(64.4, " %") == "64 %");
  CHECK(both_ways(1.25, 12.4) == "+1.2/-12 kWh");
  CHECK(both_ways(std::nullopt, 0.0) == "+-/-0.0 kWh");
}

TEST_CASE("a number beyond all measure does not fill the line") {
  CHECK(watts(1e300) == "? W");
  CHECK(watts(std::numeric_limits<double>::quiet_NaN()) == "? W");
  CHECK(kilowatt_hours(std::numeric_limits<double>::infinity()) == "? kWh");
}

TEST_CASE("a bar is ten marks long whatever it is told") {
  CHECK(bar(0.0) == "[----------]");
  CHECK(bar(64.0) == "[######----]");
  CHECK(bar(100.0) == "[##########]");
  CHECK(bar(250.0) == "[##########]");
  CHECK(bar(-5.0) == "[----------]");
  CHECK(bar(std::nullopt) == "[----------]");
}
