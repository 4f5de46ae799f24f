// The ledger held against what the service tells now.
#include "ledger/audit.hpp"

#include <doctest/doctest.h>

#include "ledger/reader.hpp"
#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;
using model::Scale;

namespace {

constexpr int kDay = 24 * 60;
using Values = std::map<model::Channel, std::vector<double>>;

/// A ledger in a file, and the service's answers to it.
struct Case {
  support::TempDir folder;
  Store store{folder.file("ledger.db")};

  void book(const Booking& booking) { REQUIRE(store.book({booking}).ok()); }

  Audit against(Scale scale, int from, int until, const Values& values, int settled = 100 * kDay) {
    Reader reader(folder.file("ledger.db"));
    const Account& account = reader.accounts().at(model::DeviceId("a"));
    Audit audit;
    compare(audit, account, reader.hours(account, minute(from), minute(until)),
            {minute(from), minute(until), buckets("a", scale, from, values).usage}, minute(settled));
    return audit;
  }
};

std::vector<double> steady(int count, double energy_wh) {
  return std::vector<double>(static_cast<std::size_t>(count), energy_wh);
}

}  // namespace

TEST_CASE("what is as the service tells it has no difference, and everything was compared") {
  Case home;
  home.book(monitor(0, {{1, steady(240, 1)}, {4, steady(240, -0.5)}}));
  const Audit audit = home.against(Scale::minutes, 0, 240, {{1, steady(240, 1)}, {4, steady(240, -0.5)}});
  CHECK(audit.differences.empty());
  CHECK(stretches(audit).empty());
  CHECK(audit.hours == 8);
  CHECK(audit.minutes == 480);
}

TEST_CASE("one other minute is a difference of its hour and channel, also when the sum is the same") {
  Case home;
  home.book(minutes("a", 0, {{1, steady(240, 1)}, {2, steady(240, 1)}}));
  Values told{{1, steady(240, 1)}, {2, steady(240, 1)}};
  told[1][70] = 1.5;
  told[2][130] = 1.25;
  told[2][131] = 0.75;
  const Audit audit = home.against(Scale::minutes, 0, 240, told);
  CHECK(audit.differences == std::vector<Difference>{{minute(60), 1, 60'000'000, 60'500'000, 0},
                                                     {minute(120), 2, 60'000'000, 60'000'000, 0}});
}

TEST_CASE("a minute the ledger lacks is a difference, but in the newest hour it is still to come") {
  Case home;
  Values booked{{1, steady(240, 1)}, {2, steady(240, 1)}};
  booked[1][10] = kNone;
  booked[1][200] = kNone;
  home.book(minutes("a", 0, booked));
  const Audit audit = home.against(Scale::minutes, 0, 240, {{1, steady(240, 1)}, {2, steady(240, 1)}});
  CHECK(audit.differences == std::vector<Difference>{{minute(0), 1, 59'000'000, 60'000'000, 1}});
  CHECK(stretches(audit) == std::vector<Stretch>{{minute(200), minute(201), LeftOut::not_booked_yet}});
}

TEST_CASE("a channel that was never booked is a difference") {
  Case home;
  home.book(minutes("a", 0, {{1, steady(180, 1)}}));
  const Audit audit = home.against(Scale::minutes, 0, 60, {{1, steady(60, 1)}, {7, steady(60, 2)}});
  CHECK(audit.differences == std::vector<Difference>{{minute(0), 7, 0, 120'000'000, 60}});
}

TEST_CASE("what is not counted, not settled or not booked yet is said and held against nobody") {
  Case home;
  home.book(minutes("a", 90, {{1, steady(180, 1)}}));  // from 1:30 to 4:30
  const Values told{{1, steady(360, 1)}};
  const Audit booked = home.against(Scale::minutes, 0, 360, told);
  CHECK(booked.differences.empty());
  CHECK(stretches(booked) == std::vector<Stretch>{{minute(0), minute(90), LeftOut::not_counted},
                                                  {minute(270), minute(360), LeftOut::not_booked_yet}});
  CHECK(booked.minutes == 180);
  const Audit settled = home.against(Scale::minutes, 0, 360, told, 200);
  CHECK(stretches(settled).back() == Stretch{minute(200), minute(360), LeftOut::not_booked_yet});
  CHECK(settled.minutes == 110);
}

