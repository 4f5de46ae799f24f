#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/faulty_proxy.hpp"
#include "wire/partner/asking.hpp"

using namespace emporia;
using namespace emporia::partner;
using namespace std::chrono_literals;
using Kind = PartnerError::Kind;

namespace {

std::string tell(simulator::Simulator& service, const std::string& line) {
  const std::string answer = service.command(line);
  REQUIRE_MESSAGE(answer.rfind("ok", 0) == 0, line, ": ", answer);
  return answer;
}

}  // namespace

TEST_CASE("a service that takes calls and never answers: each ends at its deadline") {
  simulator::Simulator service(typical());
  GatewayOptions options = reaching(service);
  options.timeout = 1s;
  options.usage_timeout = 2s;
  Asking asking(options);
  asking.sign_in();
  tell(service, "freeze on");
  const auto before = runtime::read_clock().steady;
  const auto usage = asking.send(FetchUsage{ids({kMonitor}), model::Scale::minutes, kNoon - 60min, kNoon - 31min});
  const auto list = asking.send(ListStates{StateKind::outlets, ids({kOutlet})});
  for (const auto& [attempt, least] : {std::pair{list, 1s}, {usage, 2s}}) {
    const Reply reply = asking.next();
    CHECK(reply.attempt == attempt);
    REQUIRE_FALSE(reply.result.ok());
    CHECK(reply.result.error().kind == Kind::try_later);
    CHECK(contains(reply.result.error().text, "did not answer in time"));
    CHECK(runtime::read_clock().steady - before >= least);
  }
  tell(service, "freeze off");
  asking.answer<States>(ListStates{StateKind::outlets, ids({kOutlet})});
}

TEST_CASE("nobody listens: the failure comes at once and in words") {
  GatewayOptions options;
  options.endpoint = "localhost:" + std::to_string(support::free_port());
  Asking asking(options);
  const auto error = asking.error(SignIn{"partner@example.com", "simulated"});
  CHECK(error.kind == Kind::try_later);
  CHECK_MESSAGE(contains(error.text, "the service cannot be reached"), error.text);
}

TEST_CASE("a service that is gone and comes back on its port is reached again") {
  auto service_options = typical();
  const support::TempDir folder;
  service_options.certificate_dir = folder.path().string();
  auto service = std::make_unique<simulator::Simulator>(service_options);
  GatewayOptions options = reaching(*service);
  Asking asking(options);
  asking.sign_in();
  const SignIn sign_in{"partner@example.com", "simulated"};

  service_options.port = service->port();
  service_options.certificate = folder.file("server.pem");
  service_options.key = folder.file("server-key.pem");
  service.reset();
  CHECK(asking.error(sign_in).kind == Kind::try_later);
  service = std::make_unique<simulator::Simulator>(service_options);
  // The channel may still be pausing from the last failure; the loop would ask again later as well.
  CHECK(support::eventually([&] { return asking.ask(sign_in).result.ok(); }));
}

TEST_CASE("a connection that stays and does not answer is given up for a new one, which does") {
  simulator::Simulator service(typical());
  support::FaultyProxy proxy(service.port());
  GatewayOptions options = reaching(service);
  options.endpoint = "localhost:" + std::to_string(proxy.port());
  options.timeout = 1s;
  Asking asking(options);
  asking.sign_in();
  CHECK(proxy.connections() == 1);
  tell(service, "freeze on");
  const auto fail = [&](int calls) {
    for (int i = 0; i < calls; ++i) asking.send(ListStates{StateKind::outlets, ids({kOutlet})});
    for (int i = 0; i < calls; ++i) CHECK_FALSE(asking.next().result.ok());
  };
  // One that gets through in between, and those before it do not count.
  fail(9);
  tell(service, "freeze off");
  asking.answer<States>(ListStates{StateKind::outlets, ids({kOutlet})});
  tell(service, "freeze on");
  fail(9);
  tell(service, "freeze off");
  asking.answer<States>(ListStates{StateKind::outlets, ids({kOutlet})});
  CHECK(proxy.connections() == 1);
  tell(service, "freeze on");
  fail(10);
  tell(service, "freeze off");
  asking.answer<States>(ListStates{StateKind::outlets, ids({kOutlet})});
  CHECK(proxy.connections() == 2);
}

