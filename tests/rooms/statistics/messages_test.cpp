// What is said to Home Assistant, word for word.
#include "statistics/messages.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::statistics;

namespace {

const model::UtcSeconds kHour = std::chrono::sys_days{std::chrono::year{2026} / 3 / 8} + std::chrono::hours{7};
const Series kImport{"emporia:a0001_mains_import", "House Mains import", Kind::energy};
const Series kPower{"emporia:a0001_mains_power", "House Mains power", Kind::power};

}  // namespace

TEST_CASE("the form of the metadata follows from the version") {
  CHECK(form_of(2024, 12) == Form::has_mean);
  CHECK(form_of(2025, 10) == Form::has_mean);
  CHECK(form_of(2025, 11) == Form::mean_type);
  CHECK(form_of(2026, 1) == Form::mean_type);
  // One that cannot be read is an old one.
  CHECK(form_of(0, 0) == Form::has_mean);
}

TEST_CASE("an import of energy in both forms, its sum going on") {
  ledger::MicroWh sum = 10'000'000'000;
  const Hours hours{{kHour, {1'500'000'000, {}}}, {kHour + std::chrono::hours{1}, {250'000'000, {}}}};
  const std::string rows = R"("stats":[{"start":"2026-03-08T07:00:00Z","state":1.5,"sum":11.5},)"
                           R"({"start":"2026-03-08T08:00:00Z","state":0.25,"sum":11.75}]})";
  CHECK(json::to_text(import_command(kImport, Form::has_mean, hours, sum)) ==
        R"({"type":"recorder/import_statistics","metadata":{"has_sum":true,"name":"House Mains import",)"
        R"("source":"emporia","statistic_id":"emporia:a0001_mains_import","unit_of_measurement":"kWh",)"
        R"("has_mean":false},)" +
            rows);
  CHECK(sum == 11'750'000'000);
  sum = 10'000'000'000;
  CHECK(json::to_text(import_command(kImport, Form::mean_type, hours, sum)) ==
        R"({"type":"recorder/import_statistics","metadata":{"has_sum":true,"name":"House Mains import",)"
        R"("source":"emporia","statistic_id":"emporia:a0001_mains_import","unit_of_measurement":"kWh",)"
        R"("mean_type":0,"unit_class":"energy"},)" +
            rows);
}

TEST_CASE("an import of power") {
  ledger::MicroWh sum = 7;
  CHECK(json::to_text(import_command(kPower, Form::mean_type, {{kHour, {0, {120.5, 90, 1500}}}}, sum)) ==
        R"({"type":"recorder/import_statistics","metadata":{"has_sum":false,"name":"House Mains power",)"
        R"("source":"emporia","statistic_id":"emporia:a0001_mains_power","unit_of_measurement":"W",)"
        R"("mean_type":1,"unit_class":"power"},)"
        R"("stats":[{"start":"2026-03-08T07:00:00Z","mean":120.5,"min":90.0,"max":1500.0}]})");
  CHECK(sum == 7);
}

TEST_CASE("reading back") {
  CHECK(json::to_text(read_command({"emporia:a", "emporia:b"}, kHour, kHour + std::chrono::hours{2})) ==
        R"({"type":"recorder/statistics_during_period","start_time":"2026-03-08T07:00:00Z",)"
        R"("end_time":"2026-03-08T09:00:00Z","statistic_ids":["emporia:a","emporia:b"],"period":"hour",)"
        R"("units":{"energy":"kWh","power":"W"},"types":["state","sum","mean","min","max"]})");
  const auto parsed = json::parse(
      R"({"emporia:a":[{"start":1772953200000,"end":1772956800000,"state":1.5,"sum":12,"mean":null},7,{"start":"x"}],)"
      R"("emporia:b":null})");
  REQUIRE(parsed.ok());
  const auto held = held_in(parsed.value());
  REQUIRE(held.count("emporia:a") == 1);
  REQUIRE(held.at("emporia:a").size() == 1);
  CHECK(held.at("emporia:a").begin()->first == kHour);
  CHECK(held.at("emporia:a").begin()->second == Held{1.5, 12, {}});
  CHECK(held.count("emporia:b") == 0);
  CHECK(held_in(json::Value()).empty());
}

TEST_CASE("which series are there") {
  CHECK(json::to_text(look_up_command({"emporia:a"})) ==
        R"({"type":"recorder/get_statistics_metadata","statistic_ids":["emporia:a"]})");
  const auto parsed = json::parse(R"([{"statistic_id":"emporia:a","name":"A"},{"statistic_id":7},null])");
  REQUIRE(parsed.ok());
  CHECK(ids_in(parsed.value()) == std::set<std::string>{"emporia:a"});
}
