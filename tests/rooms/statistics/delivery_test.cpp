// Hours on their way to Home Assistant: sums without a jump, whatever has happened on either side.
#include "statistics/delivery.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <utility>

#include "rooms/statistics/fake_recorder.hpp"

using namespace emporia;
using namespace emporia::statistics;
using namespace std::chrono_literals;
using model::UtcSeconds;
using tests::FakeRecorder;

namespace {

const model::DeviceId kHouse("A0001");
constexpr UtcSeconds kBegin = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1};
constexpr ledger::MicroWh kKwh = 1'000'000'000;

UtcSeconds hour(int number) {
  return kBegin + std::chrono::hours{number};
}

/// The ledger, and what it notes as delivered.
class Book final : public Source {
 public:
  std::map<std::string, Hours> series;
  std::vector<std::pair<UtcSeconds, UtcSeconds>> noted;
  Kind kind = Kind::energy;

  void fill(const std::string& id, int from, int until, ledger::MicroWh energy) {
    for (int i = from; i < until; ++i) series[id][hour(i)] = {energy, {}};
  }
  std::vector<SeriesHours> hours(const model::DeviceId&, UtcSeconds from, UtcSeconds until) override {
    std::vector<SeriesHours> all;
    for (const auto& [id, hours] : series) {
      all.push_back({{id, id + " of the house", kind}, {hours.lower_bound(from), hours.lower_bound(until)}});
    }
    return all;
  }
  void delivering(const model::DeviceId&) override {}
  void delivered(const model::DeviceId&, UtcSeconds from, UtcSeconds until) override {
    noted.emplace_back(from, until);
  }
};

struct Outcome {
  bool finished = false;
  std::string trouble;
  std::size_t hours = 0;
  runtime::SteadyTime::duration lasted{};
};

Outcome deliver(Book& book, FakeRecorder& home, int from, int until, int most_commands = 10'000) {
  const Form form = home.version() < "2025.11" || home.version() == "2025.6.3" ? Form::has_mean : Form::mean_type;
  Delivery delivery(book, form, {{kHouse, hour(from), hour(until)}});
  runtime::Now now{runtime::SteadyTime{1h}, runtime::SystemTime{hour(until)}};
  const auto begun = now.steady;
  for (; most_commands > 0; --most_commands) {
    const auto command = delivery.next_command(now);
    if (delivery.finished() || !delivery.trouble().empty()) break;
    if (!command) {
      REQUIRE(delivery.next_deadline() != runtime::kNever);
      now.steady = delivery.next_deadline();
      continue;
    }
    // One after the other.
    CHECK_FALSE(delivery.next_command(now));
    const auto answer = home.command(*command);
    if (answer) {
      delivery.on_answer(answer.value(), now);
    } else {
      delivery.on_refusal(answer.error());
    }
  }
  return {delivery.finished(), delivery.trouble(), delivery.hours_delivered(), now.steady - begun};
}

/// Every hour at Home Assistant is the book's, and each sum the one before and the hour.
void check_series(const Book& book, const FakeRecorder& home, const std::string& id, double sum_before_kwh = 0) {
  CAPTURE(id);
  const auto& rows = home.rows(id);
  double sum = sum_before_kwh;
  for (const auto& [start, value] : book.series.at(id)) {
    const auto row = rows.find(start);
    REQUIRE(row != rows.end());
    const double energy = static_cast<double>(value.energy) / 1e9;
    sum += energy;
    CHECK(std::fabs(*row->second.state - energy) < 1e-9);
    CHECK(std::fabs(*row->second.sum - sum) < 1e-6);
  }
}

}  // namespace

