#include "metrics/registry.hpp"

#include <atomic>
#include <cctype>
#include <doctest/doctest.h>
#include <set>
#include <thread>

using namespace emporia::metrics;

namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool has(const Registry& registry, const std::string& line) {
  return ("\n" + registry.text()).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("every row of the table is where its number says, is named by the conventions, and is explained") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kMetrics; ++i) {
    const Row& row = table()[i];
    CAPTURE(row.name);
    CHECK(static_cast<std::size_t>(row.metric) == i);
    CHECK(names.insert(row.name).second);
    CHECK((row.name.rfind("emporia2mqtt_", 0) == 0 || row.name.rfind("process_", 0) == 0));
    CHECK(ends_with(row.name, "_total") == (row.kind == Kind::counter));
    CHECK(row.bounds.empty() == (row.kind != Kind::histogram));
    if (row.kind == Kind::histogram) CHECK(ends_with(row.name, "_seconds"));
    CHECK(row.help.size() >= 20);
    CHECK(row.help.back() == '.');
  }
}

TEST_CASE("nothing is told before there is a value") {
  CHECK(Registry().text() == "");
}

TEST_CASE("counters go up, by steps or to somebody else's total, and never down") {
  Registry registry;
  registry.count(Metric::commands, 0, {"refused"});
  CHECK(has(registry, "emporia2mqtt_commands_total{status=\"refused\"} 0"));
  registry.count(Metric::commands, 1, {"refused"});
  registry.count(Metric::commands, 2, {"refused"});
  CHECK(has(registry, "emporia2mqtt_commands_total{status=\"refused\"} 3"));
  registry.count_to(Metric::mqtt_sent, 40);
  registry.count_to(Metric::mqtt_sent, 42);
  registry.count_to(Metric::mqtt_sent, 41);
  CHECK(has(registry, "emporia2mqtt_mqtt_messages_sent_total 42"));
}

TEST_CASE("a gauge stands at what it was last set to; one of a set that is gone is gone") {
  Registry registry;
  registry.set(Metric::devices, 7);
  registry.set(Metric::devices, 6);
  CHECK(has(registry, "emporia2mqtt_devices 6"));
  registry.set_all(Metric::device_connected, {{{"A1"}, 1}, {{"B2"}, 0}});
  CHECK(has(registry, "emporia2mqtt_device_connected{device=\"A1\"} 1"));
  CHECK(has(registry, "emporia2mqtt_device_connected{device=\"B2\"} 0"));
  registry.set_all(Metric::device_connected, {{{"B2"}, 1}});
  CHECK(registry.text().find("A1") == std::string::npos);
  CHECK(has(registry, "emporia2mqtt_device_connected{device=\"B2\"} 1"));
  registry.set_all(Metric::device_connected, {});
  CHECK(registry.text().find("device_connected") == std::string::npos);
}

TEST_CASE("a histogram counts each value below every bound that it does not exceed") {
  Registry registry;
  registry.observe(Metric::call_duration, 0.1, {"GetDevices"});
  registry.observe(Metric::call_duration, 300, {"GetDevices"});
  const std::string name = "emporia2mqtt_partner_call_duration_seconds";
  CHECK(has(registry, name + "_bucket{method=\"GetDevices\",le=\"0.05\"} 0"));
  CHECK(has(registry, name + "_bucket{method=\"GetDevices\",le=\"0.1\"} 1"));
  CHECK(has(registry, name + "_bucket{method=\"GetDevices\",le=\"120\"} 1"));
  CHECK(has(registry, name + "_bucket{method=\"GetDevices\",le=\"+Inf\"} 2"));
  CHECK(has(registry, name + "_count{method=\"GetDevices\"} 2"));
}

TEST_CASE("what a label holds cannot break out of its line") {
  Registry registry;
  registry.set_all(Metric::device_connected, {{{"a\"b\\c\nd"}, 1}});
  CHECK(has(registry, "emporia2mqtt_device_connected{device=\"a\\\"b\\\\c\\nd\"} 1"));
}

TEST_CASE("other threads read while the loop writes") {
  Registry registry;
  std::atomic<bool> done{false};
  std::atomic<std::size_t> read{0};
  std::thread reader([&] {
    while (!done) read += registry.text().size();
  });
  for (int i = 0; i < 2000 || read == 0; ++i) {
    registry.set_all(Metric::device_data, {{{std::to_string(i % 10)}, 1.0 * i}});
    registry.count(Metric::calls, 1, {"GetDevices", "OK"});
    registry.observe(Metric::booking_duration, 0.01);
  }
  done = true;
  reader.join();
  CHECK(registry.text().find("emporia2mqtt_partner_calls_total{code=\"OK\",method=\"GetDevices\"}") !=
        std::string::npos);
}
