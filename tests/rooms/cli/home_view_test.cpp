#include "cli/home_view.hpp"

#include <doctest/doctest.h>

#include "told_home.hpp"

using namespace emporia;
using namespace emporia::cli;
using Sentences = std::vector<std::string>;

TEST_CASE("a picture is complete once every listed device is told of") {
  ToldHome home;
  CHECK(home.view.missing() ==
        Sentences{"emporia/bridge/state: nothing there; does a bridge run with this broker and base topic?",
                  "emporia/bridge/health: nothing there yet",
                  "emporia/bridge/devices: the list of devices is not there yet"});
  home.tell_bridge();
  home.tell("bridge/devices", R"([{"id":"A1","model":"outlet","name":"Lamp","connected":true}])");
  CHECK(home.view.missing() == Sentences{"Lamp: no availability yet", "Lamp: no state yet"});
  home.tell("A1/availability", "online");
  home.tell("A1/state", R"({"as_of":null,"connected":true})");
  CHECK(home.view.missing() == Sentences{"Lamp: no energy booked yet"});
  home.tell("A1/state", R"({"as_of":"2026-11-23T08:34:00Z","connected":true})");
  CHECK(home.view.missing().empty());
  home.tell("bridge/state", "offline");
  CHECK(home.view.missing() ==
        Sentences{"emporia/bridge/state: the bridge is offline; start it with emporia2mqtt run"});
}

TEST_CASE("a device that is not connected need not have booked anything") {
  ToldHome home;
  home.tell_bridge();
  home.tell("bridge/devices", R"([{"id":"A1","model":"outlet","name":"Lamp","connected":false}])");
  home.tell("A1/availability", "offline");
  home.tell("A1/state", R"({"as_of":null,"connected":false})");
  CHECK(home.view.missing().empty());
}

TEST_CASE("an empty list is a picture only once the service has been asked for it") {
  ToldHome home;
  home.tell("bridge/state", "online");
  home.tell("bridge/devices", "[]");
  home.tell("bridge/health", R"({"partner":{"state":"unreachable","last_error":"no route"},"polls":{}})");
  CHECK(home.view.missing() ==
        Sentences{"emporia/bridge/devices: no device is known yet (Partner API: unreachable, no route)"});
  // Signed in, and not asked yet.
  home.tell("bridge/health", R"({"partner":{"state":"ok","last_success":"2026-11-23T08:34:00Z"},)"
                             R"("polls":{"inventory":{"last":null}}})");
  CHECK(home.view.missing() == Sentences{"emporia/bridge/devices: no device is known yet"});
  home.tell("bridge/health", R"({"partner":{"state":"ok"},"polls":{"inventory":{"last":"2026-11-23T08:34:00Z"}}})");
  CHECK(home.view.missing().empty());
}

TEST_CASE("what keeps the list of devices away is said") {
  ToldHome home;
  home.tell("bridge/state", "online");
  home.tell("bridge/health", R"({"partner":{"state":"auth_refused","last_error":"wrong password"}})");
  CHECK(home.view.missing() == Sentences{"emporia/bridge/devices: the list of devices is not there yet (Partner API: "
                                         "auth_refused, wrong password)"});
}

TEST_CASE("devices are known by their topics, named by the settings first and never nameless") {
  ToldHome home;
  home.tell("bridge/devices", R"([{"id":"R1","model":"outlet","name":"Lamp"},{"id":"a_b","model":"vue3","name":""},)"
                              R"({"id":"Z9","model":"toaster","name":"New"},{"name":"no id"},17,null])");
  home.tell("a-5fb/availability", "online");
  const auto devices = home.view.devices();
  REQUIRE(devices.size() == 3);
  CHECK(devices[0].id == "a_b");
  CHECK(devices[0].name == "Vue 3 a_b");
  CHECK(devices[0].availability == "online");
  CHECK(devices[1].name == "Renamed");
  CHECK(devices[2].model == model::DeviceModel::unknown);
}

TEST_CASE("payloads that nobody can read count as not there") {
  ToldHome home;
  home.tell_bridge();
  for (const char* payload : {"", "{", "null", "17", "\"text\"", "[[[[[[[[[[[["}) {
    CAPTURE(payload);
    home.tell("bridge/devices", payload);
    CHECK(home.view.devices().empty());
    CHECK(home.view.missing().size() == 1);
  }
  home.tell("bridge/devices", R"([{"id":"A1","connected":"yes","name":5}])");
  home.tell("A1/availability", "online");
  for (const char* payload : {"[]", "{\"as_of\":", "true"}) {
    CAPTURE(payload);
    home.tell("A1/state", payload);
    CHECK(home.view.missing() == Sentences{"Unknown device A1: no state yet"});
  }
}

TEST_CASE("what goes from the broker goes from the picture") {
  ToldHome home;
  home.tell_bridge();
  home.tell("bridge/devices", R"([{"id":"A1","model":"outlet","name":"Lamp"}])");
  home.tell("A1/availability", "online");
  home.tell("A1/availability", "");
  CHECK(home.view.missing() == Sentences{"Lamp: no availability yet", "Lamp: no state yet"});
  home.view.forget();
  CHECK(home.view.missing().size() == 3);
}
