// Where GetUsageData has no numbers, or not yet: the newest data, the oldest, losses, ids. Virtual time stands still.
#include <algorithm>
#include <cmath>
#include <set>

#include "simulator/usage_reading.hpp"

using namespace simulator_stories;

namespace {

constexpr const char* kVue = "F2310A04B4240AC4A1B2C3";
constexpr const char* kMeter = "Z2118A11D2240AC4B7C8D9";
constexpr const char* kNow = "2026-11-20T12:00:00Z";

}  // namespace

TEST_CASE("finished buckets only, each device late in its own way, and the running day grows") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  REQUIRE(simulator.command("lag " + std::string(kVue) + " 7") == "ok");
  const auto now = at(kNow);
  const auto newest = [&](api::DataResolution scale) {
    const auto usage = caller.usage(kVue, now - 86400, now + 86400, scale);
    const auto& starts = only(usage).bucket_epoch_seconds();
    return static_cast<std::int64_t>(starts.Get(starts.size() - 1));
  };
  CHECK(newest(api::Minutes) == now - 8 * 60);
  CHECK(newest(api::FifteenMinutes) == now - 30 * 60);
  CHECK(newest(api::Hours) == now - 2 * 3600);
  CHECK(newest(api::Days) == at("2026-11-20T05:00:00Z"));
  // Each number of the newest minute may still be missing; those before stand.
  const auto minutes = caller.usage(kVue, now - 3600, now, api::Minutes);
  int missing = 0;
  for (const auto& channel : only(minutes).channel_usages()) {
    const int last = channel.usages_size() - 1;
    CHECK_FALSE(std::isnan(channel.usages(last - 1)));
    missing += std::isnan(channel.usages(last)) ? 1 : 0;
  }
  CHECK(missing > 9);
  CHECK(missing < 18);
  // The running day holds what has arrived, and more later.
  const auto day = totals(only(caller.usage(kVue, now, now, api::Days)));
  const auto hours =
      totals(only(caller.usage(kVue, at("2026-11-20T05:00:00Z"), at("2026-11-20T11:59:59Z"), api::Minutes)));
  CHECK(day.at(16) > 0);
  REQUIRE(simulator.command("advance 3600").rfind("ok ", 0) == 0);
  CHECK(totals(only(caller.usage(kVue, now, now, api::Days))).at(16) > day.at(16));
  CHECK(std::isnan(hours.at(16)));  // its newest minute was
  REQUIRE(simulator.command("behaviour lag off") == "ok");
  REQUIRE(simulator.command("behaviour newest_nan off") == "ok");
  CHECK(newest(api::Minutes) == at("2026-11-20T12:59:00Z"));
  REQUIRE(simulator.command("behaviour partial_bars on") == "ok");
  REQUIRE(simulator.command("advance 600").rfind("ok ", 0) == 0);
  const auto later = at("2026-11-20T13:10:00Z");
  const auto bars = caller.usage(kVue, later - 1800, later, api::FifteenMinutes);
  CHECK(only(bars).bucket_epoch_seconds(only(bars).bucket_epoch_seconds_size() - 1) ==
        static_cast<std::uint64_t>(at("2026-11-20T13:00:00Z")));
}

TEST_CASE("lists of one reply end differently") {
  const simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  api::DeviceUsageRequest request;
  request.set_start_epoch_seconds(static_cast<std::uint64_t>(at(kNow) - 3600));
  request.set_end_epoch_seconds(static_cast<std::uint64_t>(at(kNow)));
  request.set_channels(api::DeviceUsageRequest::ALL);
  const auto usage = caller.usage(request);
  REQUIRE(usage.reply.device_usages_size() == 6);
  std::set<int> lengths;
  for (const auto& device : usage.reply.device_usages()) lengths.insert(device.bucket_epoch_seconds_size());
  CHECK(lengths.size() > 1);
  for (const int length : lengths) {
    // Of the hour's sixty, 4 to 11 minutes are not there yet.
    CHECK(length >= 60 - 11);
    CHECK(length <= 60 - 4);
  }
}

