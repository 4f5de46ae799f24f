#include "ledger/hour.hpp"

#include <doctest/doctest.h>
#include <limits>

#include "ledger/marks.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

/// An hour with every kind of content.
Hour full_hour() {
  Hour hour;
  Sums sums;
  for (unsigned i = 0; i < kMinutes; ++i) book_bucket(hour, 1, i, 1, to_micro_wh(14.5 * i), kAllMinutes, sums);
  for (unsigned i = 0; i < kMinutes; i += 7) book_bucket(hour, 2, i, 1, to_micro_wh(-1e8), kAllMinutes, sums);
  book_bucket(hour, 2, 15, 15, to_micro_wh(1e8), kAllMinutes, sums);
  book_bucket(hour, 999, 0, 60, 7, kAllMinutes, sums);
  return hour;
}

}  // namespace

TEST_CASE("an hour read back from its bytes is the same, in full and folded") {
  Hour hour = full_hour();
  CHECK(from_bytes(to_bytes(hour)) == hour);
  hour.fold();
  CHECK(from_bytes(to_bytes(hour)) == hour);
  CHECK(from_bytes(to_bytes(Hour{})) == Hour{});
}

TEST_CASE("bytes cut anywhere are refused or are a part, and never read beyond") {
  const std::string bytes = to_bytes(full_hour());
  CHECK_FALSE(from_bytes("").has_value());
  CHECK_FALSE(from_bytes("x").has_value());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    if (const auto hour = from_bytes(bytes.substr(0, size))) CHECK(hour->channels.size() < 3);
  }
}

TEST_CASE("a folded hour keeps its sums, takes what was missing, and nothing twice") {
  Hour hour;
  Sums sums;
  for (unsigned i = 0; i < 30; ++i) book_bucket(hour, 1, i, 1, i % 2 == 0 ? 100 : -10, kAllMinutes, sums);
  hour.fold();
  CHECK(hour.channels.at(1).folded == Sums{1500, 150});
  CHECK(book_bucket(hour, 1, 0, 1, 777, kAllMinutes, sums) == Effect::nothing);
  CHECK(book_bucket(hour, 1, 15, 15, 777, kAllMinutes, sums) == Effect::nothing);
  CHECK(book_bucket(hour, 1, 0, 60, 777, kAllMinutes, sums) == Effect::nothing);
  CHECK(book_bucket(hour, 1, 30, 1, 5, kAllMinutes, sums) == Effect::booked);
  CHECK(book_bucket(hour, 1, 45, 15, -8, kAllMinutes, sums) == Effect::booked);
  CHECK(book_bucket(hour, 2, 0, 60, 9, kAllMinutes, sums) == Effect::booked);
  CHECK(sums == Sums{1514, 158});
  CHECK(hour.channels.at(1).folded == Sums{1505, 158});
}

TEST_CASE("a zero takes one byte and an ordinary minute four") {
  Hour hour;
  Sums sums;
  for (unsigned i = 0; i < kMinutes; ++i) book_bucket(hour, 1, i, 1, 0, kAllMinutes, sums);
  CHECK(to_bytes(hour).size() < 70);
  for (unsigned i = 0; i < kMinutes; ++i) book_bucket(hour, 1, i, 1, to_micro_wh(36.7 + i), kAllMinutes, sums);
  CHECK(to_bytes(hour).size() < 4 * 60 + 10);
}

TEST_CASE("a folded hour with sums that no booking can have made is not read") {
  Hour hour;
  hour.folded = true;
  hour.channels[4].booked = kAllMinutes;
  hour.channels[4].folded = {1500, 150};
  CHECK(from_bytes(to_bytes(hour)) == hour);
  hour.channels[4].folded = {1500, -150};
  CHECK_FALSE(from_bytes(to_bytes(hour)).has_value());
  hour.channels[4].folded = {-1500, 150};
  CHECK_FALSE(from_bytes(to_bytes(hour)).has_value());
}

TEST_CASE("a part of the largest sums that are read is a part and no overflow") {
  Hour hour;
  hour.folded = true;
  hour.channels[4].booked = kAllMinutes;
  constexpr MicroWh kLargest = 6'000'000'000'000'000'000;
  hour.channels[4].folded = {kLargest, 7};
  REQUIRE(from_bytes(to_bytes(hour)) == hour);
  CHECK(sums_in(hour, 4, minutes_from(0, 20)) == Sums{kLargest / 3, 2});
}
