// Hours from before the first booking, filled in by another program while the bridge runs.
#include "ledger/history.hpp"

#include <doctest/doctest.h>

#include "ledger/reader.hpp"
#include "ledger/store.hpp"
#include "rooms/ledger/usages.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

const model::DeviceId kA("a");

std::vector<double> values(int count) {
  return std::vector<double>(static_cast<std::size_t>(count), 1);
}

std::map<model::UtcSeconds, Hour> hours(int first, int count) {
  std::map<model::UtcSeconds, Hour> all;
  for (int i = first; i < first + count; ++i) {
    Hour hour;
    hour.folded = true;
    hour.channels[1].booked = kAllMinutes;
    hour.channels[1].folded = {5'000'000, 2'000'000};
    all[minute(i * 60)] = hour;
  }
  return all;
}

void hand_on_all(Store& store) {
  for (const DueHours& due : store.due_hours()) {
    store.handing_on(due.device);
    store.handed_on(due.device, due.from, due.until);
  }
}

}  // namespace

TEST_CASE("filled in, counted, and due from there on, beside a bridge that has the file") {
  support::TempDir dir;
  const std::string path = dir.file("ledger.sqlite");
  Store store(path);
  REQUIRE(store.book({minutes("a", 600, {{1, values(180)}})}).ok());
  hand_on_all(store);
  CHECK(store.due_hours().empty());
  std::int64_t number = 0;
  {
    Reader reader(path);
    number = reader.accounts().at(kA).number;
    CHECK(reader.first_hour(reader.accounts().at(kA)) == minute(600));
  }
  {
    History history(path);
    history.put(number, hours(2, 5));
    // Of which the service knew nothing, and the bridge does.
    history.put(number, {{minute(600), Hour()}});
    CHECK(history.count(number, minute(0), minute(600)) == 5);
    CHECK(history.count(number, minute(120), minute(180)) == 1);
    CHECK(history.count(number + 1, minute(0), minute(600)) == 0);
    // Not before somebody says so: the rest may be on its way.
    CHECK(store.due_hours().empty());
    history.make_due(number, minute(120));
    // Never later than what is due already.
    history.make_due(number, minute(300));
  }
  const auto due = store.due_hours();
  REQUIRE(due.size() == 1);
  CHECK(due[0].from == minute(120));
  CHECK(due[0].until == minute(780));
  const auto all = store.hours(kA, minute(0), minute(10'000));
  CHECK(all.size() == 8);
  CHECK(count_of(all.at(minute(600)).channels.at(1).booked) == 60);
  hand_on_all(store);
  CHECK(store.due_hours().empty());
  Reader reader(path);
  const Account& account = reader.accounts().at(kA);
  CHECK(reader.first_hour(account) == minute(120));
  CHECK(reader.hours_with_history(account, minute(0), minute(10'000)).size() == 8);
  CHECK(reader.hours(account, minute(0), minute(10'000)).size() == 3);
}

TEST_CASE("forgotten, all hours are due again from the first one on") {
  support::TempDir dir;
  const std::string path = dir.file("ledger.sqlite");
  Store store(path);
  REQUIRE(store.book({minutes("a", 0, {{1, values(120)}})}).ok());
  store.name_series({{"emporia:a_energy", "Lamp", kA, 1, false}, {"emporia:a_power", "Lamp", kA, 1, false, true}});
  hand_on_all(store);
  REQUIRE(store.due_hours().empty());
  {
    Reader reader(path);
    CHECK(reader.series().size() == 2);
    CHECK(reader.due_from(reader.accounts().at(kA)) == minute(120));
    History(path).forget(reader.series(), {reader.accounts().at(kA).number});
  }
  const auto due = store.due_hours();
  REQUIRE(due.size() == 1);
  CHECK(due[0].from == minute(0));
  CHECK(store.named_series(kA).empty());
}
