#include "runtime/result.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <string>

using namespace emporia::runtime;

TEST_CASE("a result is a value or a failure, also where both have one type") {
  const Result<std::string, std::string> good = std::string("value");
  const Result<std::string, std::string> bad = Failure{std::string("reason")};
  CHECK(good.ok());
  CHECK(good.value() == "value");
  CHECK_FALSE(bad.ok());
  CHECK(bad.error() == "reason");
  CHECK_THROWS_AS(static_cast<void>(bad.value()), std::bad_variant_access);
  CHECK_THROWS_AS(static_cast<void>(good.error()), std::bad_variant_access);
}

TEST_CASE("a value can be moved out") {
  Result<std::unique_ptr<int>, int> result = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = std::move(result).value();
  CHECK(*taken == 3);
}
