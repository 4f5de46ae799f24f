// What GetUsageData promises, over TLS. Virtual time stands still, so every count is exact.
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <utility>

#include "simulator/caller.hpp"

using namespace simulator_stories;
using Usage = api::DeviceUsageResponse::DeviceUsage;

namespace {

constexpr const char* kVue = "F2310A04B4240AC4A1B2C3";
constexpr const char* kMeter = "Z2118A11D2240AC4B7C8D9";
constexpr const char* kNow = "2026-11-20T12:00:00Z";

std::map<unsigned, double> totals(const Usage& usage) {
  std::map<unsigned, double> sums;
  for (const auto& channel : usage.channel_usages()) {
    for (const double wh : channel.usages()) sums[channel.channel()] += wh;
  }
  return sums;
}

std::vector<unsigned> channels(const Usage& usage) {
  std::vector<unsigned> list;
  for (const auto& channel : usage.channel_usages()) list.push_back(channel.channel());
  return list;
}

const Usage& only(const Answer<api::DeviceUsageResponse>& answer) {
  REQUIRE_MESSAGE(answer.ok(), answer.text);
  REQUIRE(answer.reply.device_usages_size() == 1);
  return answer.reply.device_usages(0);
}
/// Of an answer that is gone at the end of the line.
Usage only(Answer<api::DeviceUsageResponse>&& answer) {
  return only(std::as_const(answer));
}

int count(const Answer<api::DeviceUsageResponse>& answer) {
  REQUIRE_MESSAGE(answer.ok(), answer.text);
  return answer.reply.device_usages_size() == 0 ? 0 : answer.reply.device_usages(0).bucket_epoch_seconds_size();
}

void check_equal(const std::map<unsigned, double>& a, const std::map<unsigned, double>& b) {
  REQUIRE(a.size() == b.size());
  for (const auto& entry : a) {
    CAPTURE(entry.first);
    CHECK(b.at(entry.first) == doctest::Approx(entry.second).epsilon(1e-9));
  }
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
  const auto before = simulator.command("usage " + vue + " 14 " + std::to_string(now + 7200) + " " +
                                        std::to_string(now + 10799) + " 2");
  // An hour's outage from 14:00 to 15:00, by hand; the channel's hour is known afterwards from its minutes.
  REQUIRE(simulator.command("advance " + std::to_string(7200 - 4140)).rfind("ok ", 0) == 0);
  REQUIRE(simulator.command("connect " + vue + " off") == "ok");
  REQUIRE(simulator.command("advance 3600").rfind("ok ", 0) == 0);
  REQUIRE(simulator.command("connect " + vue + " on") == "ok");
  REQUIRE(simulator.command("advance 3600").rfind("ok ", 0) == 0);
  const auto flat = minutes(now + 7200, 60);
  REQUIRE(flat.size() == 60);
  for (const double wh : flat) CHECK(wh == doctest::Approx(flat.front()).epsilon(1e-6));
  CHECK(before == "ok {\"starts\":[],\"wh\":[]}");
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

TEST_CASE("a large fleet is answered at once") {
  simulator::Options options;
  options.home = simulator::make_fleet(1000);
  options.start_time = at(kNow);
  options.time_scale = 0;
  const simulator::Simulator simulator(options);
  Caller caller(simulator);
  api::DeviceUsageRequest request;
  request.set_start_epoch_seconds(static_cast<std::uint64_t>(at(kNow) - 2700));
  request.set_end_epoch_seconds(static_cast<std::uint64_t>(at(kNow) - 1801));
  request.set_channels(api::DeviceUsageRequest::ALL);
  // The limit is the one the service is expected to keep: loaded machines included, a tenth of it is usual.
  caller.deadline_ms = 2000;
  const auto usage = caller.usage(request);
  REQUIRE_MESSAGE(usage.ok(), usage.text);
  CHECK(usage.reply.device_usages_size() == 1000);
  CHECK(usage.reply.device_usages(999).channel_usages_size() == 19);
  CHECK(usage.reply.device_usages(999).bucket_epoch_seconds_size() == 15);
}
