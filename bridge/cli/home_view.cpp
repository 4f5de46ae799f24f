#include "cli/home_view.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "cli/cells.hpp"
#include "homeassistant/names.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

using model::DeviceModel;

/// More than a large account has; whoever else writes below the base topic cannot fill the memory.
constexpr std::size_t kMostDevices = 20'000;
constexpr json::Limits kLimits{8 * 1024 * 1024, 8};

/// In the order in which they are shown.
constexpr std::array<DeviceModel, 9> kModels{DeviceModel::vue3,
                                             DeviceModel::vue2,
                                             DeviceModel::vue1,
                                             DeviceModel::battery,
                                             DeviceModel::ev_charger,
                                             DeviceModel::outlet,
                                             DeviceModel::utility_connect,
                                             DeviceModel::group,
                                             DeviceModel::unknown};

DeviceModel model_of(const std::string& word) {
  const auto found =
      std::find_if(kModels.begin(), kModels.end(), [&](auto known) { return model::word(known) == word; });
  return found == kModels.end() ? DeviceModel::unknown : *found;
}

std::ptrdiff_t rank(DeviceModel device_model) {
  return std::find(kModels.begin(), kModels.end(), device_model) - kModels.begin();
}

std::string raw_text_at(const json::Value& value, std::string_view key) {
  const json::Value* member = value.find(key);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::string() : *text;
}

/// What a payload holds; null for none and for what cannot be read.
json::Value read(const std::string& payload) {
  auto value = json::parse(payload, kLimits);
  return value ? std::move(value).value() : json::Value();
}

json::Value read_object(const std::string& payload) {
  json::Value value = read(payload);
  return value.as_object() == nullptr ? json::Value() : value;
}

std::string name_of(const std::string& id, DeviceModel device_model, const json::Value& listed,
                    const std::map<std::string, std::string>& names) {
  model::Device device;
  device.id = model::DeviceId(id);
  device.model = device_model;
  device.name = raw_text_at(listed, "name");
  const auto own = names.find(id);
  return printable(homeassistant::device_label(device, own == names.end() ? std::nullopt : std::optional(own->second)));
}

}  // namespace

std::optional<double> number_at(const json::Value& value, std::string_view key) {
  const json::Value* member = value.find(key);
  if (member == nullptr) return std::nullopt;
  if (const double* number = member->as_double()) return *number;
  if (const std::int64_t* number = member->as_integer()) return static_cast<double>(*number);
  return std::nullopt;
}

std::string text_at(const json::Value& value, std::string_view key) {
  return printable(raw_text_at(value, key));
}

bool true_at(const json::Value& value, std::string_view key) {
  const json::Value* member = value.find(key);
  const bool* flag = member == nullptr ? nullptr : member->as_bool();
  return flag != nullptr && *flag;
}

HomeView::HomeView(mqtt::TopicTree topics, std::map<std::string, std::string> names)
    : topics_(std::move(topics)), names_(std::move(names)) {}

std::vector<std::string> HomeView::filters() const {
  return {topics_.bridge("state"), topics_.bridge("health"), topics_.bridge("devices"),
          topics_.base() + "/+/availability", topics_.base() + "/+/state"};
}

void HomeView::take(const mqtt::Message& message) {
  const std::string prefix = topics_.base() + "/";
  if (message.topic.compare(0, prefix.size(), prefix) != 0) return;
  const std::string rest = message.topic.substr(prefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string::npos) return;
  const std::string who = rest.substr(0, slash);
  const std::string leaf = rest.substr(slash + 1);
  if (who == "bridge") {
    const std::string own = topics_.bridge("");
    // Of several bridges the others' come as well.
    if (message.topic.compare(0, own.size(), own) == 0) take_bridge(message.topic.substr(own.size()), message.payload);
    return;
  }
  take_device(who, leaf, message.payload);
}

