#pragma once

#include <chrono>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "json/value.hpp"
#include "runtime/clock.hpp"

namespace emporia::homeassistant {

/// A broker's retained messages and a Home Assistant that follows the rules written down in Announcer: it removes only
/// what it has discovered in its current run, keeps the rest in its registry, and refuses an identity that is taken.
class FakeHomeAssistant {
 public:
  void publish(const std::string& topic, const std::string& payload, runtime::SteadyTime now) {
    if (payload.empty()) {
      retained.erase(topic);
    } else {
      retained[topic] = payload;
    }
    if (up) hear(topic, payload, now);
  }
  void start(runtime::SteadyTime now) {
    up = true;
    heard_.clear();
    // Long before: whatever comes while it starts is no fault of who sends it.
    for (const auto& [topic, payload] : retained) hear(topic, payload, now - std::chrono::seconds{10});
  }
  void stop() {
    up = false;
    discovered.clear();
  }
  /// A person deletes the device behind a topic: the broker forgets the message and so does the registry.
  void delete_device(const std::string& topic) {
    retained.erase(topic);
    heard_.erase(topic);
    drop_all(topic);
  }

  using Identity = std::pair<std::string, std::string>;  // topic, component key
  bool up = false;
  std::map<std::string, std::string> retained;
  std::map<Identity, std::string> discovered;  // to unique_id
  std::set<std::string> registry;

 private:
  struct Heard {
    std::string payload;
    runtime::SteadyTime at;
  };

  void hear(const std::string& topic, const std::string& payload, runtime::SteadyTime now) {
    const auto last = heard_.find(topic);
    if (last != heard_.end()) {
      if (last->second.payload == payload) return;
      INFO("two messages in a row on ", topic, ": ", last->second.payload, " and ", payload);
      CHECK(now - last->second.at >= std::chrono::seconds{1});
    }
    heard_[topic] = {payload, now};
    if (payload.empty()) return drop_all(topic);
    const auto parsed = json::parse(payload);
    REQUIRE(parsed.ok());
    for (const auto& [key, component] : *parsed.value().find("components")->as_object()) {
      const Identity identity{topic, key};
      if (component.as_object()->size() == 1) {
        drop(identity);
      } else if (discovered.count(identity) == 0) {
        const std::string unique_id = *component.find("unique_id")->as_string();
        for (const auto& other : discovered) {
          INFO("refused: alive as ", other.first.first, " ", other.first.second);
          CHECK(other.second != unique_id);
        }
        discovered[identity] = unique_id;
        registry.insert(unique_id);
      }
    }
  }
  void drop(const Identity& identity) {
    const auto found = discovered.find(identity);
    if (found == discovered.end()) return;
    registry.erase(found->second);
    discovered.erase(found);
  }
  void drop_all(const std::string& topic) {
    while (true) {
      const auto first = discovered.lower_bound({topic, ""});
      if (first == discovered.end() || first->first.first != topic) return;
      drop(Identity(first->first));
    }
  }

  std::map<std::string, Heard> heard_;
};

}  // namespace emporia::homeassistant
