// What the numbers of GetUsageData are. Virtual time stands still, so every count is exact.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "simulator/usage_reading.hpp"

using namespace simulator_stories;

namespace {

constexpr const char* kVue = "F2310A04B4240AC4A1B2C3";
constexpr const char* kMeter = "Z2118A11D2240AC4B7C8D9";
constexpr const char* kNow = "2026-11-20T12:00:00Z";

/// The seconds of the processor that service and caller need for one question about so many monitors.
double worked_for_fleet(std::size_t monitors) {
  simulator::Options options;
  options.home = simulator::make_fleet(monitors);
  options.start_time = at(kNow);
  options.time_scale = 0;
  const simulator::Simulator simulator(options);
  Caller caller(simulator);
  api::DeviceUsageRequest request;
  request.set_start_epoch_seconds(static_cast<std::uint64_t>(at(kNow) - 2700));
  request.set_end_epoch_seconds(static_cast<std::uint64_t>(at(kNow) - 1801));
  request.set_channels(api::DeviceUsageRequest::ALL);
  caller.deadline_ms = 120'000;
  const std::clock_t before = std::clock();
  const auto usage = caller.usage(request);
  const double worked = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  REQUIRE_MESSAGE(usage.ok(), usage.text);
  REQUIRE(usage.reply.device_usages_size() == static_cast<int>(monitors));
  const auto& last = usage.reply.device_usages(static_cast<int>(monitors) - 1);
  CHECK(last.channel_usages_size() == 19);
  CHECK(last.bucket_epoch_seconds_size() == 15);
  return worked;
}

}  // namespace

TEST_CASE("minutes, quarters, hours and days of the same time add up to the same") {
  const simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  // The local day of 2026-11-17 in New York.
  const auto from = at("2026-11-17T05:00:00Z");
  const auto to = at("2026-11-18T05:00:00Z") - 1;
  const auto days = totals(only(caller.usage(kVue, from, to, api::Days)));
  CHECK(days.size() == 18);
  CHECK(days.at(5) > 0);
  for (const auto scale : {api::Minutes, api::FifteenMinutes, api::Hours}) {
    CAPTURE(scale);
    check_equal(days, totals(only(caller.usage(kVue, from, to, scale))));
  }
}

TEST_CASE("weeks, months and years are the sums of their days") {
  const simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  struct Case {
    api::DataResolution scale;
    const char *from, *to;  // local midnights of New York
    int days;
  };
  const Case cases[] = {{api::Weeks, "2026-03-08T05:00:00Z", "2026-03-15T04:00:00Z", 7},
                        {api::Months, "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z", 31},
                        {api::Years, "2025-01-01T05:00:00Z", "2026-01-01T05:00:00Z", 365}};
  for (const Case& c : cases) {
    CAPTURE(c.scale);
    const auto& days = only(caller.usage(kVue, at(c.from), at(c.to) - 1, api::Days));
    CHECK(days.bucket_epoch_seconds_size() == c.days);
    const auto whole = caller.usage(kVue, at(c.from), at(c.to) - 1, c.scale);
    CHECK(only(whole).bucket_epoch_seconds_size() == 1);
    CHECK(only(whole).bucket_epoch_seconds(0) == static_cast<std::uint64_t>(at(c.from)));
    check_equal(totals(days), totals(only(whole)));
  }
}

TEST_CASE("mains carry their circuits and a rest, the meter reads their net") {
  const simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto from = at("2026-11-17T05:00:00Z");
  const auto usage = caller.usage(kVue, from, from + 86399, api::Hours);
  const auto meter = caller.usage(kMeter, from, from + 86399, api::Hours);
  const auto outlets = caller.usage("B2136B0204240AC4E1F2A3", from, from + 86399, api::Hours);
  for (int hour = 0; hour < 24; ++hour) {
    CAPTURE(hour);
    double mains = 0;
    double circuits = 0;
    for (const auto& channel : only(usage).channel_usages()) {
      (channel.channel() <= 3 ? mains : circuits) += channel.usages(hour);
    }
    const double net = only(meter).channel_usages(0).usages(hour);
    CHECK(net == doctest::Approx(mains).epsilon(1e-9));
    // The rest: what no clamp sees, 180 W in the mean, the two outlets, the battery that yields 1.8 kW at most and
    // takes 2 kW.
    CHECK(mains - circuits < 180 * 1.6 + 42 * 1.1 + 140 + 2000);
    CHECK(mains - circuits > 180 * 0.5 - 1900);
  }
  CHECK(totals(only(outlets)).at(1) == doctest::Approx(42 * 24).epsilon(0.05));
}