TEST_CASE("a value the service has taken back stays booked and is no difference") {
  Case home;
  home.book(minutes("a", 0, {{1, steady(180, 1)}}));
  Values told{{1, steady(120, 1)}};
  told[1][5] = kNone;
  const Audit audit = home.against(Scale::minutes, 0, 120, told);
  CHECK(audit.differences.empty());
  CHECK(stretches(audit) == std::vector<Stretch>{{minute(5), minute(6), LeftOut::not_told}});
}

TEST_CASE("hours of which only sums are left are compared by their sums") {
  Case home;
  for (int hour = 0; hour < 50; ++hour) {
    home.book(minutes("a", hour * 60, {{1, steady(60, 1)}, {2, steady(60, -2)}}));
  }
  {
    Reader reader(home.folder.file("ledger.db"));
    const Account& account = reader.accounts().at(model::DeviceId("a"));
    REQUIRE(reader.hours(account, minute(0), minute(120)).at(minute(60)).folded);
  }
  Values told{{1, steady(120, 1)}, {2, steady(120, -2)}};
  CHECK(home.against(Scale::minutes, 0, 120, told).differences.empty());
  told[2][80] = -3;
  CHECK(home.against(Scale::minutes, 0, 120, told).differences ==
        std::vector<Difference>{{minute(60), 2, -120'000'000, -121'000'000, 0}});
}

TEST_CASE("quarter hours agree with minutes to one in a hundred, and a part of one is not compared") {
  Case home;
  Values booked{{1, steady(240, 1)}};
  booked[1][200] = kNone;
  home.book(minutes("a", 20, booked));  // to 4:20, the minute 3:40 missing
  home.book(minutes("a", 400, {{1, {1}}}));
  // From 0:00 on: the second quarter is begun at 0:20, and 3:40 lies in the one from 3:30.
  Values told{{1, steady(17, 15)}};
  told[1][5] = 15.05;  // 1:15, within a hundredth of its hour
  told[1][8] = 18;     // 2:00
  const Audit audit = home.against(Scale::fifteen_minutes, 0, 255, told);
  CHECK(audit.differences == std::vector<Difference>{{minute(120), 1, 60'000'000, 63'000'000, 0}});
  CHECK(stretches(audit) == std::vector<Stretch>{{minute(0), minute(20), LeftOut::not_counted},
                                                 {minute(20), minute(60), LeftOut::not_told},
                                                 {minute(180), minute(255), LeftOut::not_told}});
}

TEST_CASE("what was told in quarter hours is compared with the minutes of later") {
  Case home;
  home.book(minutes("a", 0, {{1, {0}}}));
  home.book(buckets("a", Scale::fifteen_minutes, 60, {{1, {10, 20, 30, 40}}}));
  home.book(minutes("a", 400, {{1, {1}}}));
  std::vector<double> told = steady(15, 1);
  for (int quarter = 1; quarter < 4; ++quarter) told.insert(told.end(), 15, quarter + 0.5);
  // 15 + 22.5 + 37.5 + 52.5
  CHECK(home.against(Scale::minutes, 60, 120, {{1, told}}).differences ==
        std::vector<Difference>{{minute(60), 1, 100'000'000, 127'500'000, 0}});
  CHECK(home.against(Scale::minutes, 60, 120, {{1, steady(60, 100 / 60.0)}}).differences.empty());
}

TEST_CASE("an hour whose data are damaged is said, not compared") {
  Case home;
  home.book(minutes("a", 0, {{1, steady(180, 1)}}));
  Database(home.folder.file("ledger.db")).run("UPDATE usage_hour SET data = x'ff' WHERE place % 3 = 0");
  const Audit audit = home.against(Scale::minutes, 0, 180, {{1, steady(180, 1)}});
  CHECK(audit.differences.empty());
  CHECK(audit.minutes == 120);
  REQUIRE(stretches(audit).size() == 1);
  CHECK(stretches(audit)[0].reason == LeftOut::not_kept);
}
