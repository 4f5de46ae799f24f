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
  /// `node` is the name of one of several bridges that share a base, a legal level; empty: it is the only one.
  TopicTree(std::string base, std::string prefix, std::string node = {})
      : base_(std::move(base)), prefix_(std::move(prefix)), node_(std::move(node)) {}

  const std::string& base() const { return base_; }
  const std::string& prefix() const { return prefix_; }

  /// The bridge's name among several, or empty.
  const std::string& node() const { return node_; }
  /// <base>/bridge/<leaf>: state, info, health, devices, event, request/<verb>, response/<verb>; of one of several
  /// <base>/bridge/<node>/<leaf>.
  std::string bridge(std::string_view leaf) const {
    return base_ + "/bridge/" + node_ + (node_.empty() ? "" : "/") + std::string(leaf);
  }
  /// The state of some bridge of this base, be it one of several or not.
  bool is_state_of_bridge(std::string_view topic) const {
    const std::string start = base_ + "/bridge/";
    constexpr std::string_view kLeaf = "state";
    if (topic.substr(0, start.size()) != start) return false;
    const std::string_view rest = topic.substr(start.size());
    const auto slash = rest.find('/');
    return rest == kLeaf || (slash != std::string_view::npos && slash > 0 && rest.substr(slash + 1) == kLeaf);
  }
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
  /// The bridge's own: emporia_bridge, or with another base emporia_bridge_<base>, so that two bridges stay two; of one
  /// of several emporia_bridge_<base>_<node>.
  std::string bridge_object() const {
    if (!node_.empty()) return "emporia_bridge_" + topic_id(base_) + "_" + topic_id(node_);
    return base_ == "emporia" ? "emporia_bridge" : "emporia_bridge_" + topic_id(base_);
  }

 private:
  std::string base_;
  std::string prefix_;
  std::string node_;
};

}  // namespace emporia::mqtt
