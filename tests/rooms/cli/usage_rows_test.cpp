#include "cli/usage_rows.hpp"

#include <doctest/doctest.h>

#include "cli/usage_file.hpp"
#include "cli/usage_picture.hpp"
#include "runtime/time_text.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::cli;
using model::kMissing;
using model::Scale;

namespace {

model::UtcSeconds at(const char* text) {
  return *runtime::parse_iso8601(text);
}

model::Device monitor() {
  using model::CircuitType;
  using model::EnergyDirection;
  model::Device device;
  device.id = model::DeviceId("F1");
  device.model = model::DeviceModel::vue2;
  device.circuits = {{1, CircuitType::main_200a, EnergyDirection::bidirectional, "", ""},
                     {4, CircuitType::expansion_50a, EnergyDirection::consumption, "", "Stove, \"big\""},
                     {5, CircuitType::expansion_50a, EnergyDirection::consumption, "", ""}};
  return device;
}

model::DeviceUsage hours(std::vector<const char*> starts, model::Channel channel, std::vector<double> energy_wh) {
  model::DeviceUsage usage{model::DeviceId("F1"), Scale::hours, {}, {{channel, std::move(energy_wh)}}};
  for (const char* start : starts) usage.starts.push_back(at(start));
  return usage;
}

const UsageRange kThreeHours{Scale::hours, at("2026-03-08T10:00:00Z"), at("2026-03-08T13:00:00Z")};
const UsagePortion kPortion{at("2026-03-08T10:00:00Z"), at("2026-03-08T12:00:00Z")};

UsageRows three_hours() {
  return usage_rows({hours({"2026-03-08T10:00:00Z", "2026-03-08T12:00:00Z"}, 4, {120.5, kMissing}),
                     hours({"2026-03-08T10:00:00Z"}, 1, {-3})},
                    kPortion, kThreeHours, usage_columns(monitor(), "House"));
}

std::string csv(const UsageRows& rows) {
  std::string text;
  for (const UsageRow& row : rows) text += csv_line(row) + "\n";
  return text;
}

}  // namespace

TEST_CASE("the columns of a monitor are mains, balance and its channels; of an outlet the outlet") {
  CHECK(csv_header(usage_columns(monitor(), "House")) ==
        "start,Mains (Wh),Balance (Wh),1 Leg 1 (Wh),\"4 Stove, \"\"big\"\" (Wh)\",5 Circuit 2 (Wh)");
  model::Device outlet;
  outlet.model = model::DeviceModel::outlet;
  outlet.circuits = {{1, model::CircuitType::unknown, model::EnergyDirection::consumption, "", ""}};
  CHECK(csv_header(usage_columns(outlet, "Floor lamp")) == "start,1 Floor lamp (Wh)");
}

TEST_CASE("what has no value is empty and never 0, and every hour has its row") {
  CHECK(csv(three_hours()) ==
        "2026-03-08T10:00:00Z,,,-3,120.5,\n"
        "2026-03-08T11:00:00Z,,,,,\n"
        "2026-03-08T12:00:00Z,,,,,\n");
}

TEST_CASE("as JSON what has no value is null") {
  const auto value = usage_json(monitor(), "House", kThreeHours, usage_columns(monitor(), "House"), three_hours());
  CHECK(json::to_text(*value.find("energy_wh")) ==
        R"({"1001":[null,null,null],"1002":[null,null,null],"1":[-3.0,null,null],"4":[120.5,null,null],)"
        R"("5":[null,null,null]})");
  CHECK(json::to_text(*value.find("starts")) ==
        R"(["2026-03-08T10:00:00Z","2026-03-08T11:00:00Z","2026-03-08T12:00:00Z"])");
}

TEST_CASE("of days there are the rows that are told, and none at or after the end") {
  const UsageRange days{Scale::days, at("2026-03-01T00:00:00Z"), at("2026-03-03T00:00:00Z")};
  model::DeviceUsage told{model::DeviceId("F1"), Scale::days, {}, {{4, {1, 2, 3}}}};
  for (const char* start : {"2026-03-01T05:00:00Z", "2026-03-02T05:00:00Z", "2026-03-03T05:00:00Z"}) {
    told.starts.push_back(at(start));
  }
  const auto rows = usage_rows({told}, {days.from, days.to}, days, {{4, "Stove"}});
  CHECK(csv(rows) == "2026-03-01T05:00:00Z,1\n2026-03-02T05:00:00Z,2\n");
}