TEST_CASE("consumption is never negative, generation never positive, mains of a solar home are both") {
  const simulator::Simulator simulator(still("typical", "2026-06-20T12:00:00Z"));
  Caller caller(simulator);
  const auto from = at("2026-06-17T04:00:00Z");
  const auto usage = caller.usage(kVue, from, from + 86399, api::Minutes);
  for (const auto& channel : only(usage).channel_usages()) {
    CAPTURE(channel.channel());
    const auto [least, most] = std::minmax_element(channel.usages().begin(), channel.usages().end());
    if (channel.channel() <= 3) {
      CHECK(*least < 0);
      CHECK(*most > 0);
    } else if (channel.channel() == 4) {
      CHECK(*most <= 0);
      CHECK(*least < -20);  // more than 1.2 kW at noon in June
      CHECK_FALSE(std::signbit(*most));
    } else {
      CHECK(*least >= 0);
    }
  }
  // A circuit set up the wrong way round still has the sign of its direction.
  const auto odd_options = still("odd", "2026-06-20T12:00:00Z");
  const simulator::Simulator odd(odd_options);
  Caller odd_caller(odd, odd_options.home.email, odd_options.home.password);
  const auto odd_usage = odd_caller.usage("A2107A04B4b8f009a6cec4", from, from + 3599, api::Minutes);
  for (const auto& channel : only(odd_usage).channel_usages()) {
    if (channel.channel() != 15) continue;
    for (const double wh : channel.usages()) CHECK(wh < 0);
  }
}

TEST_CASE("the same seed tells the same, another one tells another home") {
  auto options = still("flat", kNow);
  const simulator::Simulator one(options);
  const simulator::Simulator same(options);
  options.seed = 2;
  const simulator::Simulator other(options);
  const auto text = [](const simulator::Simulator& simulator) {
    Caller caller(simulator);
    return caller.usage("02017A0371240AC40F1E2D", at("2026-11-17T00:00:00Z"), at("2026-11-17T06:00:00Z"), api::Minutes)
        .reply.SerializeAsString();
  };
  CHECK(text(one) == text(same));
  CHECK(text(one) != text(other));
}

TEST_CASE("a range holds the bucket of its end") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto from = at("2026-11-17T00:00:00Z");
  CHECK(count(caller.usage(kVue, from, from + 86400, api::FifteenMinutes)) == 97);
  CHECK(count(caller.usage(kVue, from, from + 86400, api::Hours)) == 25);
  CHECK(count(caller.usage(kVue, from, from, api::Minutes)) == 1);
  // Neither end needs to lie on a bucket.
  const auto ragged = caller.usage(kVue, from + 59, from + 15 * 60 + 1, api::FifteenMinutes);
  CHECK(only(ragged).bucket_epoch_seconds(0) == static_cast<std::uint64_t>(from));
  CHECK(only(ragged).bucket_epoch_seconds_size() == 2);
  REQUIRE(simulator.command("behaviour end_inclusive off") == "ok");
  CHECK(count(caller.usage(kVue, from, from + 86400, api::Hours)) == 24);
}

TEST_CASE("days have 23 and 25 hours when the clocks change") {
  const simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  struct Case {
    const char *noon, *start, *end;
    int hours;
  };
  const Case cases[] = {{"2026-03-08T16:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 23},
                        {"2026-11-01T17:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 25},
                        {"2026-06-01T16:00:00Z", "2026-06-01T04:00:00Z", "2026-06-02T04:00:00Z", 24}};
  for (const Case& c : cases) {
    CAPTURE(c.noon);
    const auto day = caller.usage(kVue, at(c.noon), at(c.noon), api::Days);
    CHECK(only(day).bucket_epoch_seconds(0) == static_cast<std::uint64_t>(at(c.start)));
    const auto hours = caller.usage(kVue, at(c.start), at(c.end) - 1, api::Hours);
    CHECK(count(hours) == c.hours);
    // Asked for in the middle of it, the day is whole.
    check_equal(totals(only(hours)), totals(only(day)));
  }
}

TEST_CASE("channels: a clamp that is not there is absent, mains alone on request") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto from = at("2026-11-17T00:00:00Z");
  const std::vector<unsigned> all = {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
  CHECK(channels(only(caller.usage(kVue, from, from, api::Hours))) == all);
  api::DeviceUsageRequest request;
  request.set_start_epoch_seconds(static_cast<std::uint64_t>(from));
  request.set_end_epoch_seconds(static_cast<std::uint64_t>(from));
  request.add_manufacturer_device_ids(kVue);
  request.set_scale(api::Hours);
  CHECK(channels(only(caller.usage(request))) == std::vector<unsigned>{1, 2});
  REQUIRE(simulator.command("behaviour missing_main zero") == "ok");
  const auto three = caller.usage(request);
  CHECK(channels(only(three)) == std::vector<unsigned>{1, 2, 3});
  CHECK(only(three).channel_usages(2).usages(0) == 0);
}

// Held against a smaller fleet and not against a clock: a machine that is busy, or sanitizers, make both slower.
TEST_CASE("a monitor of a large fleet costs no more than one of a small fleet") {
  const double small = std::min({worked_for_fleet(100), worked_for_fleet(100), worked_for_fleet(100)});
  const double large = worked_for_fleet(1000);
  CAPTURE(small);
  CAPTURE(large);
  CHECK(large < 15 * small);
}
