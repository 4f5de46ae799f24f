// The ledger as text and JSON.
#include "cli/ledger_view.hpp"

#include <algorithm>
#include <doctest/doctest.h>

#include "cli/ledger_audit.hpp"
#include "cli/ledger_names.hpp"
#include "rooms/ledger/usages.hpp"

using namespace emporia;
using namespace emporia::cli;
using ledger::minute;

namespace {

LedgerDevice monitor() {
  LedgerDevice device{"A1", {"House", model::DeviceModel::unknown, {{5, "Heat pump"}}}, {}, {}, {}};
  const ledger::Counter leg{1'000'000'000, 0, 1'000'000'000, 0, 1'000'000'000, minute(0), minute(90)};
  device.counters[1] = leg;
  device.counters[5] = {12'345'678'400, 0, 12'400'000'000, 0, 12'400'000'000, minute(30), minute(60)};
  device.counters[model::kMergedMains] = leg;
  device.counters[model::kBalance] = {500, 11'346'000'000, 500, 11'346'000'000, 700, minute(0), minute(90)};
  return device;
}

bool says(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

std::string line_with(const std::vector<std::string>& lines, const std::string& part) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const std::string& line) { return line.find(part) != std::string::npos; });
  return found == lines.end() ? std::string() : *found;
}

}  // namespace