TEST_CASE("a file is continued behind its last whole row, and nothing is written twice") {
  const support::TempDir folder;
  const std::string path = folder.file("house.csv");
  const UsageColumns columns{{4, "Stove"}};
  const auto row = [](const char* start, double energy_wh) { return UsageRow{at(start), {energy_wh}}; };
  {
    auto file = UsageFile::open(path, columns, Scale::hours);
    REQUIRE(file.ok());
    CHECK_FALSE(file.value().last());
    CHECK(file.value().add({row("2026-03-08T10:00:00Z", 1), row("2026-03-08T11:00:00Z", kMissing)}));
  }
  const std::string whole = support::read_file(path);
  CHECK(whole == "start,4 Stove (Wh)\n2026-03-08T10:00:00Z,1\n2026-03-08T11:00:00Z,\n");
  folder.write("house.csv", whole + "2026-03-08T12:00");  // killed while it wrote
  auto file = UsageFile::open(path, columns, Scale::hours);
  REQUIRE(file.ok());
  CHECK(file.value().last() == at("2026-03-08T11:00:00Z"));
  CHECK(file.value().add({row("2026-03-08T11:00:00Z", 5), row("2026-03-08T12:00:00Z", 2)}));
  CHECK(support::read_file(path) == whole + "2026-03-08T12:00:00Z,2\n");
}

TEST_CASE("a file of something else is refused and left as it is") {
  const support::TempDir folder;
  struct Case {
    const char* content;
    const char* error;
  };
  const std::string good = "start,4 Stove (Wh)\n";
  const Case cases[] = {
      {"my diary\nis secret\n", "line 2 of"},
      {"start,5 Oven (Wh)\n", "the columns of"},
      {"start,4 Stove (Wh)\n2026-03-08T10:00:00Z,1\n2026-03-09T10:00:00Z,1\n", "are not hours"},
      {"start,4 Stove (Wh)\n2026-03-08T10:00:00Z,1\nyesterday,1\n", "line 3 of"},
      {"start,4 Stove (Wh)\n2026-03-08T10:00:00Z,1\n2026-03-08T09:00:00Z,1\n", "line 3 of"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.content);
    const std::string path = folder.write("house.csv", each.content);
    const auto file = UsageFile::open(path, {{4, "Stove"}}, Scale::hours);
    REQUIRE_FALSE(file.ok());
    CAPTURE(file.error());
    CHECK(file.error().find(each.error) != std::string::npos);
    CHECK(support::read_file(path) == each.content);
  }
  CHECK_FALSE(UsageFile::open(folder.file("none/house.csv"), {{4, "Stove"}}, Scale::hours).ok());
  CHECK_FALSE(UsageFile::open(folder.path().string(), {{4, "Stove"}}, Scale::hours).ok());
}

TEST_CASE("a picture for the terminal: bars, the parts by size, and how much is missing") {
  std::string text;
  for (const Line& line : usage_picture("House", kThreeHours, {{4, "Stove"}, {5, "Oven"}},
                                        {{at("2026-03-08T10:00:00Z"), {100, 10}},
                                         {at("2026-03-08T11:00:00Z"), {kMissing, 20}},
                                         {at("2026-03-08T12:00:00Z"), {-50, 500}}},
                                        80)) {
    text += to_text(line, 80, false) + "\n";
  }
  CAPTURE(text);
  CHECK(text.rfind("House  Stove  hours, times in UTC\n", 0) == 0);
  CHECK(text.find("100 W │█\n") != std::string::npos);
  CHECK(text.find("│  █\n") != std::string::npos);  // below zero, and nothing for the hour without a value
  CHECK(text.find("Stove                                0.050 kWh  of 2 of 3 hours\n") != std::string::npos);
  CHECK(text.find("Oven                                 0.530 kWh\n") != std::string::npos);
  const auto nothing =
      usage_picture("House", kThreeHours, {{4, "Stove"}}, {{at("2026-03-08T10:00:00Z"), {kMissing}}}, 60);
  REQUIRE(nothing.size() == 2);
  CHECK(to_text(nothing[1], 60, false) == "The service has no value of it in this range.");
}
