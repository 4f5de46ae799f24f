#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"

namespace emporia::homeassistant {

/// Tells our own messages, which the broker sends back to every subscriber, from those of others. One for each topic.
class Echoes {
 public:
  void expect(const std::string& payload, const runtime::Now& now) {
    if (expected_.size() == kMost) expected_.erase(expected_.begin());
    expected_.push_back({std::hash<std::string>{}(payload), now.steady + kLongest});
  }

  /// True when the payload is ours; it and those sent before it are not expected any more, because a broker keeps the
  /// order of a topic.
  bool take(const std::string& payload, const runtime::Now& now) {
    const std::size_t hash = std::hash<std::string>{}(payload);
    for (auto echo = expected_.begin(); echo != expected_.end(); ++echo) {
      if (echo->hash != hash || echo->until < now.steady) continue;
      expected_.erase(expected_.begin(), echo + 1);
      return true;
    }
    return false;
  }

 private:
  /// A link may be slow, but a broker that sends nothing back must not make us deaf for ever.
  static constexpr std::chrono::seconds kLongest{60};
  static constexpr std::size_t kMost = 8;
  struct Expected {
    std::size_t hash;
    runtime::SteadyTime until;
  };
  std::vector<Expected> expected_;
};

}  // namespace emporia::homeassistant