TEST_CASE("minutes are kept for a week, quarters for a year, hours for ever") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto now = at(kNow);
  const auto first = [&](api::DataResolution scale, std::int64_t from, std::int64_t to) {
    const auto usage = caller.usage(kVue, from, to, scale);
    return static_cast<std::int64_t>(only(usage).bucket_epoch_seconds(0));
  };
  CHECK(first(api::Minutes, now - 30 * 86400, now) == now - 7 * 86400);
  CHECK(first(api::FifteenMinutes, now - 400 * 86400, now) == now - 365 * 86400);
  CHECK(first(api::Hours, now - 400 * 86400, now) == now - 400 * 86400);
  CHECK(count(caller.usage(kVue, now - 9 * 86400, now - 8 * 86400, api::Minutes)) == 0);
  REQUIRE(simulator.command("behaviour retention nan") == "ok");
  const auto old = caller.usage(kVue, now - 9 * 86400, now - 9 * 86400 + 3599, api::Minutes);
  CHECK(only(old).bucket_epoch_seconds_size() == 60);
  CHECK(std::isnan(only(old).channel_usages(0).usages(0)));
}

TEST_CASE("there is nothing before a device was there, and no end to what may be asked") {
  const auto options = still("odd", kNow);
  const simulator::Simulator simulator(options);
  Caller caller(simulator, options.home.email, options.home.password);
  const char* const barn = "F2310A04B4240AC4000000";  // since 2025-06-15T13:37:00Z
  const auto years = caller.usage(barn, 0, at("2100-01-01T00:00:00Z"), api::Years);
  CHECK(only(years).bucket_epoch_seconds_size() == 2);
  const auto hours = caller.usage(barn, 0, at("2025-06-15T15:59:59Z"), api::Hours);
  REQUIRE(only(hours).bucket_epoch_seconds_size() == 3);
  CHECK(only(hours).bucket_epoch_seconds(0) == static_cast<std::uint64_t>(at("2025-06-15T13:00:00Z")));
  CHECK(count(caller.usage(barn, 0, at("2025-06-01T00:00:00Z"), api::Days)) == 0);
  api::DeviceUsageRequest endless;
  endless.set_end_epoch_seconds(~std::uint64_t{0});
  endless.set_scale(api::Months);
  endless.add_manufacturer_device_ids(barn);
  CHECK(caller.usage(endless).ok());
}

TEST_CASE("which ids are answered, and what is refused") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto from = at("2026-11-17T00:00:00Z");
  api::DeviceUsageRequest request;
  request.set_start_epoch_seconds(static_cast<std::uint64_t>(from));
  request.set_end_epoch_seconds(static_cast<std::uint64_t>(from));
  request.set_scale(api::Hours);
  request.set_channels(api::DeviceUsageRequest::ALL);
  CHECK(caller.usage(request).reply.device_usages_size() == 6);
  REQUIRE(simulator.command("behaviour empty_ids empty") == "ok");
  CHECK(caller.usage(request).reply.device_usages_size() == 0);
  for (const char* id : {kVue, "nobody", kVue, kMeter, "f2310a04b4240ac4a1b2c3"})
    request.add_manufacturer_device_ids(id);
  CHECK(caller.usage(request).reply.device_usages_size() == 2);
  REQUIRE(simulator.command("behaviour usage_unknown_ids invalid") == "ok");
  CHECK(caller.usage(request).status == "INVALID_ARGUMENT");
  CHECK(caller.usage(kVue, from, from - 1, api::Hours).status == "INVALID_ARGUMENT");
  CHECK(caller.usage(kVue, from, from, static_cast<api::DataResolution>(7)).status == "INVALID_ARGUMENT");
  REQUIRE(simulator.command("behaviour reversed_range empty") == "ok");
  CHECK(count(caller.usage(kVue, from, from - 3600, api::Hours)) == 0);
}