TEST_CASE("energies keep their last digit") {
  CHECK(exact_wh(0) == "0.000000");
  CHECK(exact_wh(-1) == "-0.000001");
  CHECK(exact_wh(1'234'567'890) == "1234.567890");
  CHECK(exact_kwh(12'345'678'400) == "12.345678");
  CHECK(exact_kwh(12'345'678'500) == "12.345679");
  CHECK(exact_kwh(-1'500) == "-0.000002");
}

TEST_CASE("hours in which something is missing are joined while they have the same fate") {
  const std::vector<ledger::Hole> holes{{minute(0), 0, {}, 60},
                                        {minute(60), 0, {}, 10},
                                        {minute(120), 2, minute(500), 5},
                                        {minute(240), 6, minute(600), 60},
                                        {minute(300), 6, minute(700), 1}};
  CHECK(gaps_of(holes) == std::vector<LedgerGap>{{minute(0), minute(120), 70, 0, {}, false},
                                                 {minute(120), minute(180), 5, 2, minute(500), false},
                                                 {minute(240), minute(360), 61, 6, minute(700), true}});
  CHECK(gaps_of({}).empty());
}

TEST_CASE("channels are called as they are printed on the monitor, whoever told the model") {
  LedgerDevice device = monitor();
  CHECK(channel_label(device, model::kMergedMains) == "mains");
  CHECK(channel_label(device, model::kBalance) == "balance");
  CHECK(channel_label(device, 2) == "leg B");
  CHECK(channel_label(device, 5) == "circuit 2 Heat pump");
  device.names.circuits[5] = "\x1b[2JPump";
  CHECK(channel_label(device, 5).find('\x1b') == std::string::npos);
  device.names.model = model::DeviceModel::battery;
  CHECK(channel_label(device, 2) == "channel 2");
  device.counters.erase(model::kMergedMains);
  device.names.model = model::DeviceModel::unknown;
  CHECK(channel_label(device, 2) == "channel 2");
}

TEST_CASE("a device's text has every counter, what is shown where it differs, gaps and revisions") {
  LedgerDevice device = monitor();
  CHECK(says(ledger_text(device), "MISSING  nothing"));
  CHECK(says(ledger_text(device), "REVISED  nothing"));
  device.gaps = {{minute(0), minute(120), 70, 0, {}, false}, {minute(240), minute(300), 60, 6, minute(700), true}};
  device.revisions = {{minute(400), 5, minute(30), minute(32), 5'000'000, 5'750'000}};
  const auto lines = ledger_text(device);
  CHECK(lines[0] == "A1  House");
  CHECK(lines[1] == "booked from 2026-11-23 00:00 to 2026-11-23 01:30 UTC; energy in kWh, all times UTC");
  CHECK(line_with(lines, "mains") == "mains                                 1.000000        0.000000");
  CHECK(line_with(lines, "circuit 2") ==
        "circuit 2 Heat pump                  12.345678        0.000000  2026-11-23 00:30  2026-11-23 01:00");
  CHECK(line_with(lines, "  shown until") == "  shown until use passes it          12.400000        0.000000");
  CHECK(line_with(lines, "  shown: highest") == "  shown: highest in less out          0.000001");
  CHECK(line_with(lines, "MISSING") == "MISSING  70 min, 60 min given up");
  CHECK(says(lines, "  2026-11-23 00:00 to 2026-11-23 02:00      70 min  not asked for again yet"));
  CHECK(says(lines, "60 min  given up: asked for again 6 times, last 2026-11-23 11:40"));
  CHECK(says(lines, "  told 2026-11-23 06:40  circuit 2 Heat pump       2026-11-23 00:30 to 00:32"));
  CHECK(says(lines, "5.000000 -> 5.750000"));
  CHECK(ledger_text({"B", {}, {}, {}, {}}).back() == "nothing is booked yet");
}

TEST_CASE("the table of all devices sums up what they miss, and has no sum where channels are no whole") {
  LedgerDevice battery{"B2", {"Battery", model::DeviceModel::battery, {}}, {}, {}, {}};
  for (const model::Channel channel : {1U, 2U}) battery.counters[channel] = monitor().counters.at(1);
  const auto lines = ledger_table({monitor(), battery, {"C3", {}, {}, {}, {}}});
  REQUIRE(lines.size() == 4);
  CHECK(says({lines[1]}, "2026-11-23 00:00  2026-11-23 01:30          1.000000        0.000000  none"));
  CHECK(says({lines[2]}, "2026-11-23 01:30                 -               -  none"));
  CHECK(says({lines[3]}, "-                 -"));
}

TEST_CASE("JSON has all of it in watt-hours, null for what is not known") {
  LedgerDevice device = monitor();
  device.names.device.clear();
  device.revisions = {{{}, 5, minute(30), minute(32), 5'000'000, 5'750'000}};
  const json::Value value = ledger_json(device);
  CHECK(value.find("name")->is_null());
  CHECK(*value.find("booked_until")->as_string() == "2026-11-23T01:30:00Z");
  const json::Value& circuit = value.find("channels")->as_array()->at(3);
  CHECK(*circuit.find("channel")->as_integer() == 5);
  CHECK(*circuit.find("positive_wh")->as_double() == 12345.6784);
  CHECK(*circuit.find("shown_positive_wh")->as_double() == 12400);
  const json::Value& revision = value.find("revisions")->as_array()->at(0);
  CHECK(revision.find("told_at")->is_null());
  CHECK(*revision.find("after_wh")->as_double() == 5.75);
}

TEST_CASE("names are taken from the bridge's list, whatever else stands there") {
  const auto names = names_in(
      R"([{"id":"A1","name":"House","model":"vue2","circuits":[{"channel":5,"name":"Heat pump"},{"channel":6,"name":"",
      "sub_type":"GRID"},{"channel":-1,"name":"x"},{"channel":1e99,"name":"x"},{"name":"y"},7]},{"name":"no id"},
      {"id":5},3,{"id":"B2"}])");
  REQUIRE(names.size() == 2);
  CHECK(names.at("A1").model == model::DeviceModel::vue2);
  CHECK(names.at("A1").circuits == std::map<model::Channel, std::string>{{5, "Heat pump"}, {6, "GRID"}});
  CHECK(names.at("B2").device.empty());
  for (const char* garbage : {"", "{}", "[", "null", "[[]]", "{\"id\":\"A\"}"}) CHECK(names_in(garbage).empty());
}

TEST_CASE("the verdict names what differs, what was left out, and never calls nothing equal") {
  LedgerAudit audit{minute(0), minute(180), "minutes", {}};
  CHECK(audit_text(monitor(), audit).back().rfind("NOTHING TO COMPARE", 0) == 0);
  CHECK(audit_json(monitor(), audit).find("equal")->is_null());
  audit.audit.hours = 2;
  audit.audit.minutes = 120;
  audit.audit.left_out[ledger::LeftOut::not_booked_yet][minute(120)] = ledger::kAllMinutes;
  auto lines = audit_text(monitor(), audit);
  CHECK(lines.back() == "EQUAL: 2 hours compared, each channel's by itself; 120 minutes in all");
  CHECK(says(lines, "Not compared from 2026-11-23 02:00 to 2026-11-23 03:00: not settled or not booked yet"));
  audit.audit.differences = {{minute(60), 5, 5'000'000, 5'750'000, 3}};
  lines = audit_text(monitor(), audit);
  CHECK(lines.back().rfind("DIFFERENT: 1 of 2 hours compared", 0) == 0);
  CHECK(line_with(lines, "Heat pump") ==
        "2026-11-23 01:00  circuit 2 Heat pump                   5.000000        5.750000        0.750000  3 minutes "
        "not booked");
  CHECK(*audit_json(monitor(), audit).find("equal")->as_bool() == false);
}
