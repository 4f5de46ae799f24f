#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "mqtt/message.hpp"

namespace emporia::mqtt {

/// Every topic of the contract, built in one place from the configured roots. Device ids are the service's own text.
class TopicTree {
 public:
  /// `base` such as "emporia", `prefix` Home Assistant's discovery prefix; both are legal topics without wildcards.
  TopicTree(std::string base, std::string prefix) : base_(std::move(base)), prefix_(std::move(prefix)) {}

  const std::string& base() const { return base_; }
  const std::string& prefix() const { return prefix_; }

  /// <base>/bridge/<leaf>: state, info, health, devices, event, request/<verb>, response/<verb>.
  std::string bridge(std::string_view leaf) const { return base_ + "/bridge/" + std::string(leaf); }
  /// <base>/<id>/<leaf>: availability, state, usage, set, set/<setting>, result.
  std::string device(const std::string& id, std::string_view leaf) const {
    return base_ + "/" + topic_id(id) + "/" + std::string(leaf);
  }
  /// <prefix>/device/<object>/config.
  std::string discovery(std::string_view object) const {
    return prefix_ + "/device/" + std::string(object) + "/config";
  }
  /// The discovery object of a device, which is its identifier at Home Assistant too: emporia_<id>.
  static std::string device_object(const std::string& id) { return "emporia_" + topic_id(id); }
  static bool is_group_object(std::string_view object) {
    constexpr std::string_view kStart = "emporia_";
    return object.substr(0, kStart.size()) == kStart && is_group_level(object.substr(kStart.size()));
  }
  /// The bridge's own: emporia_bridge, or with another base emporia_bridge_<base>, so that two bridges stay two.
  std::string bridge_object() const {
    return base_ == "emporia" ? "emporia_bridge" : "emporia_bridge_" + topic_id(base_);
  }

 private:
  std::string base_;
  std::string prefix_;
};

}  // namespace emporia::mqtt
