#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/device.hpp"
#include "mqtt/message.hpp"
#include "mqtt/topic_tree.hpp"

namespace emporia::cli {

/// What stands at the broker about one device. Foreign text: any of it may be missing or of the wrong type.
struct DeviceView {
  std::string id;
  /// Fit for a terminal, never empty.
  std::string name;
  model::DeviceModel model = model::DeviceModel::unknown;
  /// Its link to the cloud, as the list of devices tells.
  bool connected = false;
  /// "online", "offline"; nothing while the topic is not there.
  std::optional<std::string> availability;
  /// An object; null while the topic is not there.
  json::Value state;
};

/// The home as its retained topics tell it: messages folded into one picture. Pure.
class HomeView {
 public:
  /// `names` are the configured ones by device id, which come before the customer's.
  HomeView(mqtt::TopicTree topics, std::map<std::string, std::string> names);

  /// What to subscribe to.
  std::vector<std::string> filters() const;
  /// Topics that are not of the contract, or whose payload cannot be read, change nothing.
  void take(const mqtt::Message& message);
  /// Nothing is known any more: after the link was lost, everything retained comes again.
  void forget();

  /// The bridge says that it is online.
  bool running() const { return bridge_state_ == "online"; }
  /// The bridge's health, null while unknown.
  const json::Value& health() const { return health_; }
  /// The devices that the list names, monitors first, then by name.
  std::vector<DeviceView> devices() const;

  /// What is still wanting to a complete picture, a sentence each: the bridge online, its health, the list of devices,
  /// of each an availability and a state, of a connected one energy that has been booked. Empty: complete.
  std::vector<std::string> missing() const;

 private:
  struct Topics {
    std::optional<std::string> availability;
    json::Value state;
  };
  void take_bridge(const std::string& leaf, const std::string& payload);
  void take_device(const std::string& topic_id, const std::string& leaf, const std::string& payload);
  std::string told_by_partner() const;
  bool inventory_read() const;

  mqtt::TopicTree topics_;
  std::map<std::string, std::string> names_;
  std::string bridge_state_;
  json::Value health_;
  json::Value devices_;
  /// By the topic's level that names the device.
  std::map<std::string, Topics> by_topic_;
};

/// The number at the path, or nothing.
std::optional<double> number_at(const json::Value& value, std::string_view key);
/// The text under the key fit for a terminal, empty where there is none.
std::string text_at(const json::Value& value, std::string_view key);
bool true_at(const json::Value& value, std::string_view key);

}  // namespace emporia::cli
