// The ledger seen from the command line: while the bridge runs, after it, and held against the service.
#include <chrono>
#include <cmath>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>

#include "json/value.hpp"
#include "ledger/store.hpp"
#include "process/installation.hpp"
#include "runtime/time_text.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

constexpr std::chrono::seconds kWholeStart{60};
const std::string kHouse = "F2310A04B4240AC4A1B2C3";

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Told {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

Told tell(Installation& home, const std::vector<std::string>& arguments) {
  const auto program = home.run(arguments);
  const int exit_code = program->wait_for_exit(kWholeStart).value_or(-1);
  return {exit_code, program->standard_output(), program->standard_error()};
}

json::Value ledger_of(Installation& home) {
  const Told told = tell(home, {"ledger", kHouse, "--json"});
  REQUIRE_MESSAGE(told.exit_code == 0, told.errors);
  auto parsed = json::parse(told.output, {1024 * 1024, 8});
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

/// Sum of the simulator's own minutes.
double truth_wh(Installation& home, unsigned channel, const std::string& from, const std::string& until) {
  const std::string last = runtime::iso8601(*runtime::parse_iso8601(until) - std::chrono::minutes{1});
  const std::string answer =
      home.service.command("usage " + kHouse + " " + std::to_string(channel) + " " + from + " " + last + " 0");
  REQUIRE_MESSAGE(says(answer, "\"wh\""), answer);
  const auto parsed = json::parse(answer.substr(answer.find('{')), {1024 * 1024, 8});
  REQUIRE(parsed.ok());
  double sum_wh = 0;
  for (const json::Value& value : *parsed.value().find("wh")->as_array()) {
    if (value.as_double() != nullptr) sum_wh += *value.as_double();
    if (value.as_integer() != nullptr) sum_wh += static_cast<double>(*value.as_integer());
  }
  return sum_wh;
}

}  // namespace

TEST_CASE("ledger shows what is booked while the bridge runs, by name, and it is what the service holds") {
  Installation home;
  CHECK(tell(home, {"ledger"}).exit_code == 78);  // no configuration yet
  const auto bridge = home.start();
  REQUIRE(tell(home, {"watch", "--once"}).exit_code == 0);

  const Told all = tell(home, {"ledger"});
  CAPTURE(all.errors);
  REQUIRE(all.exit_code == 0);
  for (const char* part : {"House", "Floor lamp", "Basement battery", "MISSING", "none"}) CHECK(says(all.output, part));

  const Told house = tell(home, {"ledger", "house"});
  REQUIRE(house.exit_code == 0);
  CAPTURE(house.output);
  for (const char* part : {"mains ", "balance ", "leg A ", "leg B ", "circuit 2 Heat pump", "REVISED  nothing"}) {
    CAPTURE(part);
    CHECK(says(house.output, part));
  }

  const json::Value ledger = ledger_of(home);
  for (const json::Value& channel : *ledger.find("channels")->as_array()) {
    const auto number = static_cast<unsigned>(*channel.find("channel")->as_integer());
    if (number > 19) continue;
    const double counted = *channel.find("positive_wh")->as_double() - *channel.find("negative_wh")->as_double();
    const double truth =
        truth_wh(home, number, *channel.find("booked_from")->as_string(), *channel.find("booked_until")->as_string());
    CAPTURE(number);
    // Each minute is booked to the millionth of a watt-hour.
    CHECK(std::fabs(counted - truth) < 60 * 1e-6);
  }
  CHECK(bridge->running());
}

TEST_CASE("ledger --verify agrees with the service, until the ledger has something else") {
  Installation home;
  {
    const auto bridge = home.start();
    REQUIRE(tell(home, {"watch", "--once"}).exit_code == 0);
    const Told running = tell(home, {"ledger", "House", "--verify"});
    CHECK_MESSAGE(running.exit_code == 0, running.output, running.errors);
    CHECK(says(running.output, "EQUAL: "));
    CHECK(says(running.output, "before the first booked bucket"));
    bridge->signal(SIGTERM);
    REQUIRE(bridge->wait_for_exit() == 0);
  }
  const json::Value before = ledger_of(home);
  const std::string booked_from = *before.find("booked_from")->as_string();
  {
    // Somebody else's value for the first minute of the heat pump.
    ledger::Store store(home.folder.file("state/ledger.sqlite"));
    const auto start = *runtime::parse_iso8601(booked_from);
    ledger::Booking booking;
    booking.usage = {model::DeviceId(kHouse), model::Scale::minutes, {start}, {{5, {1234.5}}}};
    booking.model = model::DeviceModel::vue3;
    REQUIRE(store.book({booking}).ok());
  }
  const Told different = tell(home, {"ledger", "House", "--verify"});
  CHECK_MESSAGE(different.exit_code == 3, different.output, different.errors);
  CHECK(says(different.output, "circuit 2 Heat pump"));
  CHECK(says(different.output, "DIFFERENT: 1 of "));
  CHECK(says(tell(home, {"ledger", "House"}).output, "-> 1234.500000"));
  // Two sign-ins and two questions, and all of it in the record the bridge goes on from.
  CHECK(says(tell(home, {"ledger", "House", "--verify", "--json"}).output, "\"equal\":false"));
}

TEST_CASE("what cannot be shown or compared is refused with a code of its own and what to do") {
  Installation home;
  {
    const auto bridge = home.start();
    REQUIRE(tell(home, {"watch", "--once"}).exit_code == 0);
    const Told unknown = tell(home, {"ledger", "Hause"});
    CHECK(unknown.exit_code == 66);
    CHECK(says(unknown.errors, "did you mean \"House\"?"));
    const Told no_range = tell(home, {"ledger", "House", "--verify", "--from", "10m"});
    CHECK(no_range.exit_code == 2);
    CHECK(says(no_range.errors, "no time has settled"));
    CHECK(tell(home, {"ledger", "--verify"}).exit_code == 2);
    CHECK(tell(home, {"ledger", "House", "--from", "1d"}).exit_code == 2);
    bridge->signal(SIGTERM);
    REQUIRE(bridge->wait_for_exit() == 0);
  }
  home.service.command("fail * UNAVAILABLE 100");
  const Told away = tell(home, {"ledger", "House", "--verify"});
  CHECK(away.exit_code == 69);
  CHECK(away.output.empty());
  std::filesystem::remove(home.folder.file("state/ledger.sqlite"));
  const Told none = tell(home, {"ledger"});
  CHECK(none.exit_code == 73);
  CHECK(says(none.errors, "the bridge makes it when it runs first"));
}
