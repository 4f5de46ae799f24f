#pragma once

#include <string>

#include "cli/home_view.hpp"

namespace emporia::cli {

/// A view of what is told under the base topic "emporia", one topic at a time.
class ToldHome {
 public:
  void tell(const std::string& topic, const std::string& payload) {
    mqtt::Message message;
    message.topic = "emporia/" + topic;
    message.payload = payload;
    view.take(message);
  }
  /// A running bridge and its health: two calls used, the newest call well.
  void tell_bridge() {
    tell("bridge/state", "online");
    tell("bridge/health", R"({"partner":{"state":"ok","last_error":null},)"
                          R"("calls":{"used_last_hour":2,"budget":95,"left":93,"postponed":0}})");
  }

  HomeView view{mqtt::TopicTree("emporia", "homeassistant"), {{"R1", "Renamed"}}};
};

}  // namespace emporia::cli