TEST_CASE("replies above the library's usual limit are read") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  tell(service, "large on");
  const auto inventory = asking.answer<Inventory>(ListDevices{});
  CHECK(inventory.devices.size() == 6);
  const auto usage =
      asking.answer<Usage>(FetchUsage{ids({kMonitor}), model::Scale::minutes, kNoon - 60min, kNoon - 31min});
  CHECK(usage.devices.size() == 1);
}

TEST_CASE("a failed call is one call: the library repeats nothing") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  const struct {
    const char* status;
    Kind kind;
    bool quota;
  } cases[] = {
      {"UNAVAILABLE", Kind::try_later, false},       {"INTERNAL", Kind::try_later, false},
      {"RESOURCE_EXHAUSTED", Kind::try_later, true}, {"UNAUTHENTICATED", Kind::sign_in_again, false},
      {"INVALID_ARGUMENT", Kind::refused, false},    {"PERMISSION_DENIED", Kind::refused, false},
  };
  for (const auto& row : cases) {
    tell(service, "reset-stats");
    tell(service, std::string("fail GetDevices ") + row.status + " 1 why it failed");
    const auto error = asking.error(ListDevices{});
    CHECK_MESSAGE(error.kind == row.kind, row.status);
    CHECK_MESSAGE(error.quota == row.quota, row.status);
    CHECK_MESSAGE(contains(error.text, "why it failed"), error.text);
    CHECK_MESSAGE(contains(tell(service, "stats"), "\"total\":1"), row.status);
  }
}

TEST_CASE("a gateway that goes with calls under way ends at once, and posts nothing any more") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  tell(service, "freeze on");
  for (int i = 0; i < 30; ++i) asking.send(ListStates{StateKind::outlets, ids({kOutlet})});
  const auto before = runtime::read_clock().steady;
  asking.hang_up();
  CHECK(runtime::read_clock().steady - before < 10s);  // their deadline is 15 s away
  CHECK(asking.posted() == 0);
  tell(service, "freeze off");
}

TEST_CASE("a gateway that never connected goes as well") {
  GatewayOptions options;
  options.endpoint = "localhost:" + std::to_string(support::free_port());
  for (int i = 0; i < 20; ++i) {
    Asking asking(options);
    if (i % 2 == 0) asking.send(SignIn{"partner@example.com", "simulated"});
  }
}

TEST_CASE("spoiled replies are survived: nothing false is told") {
  simulator::Simulator service(typical());
  Asking asking(reaching(service));
  asking.sign_in();
  const std::string kinds = service.command("garbage no-such-kind 1");
  const auto list = kinds.find("there are ");
  REQUIRE_MESSAGE(list != std::string::npos, kinds);
  std::string words = kinds.substr(list + 10);
  std::replace(words.begin(), words.end(), ',', ' ');
  std::istringstream stream(words);
  int tried = 0;
  for (std::string kind; stream >> kind; ++tried) {
    tell(service, "garbage " + kind + " 100");
    const Request requests[] = {
        ListDevices{},
        FetchUsage{ids({kMonitor, kOutlet}), model::Scale::minutes, kNoon - 60min, kNoon - 31min},
        ListStates{StateKind::outlets, ids({kOutlet, kOtherOutlet})},
        ListStates{StateKind::ev_chargers, ids({kCharger})},
        ListStates{StateKind::batteries, ids({kBattery})},
        ListStates{StateKind::utility_connects, ids({kMeter})}};
    for (const Request& request : requests) {
      const Reply reply = asking.ask(request);
      if (!reply.result) {
        CHECK_MESSAGE(reply.result.error().kind != Kind::refused, kind, ": ", reply.result.error().text);
        continue;
      }
      const auto* usage = std::get_if<Usage>(&reply.result.value());
      if (usage == nullptr) continue;
      for (const auto& device : usage->devices) {
        CHECK_MESSAGE(std::is_sorted(device.starts.begin(), device.starts.end()), kind);
        CHECK_MESSAGE(std::adjacent_find(device.starts.begin(), device.starts.end()) == device.starts.end(), kind);
        for (const auto& channel : device.channels) {
          CHECK_MESSAGE(channel.energy_wh.size() == device.starts.size(), kind);
          for (const double value : channel.energy_wh) CHECK_MESSAGE(!std::isinf(value), kind);
        }
      }
    }
    tell(service, "garbage off");
  }
  CHECK(tried > 3);
}
