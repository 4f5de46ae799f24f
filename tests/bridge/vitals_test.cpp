#include "app/vitals.hpp"

#include <doctest/doctest.h>

#include "app/web.hpp"
#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

/// A world that is looked after.
struct Watched {
  explicit Watched(settings::Settings settings = World::some_settings()) : world(std::move(settings)) {
    only_lamp(world);
    vitals.emplace(registry, board, world.ledger(), world.now());
    world.vitals = &*vitals;
    world.start();
    world.run_for(5min);
  }
  http::Answer health() const { return app::health_answer(board, world.now().steady); }
  bool tells(const std::string& line) const {
    return ("\n" + registry.text()).find("\n" + line + "\n") != std::string::npos;
  }
  bool says(const std::string& text) const { return health().body.find(text) != std::string::npos; }

  World world;
  metrics::Registry registry;
  app::HealthBoard board;
  std::optional<app::Vitals> vitals;
};

}  // namespace

TEST_CASE("a bridge that is well, in numbers") {
  const Watched watched;
  CHECK(watched.health().status == 200);
  CHECK(watched.says("\"status\":\"ok\",\"problems\":[]"));
  CHECK(watched.tells("emporia2mqtt_devices 1"));
  CHECK(watched.tells("emporia2mqtt_devices_connected 1"));
  CHECK(watched.tells("emporia2mqtt_late_devices 0"));
  CHECK(watched.tells("emporia2mqtt_missing_data_seconds 0"));
  CHECK(watched.tells("emporia2mqtt_mqtt_connected 1"));
  CHECK(watched.tells("emporia2mqtt_partner_state{state=\"ok\"} 1"));
  CHECK(watched.registry.text().find("B0001") == std::string::npos);
}

TEST_CASE("devices are told one by one only on request, and are forgotten when they go") {
  settings::Settings settings = World::some_settings();
  settings.http.per_device_metrics = true;
  Watched watched(settings);
  CHECK(watched.tells("emporia2mqtt_device_connected{device=\"B0001\"} 1"));
  watched.world.service.devices = {panel()};
  watched.world.run_for(30min);
  CHECK(watched.tells("emporia2mqtt_device_connected{device=\"A0001\"} 1"));
  CHECK(watched.registry.text().find("B0001") == std::string::npos);
}

TEST_CASE("each trouble is named, and is over when it is over") {
  Watched watched;
  watched.world.broker_goes();
  watched.world.run_for(10s);
  CHECK(watched.health().status == 503);
  CHECK(watched.says("{\"part\":\"broker\""));
  CHECK(watched.tells("emporia2mqtt_mqtt_connected 0"));
  watched.world.broker_returns(false);
  watched.world.run_for(5min);
  CHECK(watched.health().status == 200);

  watched.world.disk_full = true;
  watched.world.run_for(10min);
  CHECK(watched.health().status == 503);
  CHECK(watched.says("{\"part\":\"ledger\""));
  CHECK(watched.tells("emporia2mqtt_ledger_ok 0"));
  watched.world.disk_full = false;
  watched.world.run_for(10min);
  CHECK(watched.health().status == 200);

  watched.world.service.failure = {partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
  watched.world.run_for(10min);
  CHECK(watched.health().status == 503);
  CHECK(watched.says("{\"part\":\"partner\",\"text\":\""));
  CHECK(watched.says("the service cannot be reached"));
  CHECK(watched.tells("emporia2mqtt_partner_state{state=\"unreachable\"} 1"));
  CHECK(watched.tells("emporia2mqtt_late_devices 0"));
  // Data is late once it is older than stale_after_minutes, 120 unless configured.
  watched.world.run_for(2h);
  CHECK(watched.tells("emporia2mqtt_late_devices 1"));
  CHECK(watched.says("1 connected device has no data of the last 120 minutes"));
}

TEST_CASE("a loop that is stuck, or has not begun, is not well") {
  const Watched watched;
  const auto looked_at = watched.board.newest()->at;
  CHECK(app::health_answer(watched.board, looked_at + 60s).status == 200);
  CHECK(app::health_answer(watched.board, looked_at + 61s).status == 503);
  CHECK(app::health_answer(app::HealthBoard(), looked_at).status == 503);
}

TEST_CASE("it looks at most once a second and at least every five") {
  Watched watched;
  auto last = watched.board.newest()->at;
  for (int i = 0; i < 600; ++i) {
    watched.world.run_for(1s);
    const auto at = watched.board.newest()->at;
    CHECK(watched.world.now().steady - at <= 5s);
    if (at != last) CHECK(at - last >= 1s);
    last = at;
  }
}

TEST_CASE("late is what the settings in force call late") {
  Watched watched;
  watched.world.service.failure =
      partner::PartnerError{partner::PartnerError::Kind::try_later, "the service cannot be reached", false};
  watched.world.run_for(1h);
  CHECK(watched.tells("emporia2mqtt_late_devices 0"));
  settings::Settings settings = watched.world.settings();
  settings.polling.stale_after_minutes = 60;
  watched.world.reload(settings);
  watched.world.run_for(10s);
  CHECK(watched.tells("emporia2mqtt_late_devices 1"));
}