TEST_CASE("an outage holds data back; a short one comes back exact, a long one as its mean") {
  simulator::Simulator simulator(still("typical", "2026-11-20T12:00:00Z"));
  Caller caller(simulator);
  const std::string vue = kVue;
  const auto now = at("2026-11-20T12:00:00Z");
  const auto minutes = [&](std::int64_t from, int many) {
    const auto usage = caller.usage(kVue, from, from + many * 60 - 1, api::Minutes);
    std::vector<double> values;
    for (const auto& channel : only(usage).channel_usages()) {
      if (channel.channel() == 14) values.assign(channel.usages().begin(), channel.usages().end());
    }
    return values;
  };
  REQUIRE(simulator.command("outage " + vue + " 10") == "ok");
  REQUIRE(simulator.command("advance 540").rfind("ok ", 0) == 0);
  CHECK_FALSE(caller.devices().reply.devices(0).device_connected());
  CHECK(count(caller.usage(kVue, now, now + 600, api::Minutes)) == 0);
  REQUIRE(simulator.command("advance 3600").rfind("ok ", 0) == 0);
  CHECK(caller.devices().reply.devices(0).device_connected());
  const auto exact = minutes(now, 10);
  CHECK(std::set<double>(exact.begin(), exact.end()).size() > 5);
  // From 14:00 to 15:00, by hand.
  REQUIRE(simulator.command("advance " + std::to_string(7200 - 4140)).rfind("ok ", 0) == 0);
  REQUIRE(simulator.command("connect " + vue + " off") == "ok");
  REQUIRE(simulator.command("advance 3600").rfind("ok ", 0) == 0);
  REQUIRE(simulator.command("connect " + vue + " on") == "ok");
  REQUIRE(simulator.command("advance 3600").rfind("ok ", 0) == 0);
  const auto flat = minutes(now + 7200, 60);
  REQUIRE(flat.size() == 60);
  for (const double wh : flat) CHECK(wh == doctest::Approx(flat.front()).epsilon(1e-6));
  // Nothing is lost of it: a home that had no outage used as much.
  simulator::Simulator undisturbed(still("typical", "2026-11-20T17:00:00Z"));
  Caller other(undisturbed);
  const auto whole = other.usage(kVue, now + 7200, now + 7200, api::Hours);
  CHECK(totals(only(whole)).at(14) == doctest::Approx(60 * flat.front()).epsilon(1e-6));
}

TEST_CASE("lost values are NaN for one channel, and coarser buckets go without them") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto hour = at("2026-11-17T10:00:00Z");
  const auto hour_of = [&](api::DataResolution scale) {
    const auto usage = caller.usage(kVue, hour, hour + 3599, scale);
    for (const auto& channel : only(usage).channel_usages()) {
      if (channel.channel() == 16) return std::vector<double>(channel.usages().begin(), channel.usages().end());
    }
    return std::vector<double>{};
  };
  const double whole = hour_of(api::Hours).at(0);
  REQUIRE(simulator.command("nan " + std::string(kVue) + " 16 2026-11-17T10:00:00Z 2026-11-17T10:30:00Z") == "ok");
  const auto minutes = hour_of(api::Minutes);
  CHECK(std::isnan(minutes.at(0)));
  CHECK(std::isnan(minutes.at(29)));
  CHECK_FALSE(std::isnan(minutes.at(30)));
  CHECK(std::isnan(hour_of(api::FifteenMinutes).at(0)));
  CHECK(hour_of(api::Hours).at(0) == doctest::Approx(whole / 2).epsilon(0.05));
}

TEST_CASE("a meter reader misses single minutes, its hours are whole") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto from = at("2026-11-17T05:00:00Z");
  const auto lost = [&] {
    const auto usage = caller.usage(kMeter, from, from + 86399, api::Minutes);
    const auto& values = only(usage).channel_usages(0).usages();
    REQUIRE(values.size() == 1440);
    return std::count_if(values.begin(), values.end(), [](double wh) { return std::isnan(wh); });
  };
  CHECK(lost() > 10);
  CHECK(lost() < 100);
  const auto hours = caller.usage(kMeter, from, from + 86399, api::Hours);
  for (const double wh : only(hours).channel_usages(0).usages()) CHECK_FALSE(std::isnan(wh));
  REQUIRE(simulator.command("behaviour gaps off") == "ok");
  CHECK(lost() == 0);
}

TEST_CASE("a device without data is left out, or comes with empty lists") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto tomorrow = at(kNow) + 86400;
  CHECK(caller.usage(kVue, tomorrow, tomorrow + 3600, api::Hours).reply.device_usages_size() == 0);
  REQUIRE(simulator.command("behaviour empty_device include") == "ok");
  const auto usage = caller.usage(kVue, tomorrow, tomorrow + 3600, api::Hours);
  CHECK(only(usage).bucket_epoch_seconds_size() == 0);
  CHECK(only(usage).channel_usages(0).usages_size() == 0);
}

TEST_CASE("late revisions change quarters and hours of the last two hours only") {
  simulator::Simulator simulator(still("typical", kNow));
  Caller caller(simulator);
  const auto now = at(kNow);
  const auto values = [&](std::int64_t from) {
    return totals(only(caller.usage(kVue, from, from + 899, api::FifteenMinutes)));
  };
  const auto recent = values(now - 3600);
  const auto old = values(now - 4 * 3600);
  REQUIRE(simulator.command("revise 10") == "ok");
  CHECK(std::abs(values(now - 3600).at(16) / recent.at(16) - 1) == doctest::Approx(0.1));
  check_equal(values(now - 4 * 3600), old);
}