TEST_CASE("hours are written once, in both forms, and count when they are read back") {
  for (const char* version : {"2025.6.3", "2025.10.4", "2025.11.0", "2026.4.1"}) {
    CAPTURE(version);
    FakeRecorder home(version);
    Book book;
    book.fill("emporia:a", 0, 5, 2 * kKwh);
    book.fill("emporia:b", 3, 5, kKwh / 3);
    const Outcome outcome = deliver(book, home, 0, 5);
    REQUIRE(outcome.trouble.empty());
    CHECK(outcome.finished);
    CHECK(outcome.hours == 5);
    CHECK(home.rows_imported == 7);
    CHECK(home.names().at("emporia:a") == "emporia:a of the house");
    CHECK(book.noted == std::vector<std::pair<UtcSeconds, UtcSeconds>>{{hour(0), hour(5)}});
    check_series(book, home, "emporia:a");
    check_series(book, home, "emporia:b");
  }
}

TEST_CASE("the next hour goes on from the sum that stands there, and nothing else is written") {
  FakeRecorder home("2026.4.1");
  Book book;
  book.fill("emporia:a", 0, 50, 2 * kKwh);
  REQUIRE(deliver(book, home, 0, 50).finished);
  book.fill("emporia:a", 50, 51, 7 * kKwh);
  home.rows_imported = 0;
  REQUIRE(deliver(book, home, 50, 51).finished);
  CHECK(home.rows_imported == 1);
  check_series(book, home, "emporia:a");
}

TEST_CASE("what another program wrote before is gone on from") {
  FakeRecorder home("2026.4.1");
  Book book;
  book.fill("emporia:a", 0, 1, 100 * kKwh);
  REQUIRE(deliver(book, home, 0, 1).finished);
  // A new ledger, which knows nothing of it.
  book.series.clear();
  book.fill("emporia:a", 2000, 2010, kKwh);
  REQUIRE(deliver(book, home, 2000, 2010).finished);
  check_series(book, home, "emporia:a", 100);
}

TEST_CASE("a revision sends the hours from the first changed one on") {
  FakeRecorder home("2026.4.1");
  Book book;
  book.fill("emporia:a", 0, 100, 2 * kKwh);
  REQUIRE(deliver(book, home, 0, 100).finished);
  book.fill("emporia:a", 90, 91, 3 * kKwh);
  home.rows_imported = 0;
  REQUIRE(deliver(book, home, 90, 100).finished);
  CHECK(home.rows_imported == 10);
  check_series(book, home, "emporia:a");
}

