#include "cli/left_at_broker.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::cli;

namespace {

const mqtt::TopicTree kTopics("emporia", "homeassistant");

std::string announcement(const std::string& origin, const std::string& base) {
  return R"({"origin":{"name":")" + origin + R"("},"availability":[{"topic":")" + base + R"(/bridge/state"}]})";
}

}  // namespace

TEST_CASE("what a bridge left is told from what others, another bridge too, have at the broker") {
  const std::map<std::string, std::string> retained{
      {"homeassistant/device/emporia_A1/config", announcement("emporia2mqtt", "emporia")},
      {"homeassistant/device/emporia_A1_4/config", announcement("emporia2mqtt", "emporia")},
      {"homeassistant/device/emporia_B1/config", announcement("emporia2mqtt", "emporia2")},
      {"homeassistant/device/emporia_C1/config", announcement("another", "emporia")},
      {"homeassistant/device/emporia_D1/config", "no JSON"},
      {"homeassistant/device/emporia_E1/config", R"({"origin":"emporia2mqtt"})"},
      {"emporia/A1/state", "{}"},
      {"emporia/A1/availability", "offline"},
      {"emporia/A1/set/on", "ON"},
      {"emporia/notes", "mine"},
      {"emporia/bridge/state", "offline"},
      {"emporia/bridge/health", "{}"},
      {"emporia2/A1/state", "{}"},
  };
  const LeftAtBroker left = left_at_broker(retained, kTopics);
  CHECK(left.ours == std::vector<std::string>{"homeassistant/device/emporia_A1/config",
                                              "homeassistant/device/emporia_A1_4/config", "emporia/A1/availability",
                                              "emporia/A1/state", "emporia/bridge/health", "emporia/bridge/state"});
  CHECK(left.announcements == 2);
  CHECK(left.foreign == std::vector<std::string>{"emporia/A1/set/on", "emporia/notes"});
}
