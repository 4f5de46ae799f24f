// The ledger's file is lost or damaged between two runs of the real program: what was published goes on, and in the end
// it is what the service has, from the first minute booked before the loss.
#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>
#include <signal.h>

#include "json/value.hpp"
#include "process/installation.hpp"
#include "runtime/time_text.hpp"
#include "support/counters.hpp"

using namespace emporia;
using namespace emporia::tests;
using support::eventually;

namespace {

namespace fs = std::filesystem;

const std::string kHouse = "F2310A04B4240AC4A1B2C3";
const std::string kLamp = "B2136B0204240AC4E1F2A3";

json::Value parsed(const std::string& text) {
  auto value = json::parse(text, {std::size_t{1} << 20, 16, true});
  REQUIRE_MESSAGE(value.ok(), text);
  return std::move(value).value();
}

double number(const json::Value& value) {
  if (const auto* whole = value.as_integer()) return static_cast<double>(*whole);
  REQUIRE(value.as_double() != nullptr);
  return *value.as_double();
}

double number(const json::Value& object, const char* key) {
  const json::Value* member = object.find(key);
  REQUIRE_MESSAGE(member != nullptr, key);
  return number(*member);
}

std::string state(const Installation& home, const std::string& device) {
  const std::string topic = "emporia/" + device + "/state";
  return home.broker.retained(topic)[topic];
}

/// End of the newest booked minute; nothing before the first.
std::optional<std::chrono::sys_seconds> as_of(const Installation& home, const std::string& device) {
  const std::string text = state(home, device);
  if (text.empty()) return std::nullopt;
  const json::Value told = parsed(text);
  const json::Value* time = told.find("as_of");
  if (time == nullptr || time->as_string() == nullptr) return std::nullopt;
  return runtime::parse_iso8601(*time->as_string());
}

/// What the service has of a channel, Wh, all minutes from the first to the last one.
double truth_wh(Installation& home, const std::string& device, const std::string& channel,
                std::chrono::sys_seconds from, std::chrono::sys_seconds until) {
  const std::string answer = home.service.command("usage " + device + " " + channel + " " + runtime::iso8601(from) +
                                                  " " + runtime::iso8601(until - std::chrono::minutes{1}) + " 0");
  REQUIRE_MESSAGE(answer.rfind("ok ", 0) == 0, answer);
  const json::Value told = parsed(answer.substr(3));
  const json::Array& values = *told.find("wh")->as_array();
  CHECK(values.size() == static_cast<std::size_t>((until - from) / std::chrono::minutes{1}));
  double sum = 0;
  for (const json::Value& value : values) sum += number(value);
  return sum;
}

/// Within what a thousandth of a watt-hour in every bucket may bring.
void check_wh(double told_wh, double truth_wh, std::chrono::sys_seconds from, std::chrono::sys_seconds until) {
  CHECK(std::fabs(told_wh - truth_wh) < 0.001 * static_cast<double>((until - from) / std::chrono::minutes{1}));
}

/// The counters that stand at the broker against the service, from a time on.
void check_truth(Installation& home, std::chrono::sys_seconds from) {
  const auto lamp_until = *as_of(home, kLamp);
  check_wh(number(parsed(state(home, kLamp)), "energy_kwh") * 1000, truth_wh(home, kLamp, "1", from, lamp_until), from,
           lamp_until);
  const auto until = *as_of(home, kHouse);
  const json::Value house = parsed(state(home, kHouse));
  for (const auto& [leg, told] : *house.find("legs")->as_object()) {
    const double net_wh = (number(told, "import_kwh") - number(told, "export_kwh")) * 1000;
    check_wh(net_wh, truth_wh(home, kHouse, leg, from, until), from, until);
  }
  const json::Object& circuits = *house.find("circuits")->as_object();
  CHECK(circuits.size() > 10);
  for (const auto& [channel, told] : circuits) {
    check_wh(number(told, "energy_kwh") * 1000, std::fabs(truth_wh(home, kHouse, channel, from, until)), from, until);
  }
}

/// No counter of any device was ever published below an earlier value of its.
void check_never_fell(const std::vector<support::Seen>& seen) {
  support::RisingCounters law;
  for (const support::Seen& message : seen) law.hear(message.topic, message.payload);
  for (const std::string& fall : law.falls()) CHECK_MESSAGE(false, fall);
  CHECK(law.counters() > 20);
}

/// Runs, stops, does something to the ledger's folder, runs again, and looks at all that was published.
template <typename Misfortune>
std::unique_ptr<support::ChildProcess> survive(Installation& home, const Misfortune& misfortune) {
  const support::Observer observer(home.broker, {"emporia/+/state"});
  // The first run books the quarter of an hour that ended three hours ago, the second one goes on to the last half.
  home.configure("polling", "settle_minutes = 180");
  home.configure("polling", "stale_after_minutes = 240");
  auto bridge = home.start();
  REQUIRE(eventually([&] { return as_of(home, kHouse) && as_of(home, kLamp); }));
  const auto before = *as_of(home, kHouse);
  REQUIRE(*as_of(home, kLamp) == before);
  bridge->signal(SIGTERM);
  REQUIRE(bridge->wait_for_exit() == 0);
  misfortune(fs::path(home.folder.file("state")));
  home.configure("polling", "settle_minutes = 30");
  bridge = home.start();
  const auto goes_on = [&](const std::string& device) {
    const auto now = as_of(home, device);
    return now && *now - before > std::chrono::minutes{140};
  };
  CHECK(eventually([&] { return goes_on(kHouse) && goes_on(kLamp); }));
  CHECK(bridge->wait_for_line("the ledger knew nothing of " + kHouse + "; its counters go on from what stands"));
  check_truth(home, before - std::chrono::minutes{15});
  check_never_fell(observer.seen());
  return bridge;
}

}  // namespace

TEST_CASE("the ledger's file is lost") {
  Installation home;
  survive(home, [](const fs::path& folder) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(folder / (std::string("ledger.sqlite") + suffix));
  });
}

TEST_CASE("the ledger's file is lost, over MQTT 3.1.1") {
  Installation home;
  home.configure("mqtt", "version = 3");
  survive(home, [](const fs::path& folder) { fs::remove_all(folder); });
}

TEST_CASE("the ledger's file is damaged: it is set aside, told in the log and at the broker") {
  Installation home;
  auto bridge = survive(home, [&](const fs::path& folder) {
    fs::remove(folder / "ledger.sqlite-wal");
    home.folder.write("state/ledger.sqlite", std::string(100'000, 'x'));
  });
  const std::string aside = home.folder.file("state/ledger.sqlite.damaged-1");
  CHECK(fs::exists(aside));
  CHECK(bridge->standard_error().find("error ledger: the ledger is damaged") != std::string::npos);
  CHECK(bridge->standard_error().find("it is kept as " + aside) != std::string::npos);
  const json::Value health = parsed(home.broker.retained("emporia/bridge/health")["emporia/bridge/health"]);
  const json::Value* ledger = health.find("ledger");
  REQUIRE(ledger != nullptr);
  REQUIRE(ledger->find("set_aside") != nullptr);
  CHECK(*ledger->find("set_aside") == json::Value(aside));
  CHECK(*ledger->find("ok") == json::Value(true));
}