void HomeView::take_bridge(const std::string& leaf, const std::string& payload) {
  if (leaf == "state") bridge_state_ = payload;
  if (leaf == "health") health_ = read_object(payload);
  if (leaf == "devices") devices_ = read(payload);
}

void HomeView::take_device(const std::string& topic_id, const std::string& leaf, const std::string& payload) {
  if (leaf != "state" && leaf != "availability") return;
  if (by_topic_.size() >= kMostDevices && by_topic_.count(topic_id) == 0) return;
  Topics& device = by_topic_[topic_id];
  if (leaf == "state") {
    device.state = read_object(payload);
  } else {
    device.availability = payload.empty() ? std::nullopt : std::optional(payload);
  }
  if (!device.availability && device.state.is_null()) by_topic_.erase(topic_id);
}

void HomeView::forget() {
  bridge_state_.clear();
  health_ = nullptr;
  devices_ = nullptr;
  by_topic_.clear();
}

std::vector<DeviceView> HomeView::devices() const {
  std::vector<DeviceView> devices;
  const json::Array* list = devices_.as_array();
  if (list == nullptr) return devices;
  for (const json::Value& listed : *list) {
    DeviceView device;
    device.id = raw_text_at(listed, "id");
    if (device.id.empty()) continue;
    device.model = model_of(raw_text_at(listed, "model"));
    device.name = name_of(device.id, device.model, listed, names_);
    device.connected = true_at(listed, "connected");
    if (const auto known = by_topic_.find(mqtt::topic_id(device.id)); known != by_topic_.end()) {
      device.availability = known->second.availability;
      device.state = known->second.state;
    }
    devices.push_back(std::move(device));
  }
  std::sort(devices.begin(), devices.end(), [](const DeviceView& a, const DeviceView& b) {
    return std::forward_as_tuple(rank(a.model), a.name, a.id) < std::forward_as_tuple(rank(b.model), b.name, b.id);
  });
  return devices;
}

std::string HomeView::told_by_partner() const {
  const json::Value* partner = health_.find("partner");
  if (partner == nullptr) return {};
  const std::string state = text_at(*partner, "state");
  if (state.empty() || state == "ok") return {};
  const std::string error = text_at(*partner, "last_error");
  return runtime::concat(" (Partner API: ", state, error.empty() ? "" : ", ", error, ")");
}

bool HomeView::inventory_read() const {
  const json::Value* polls = health_.find("polls");
  const json::Value* inventory = polls == nullptr ? nullptr : polls->find("inventory");
  return inventory != nullptr && !text_at(*inventory, "last").empty();
}

std::vector<std::string> HomeView::missing() const {
  std::vector<std::string> missing;
  if (!running()) {
    missing.push_back(topics_.bridge("state") +
                      (bridge_state_.empty() ? ": nothing there; does a bridge run with this broker and base topic?"
                                             : ": the bridge is offline; start it with emporia2mqtt run"));
  }
  if (health_.is_null()) missing.push_back(topics_.bridge("health") + ": nothing there yet");
  if (devices_.as_array() == nullptr) {
    missing.push_back(topics_.bridge("devices") + ": the list of devices is not there yet" + told_by_partner());
  }
  const std::vector<DeviceView> listed = devices();
  // The list stands there empty until the service has been asked for it; the bridge's health tells when that was.
  if (devices_.as_array() != nullptr && listed.empty() && !inventory_read()) {
    missing.push_back(topics_.bridge("devices") + ": no device is known yet" + told_by_partner());
  }
  for (const DeviceView& device : listed) {
    if (!device.availability) missing.push_back(device.name + ": no availability yet");
    if (device.state.is_null()) {
      missing.push_back(device.name + ": no state yet");
    } else if (device.connected && text_at(device.state, "as_of").empty()) {
      missing.push_back(device.name + ": no energy booked yet" + told_by_partner());
    }
  }
  return missing;
}

}  // namespace emporia::cli