TEST_CASE("Home Assistant was restored from a backup, or began anew: what it lost is written again") {
  FakeRecorder home("2025.6.3");
  Book book;
  book.fill("emporia:a", 0, 300, kKwh);
  book.fill("emporia:b", 0, 300, kKwh / 7);
  REQUIRE(deliver(book, home, 0, 300).finished);
  struct Case {
    const char* what;
    int lost_from;
    std::size_t rows;
  };
  for (const Case& row : {Case{"the last hour", 299, 2}, Case{"two days", 252, 49}, Case{"all", 0, 301}}) {
    CAPTURE(row.what);
    if (row.lost_from == 0) {
      home.lose_all();
    } else {
      home.lose(hour(row.lost_from), hour(10'000));
    }
    book.fill("emporia:a", 300, 301, kKwh);
    book.fill("emporia:b", 300, 301, kKwh / 7);
    home.rows_imported = 0;
    REQUIRE(deliver(book, home, 300, 301).finished);
    CHECK(home.rows_imported == 2 * row.rows);
    check_series(book, home, "emporia:a");
    check_series(book, home, "emporia:b");
  }
}

TEST_CASE("a series that comes later gets its own past, and the others stay as they are") {
  FakeRecorder home("2026.4.1");
  Book book;
  book.fill("emporia:a", 0, 100, kKwh);
  REQUIRE(deliver(book, home, 0, 100).finished);
  book.fill("emporia:b", 40, 101, 5 * kKwh);
  book.fill("emporia:a", 100, 101, kKwh);
  REQUIRE(deliver(book, home, 100, 101).finished);
  check_series(book, home, "emporia:a");
  check_series(book, home, "emporia:b");
}

TEST_CASE("Home Assistant restarts and loses its queue: nothing counts, and the next attempt brings all") {
  FakeRecorder home("2026.4.1");
  Book book;
  home.written_after = 1000;
  book.fill("emporia:a", 0, 30, kKwh);
  CHECK_FALSE(deliver(book, home, 0, 30, 8).finished);
  CHECK(book.noted.empty());
  home.restart();
  CHECK(home.rows("emporia:a").empty());
  home.written_after = 3;
  REQUIRE(deliver(book, home, 0, 30).finished);
  check_series(book, home, "emporia:a");
}

TEST_CASE("what is never written is told after minutes, not waited for") {
  FakeRecorder home("2026.4.1");
  Book book;
  home.written_after = 1000;
  book.fill("emporia:a", 0, 3, kKwh);
  const Outcome outcome = deliver(book, home, 0, 3);
  CHECK(outcome.trouble == "Home Assistant has not written emporia:a of 2026-03-01T00:00:00Z within 5 min");
  CHECK(outcome.lasted >= 5min);
  CHECK(outcome.lasted < 6min);
  CHECK(home.commands < 25);
  CHECK(book.noted.empty());
}

TEST_CASE("a refusal is told") {
  FakeRecorder home("2025.6.3");
  Book book;
  book.fill("emporia:not__legal", 0, 3, kKwh);
  CHECK(deliver(book, home, 0, 3).trouble == "Home Assistant refuses the statistics of A0001: Invalid statistic_id");
  CHECK(book.noted.empty());
}

TEST_CASE("years of a large house go in answers that the Supervisor's proxy passes") {
  FakeRecorder home("2026.4.1");
  Book book;
  constexpr int kDays = 400;
  for (int i = 10; i < 50; ++i) book.fill("emporia:c" + std::to_string(i), 0, kDays * 24, kKwh * i / 10);
  const Outcome outcome = deliver(book, home, 0, kDays * 24);
  REQUIRE(outcome.finished);
  CHECK(outcome.hours == kDays * 24);
  CHECK(home.largest_answer <= 10'000);
  // What stands from one part is not read again before the next.
  CHECK(home.rows_imported == kDays * 24 * 40);
  CHECK(book.noted.front().first == hour(0));
  CHECK(book.noted.back().second == hour(kDays * 24));
  check_series(book, home, "emporia:c10");
  check_series(book, home, "emporia:c49");
}

TEST_CASE("hours of which nothing is known are left out, and the sum goes on after them") {
  FakeRecorder home("2026.4.1");
  Book book;
  book.fill("emporia:a", 0, 10, kKwh);
  book.fill("emporia:a", 3000, 3010, kKwh);
  REQUIRE(deliver(book, home, 0, 3020).finished);
  CHECK(home.rows("emporia:a").size() == 20);
  check_series(book, home, "emporia:a");
  book.series.clear();
  REQUIRE(deliver(book, home, 3020, 3030).finished);
  CHECK(book.noted.back() == std::pair(hour(3020), hour(3030)));
}

TEST_CASE("mean power needs no sum") {
  FakeRecorder home("2026.4.1");
  Book book;
  book.kind = Kind::power;
  book.series["emporia:a_power"] = {{hour(0), {0, {100, -5, 900}}}, {hour(1), {0, {200, 10, 300}}}};
  REQUIRE(deliver(book, home, 0, 2).finished);
  CHECK(home.rows("emporia:a_power").at(hour(0)).min == -5);
  CHECK(home.rows("emporia:a_power").at(hour(1)).mean == 200);
  CHECK_FALSE(home.rows("emporia:a_power").at(hour(1)).sum);
}

TEST_CASE("nothing due is nothing to do") {
  FakeRecorder home("2026.4.1");
  Book book;
  Delivery delivery(book, Form::mean_type, {});
  CHECK_FALSE(delivery.next_command({runtime::SteadyTime{}, {}}));
  CHECK(delivery.finished());
}
