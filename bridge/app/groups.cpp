#include "app/groups.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include "mqtt/message.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "settings/nearest.hpp"

namespace emporia::app {
namespace {

using runtime::concat;

constexpr const char* kRoom = "groups";

/// What the configuration has checked already.
model::Channel channel_of(const std::string& text) {
  if (text == "mains") return model::kMergedMains;
  if (text == "balance") return model::kBalance;
  model::Channel channel = 0;
  std::from_chars(text.data(), text.data() + text.size(), channel);
  return channel;
}

std::string text_of(model::Channel channel) {
  if (channel == model::kMergedMains) return "mains";
  if (channel == model::kBalance) return "balance";
  return std::to_string(channel);
}

model::EnergyDirection direction_of(const std::string& text) {
  using model::EnergyDirection;
  for (const auto direction : {EnergyDirection::generation, EnergyDirection::bidirectional}) {
    if (text == model::word(direction)) return direction;
  }
  return EnergyDirection::consumption;
}

/// The channels that a group may count of the device, as they are written.
std::vector<std::string> channels_of(const model::Device& device, const ledger::Counters& counters) {
  std::set<model::Channel> channels;
  if (model::is_monitor(device.model)) channels = {model::kMergedMains, model::kBalance};
  if (!model::is_monitor(device.model) && device.circuits.empty()) channels = {1};
  for (const model::Circuit& circuit : device.circuits) channels.insert(circuit.channel);
  for (const auto& [channel, counter] : counters) channels.insert(channel);
  std::vector<std::string> texts;
  texts.reserve(channels.size());
  for (const model::Channel channel : channels) texts.push_back(text_of(channel));
  return texts;
}

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

const model::Device* find(const std::vector<model::Device>& inventory, const model::DeviceId& id) {
  const auto found =
      std::find_if(inventory.begin(), inventory.end(), [&id](const model::Device& device) { return device.id == id; });
  return found == inventory.end() ? nullptr : &*found;
}

}  // namespace

GroupDevices::GroupDevices(const std::vector<settings::Group>& groups, ledger::UsageLedger& ledger) : ledger_(ledger) {
  std::vector<ledger::Group> counted;
  for (const settings::Group& group : groups) {
    GroupDevice own;
    own.device.id = model::DeviceId(std::string(mqtt::kGroupIds) + group.id);
    own.device.model = model::DeviceModel::group;
    own.device.name = group.name;
    model::Circuit sum;
    sum.channel = ledger::kGroupChannel;
    sum.direction = direction_of(group.direction);
    own.device.circuits = {sum};
    for (const settings::GroupMember& member : group.members) {
      own.members.push_back(
          {model::DeviceId(member.device), channel_of(member.channel), member.minus ? -member.share : member.share});
    }
    counted.push_back({own.device.id, own.members});
    groups_.push_back(std::move(own));
  }
  if (const auto set = ledger.set_groups(std::move(counted)); !set) throw std::runtime_error(set.error().text);
}

void GroupDevices::drop_impostors(std::vector<model::Device>& inventory) {
  const auto is_one = [this](const model::Device& device) {
    if (device.id.text().compare(0, mqtt::kGroupIds.size(), mqtt::kGroupIds) != 0) return false;
    if (warned_.insert(device.id.text()).second) {
      runtime::log_warning(kRoom, concat("the account has a device ", settings::in_quotes(device.id.text()),
                                         ", and ids of that form are kept for groups: it is left out"));
    }
    return true;
  };
  inventory.erase(std::remove_if(inventory.begin(), inventory.end(), is_one), inventory.end());
}

std::string GroupDevices::complaint(const ledger::GroupMember& member, const model::Device* device,
                                    const std::vector<model::Device>& inventory,
                                    const std::vector<model::DeviceId>& left_out) const {
  const std::string id = settings::in_quotes(member.device.text());
  if (std::find(left_out.begin(), left_out.end(), member.device) != left_out.end()) {
    return concat("include and exclude of [devices] leave out ", id,
                  ", whose energy is then not read: show it, or take it out of the group");
  }
  if (device == nullptr) {
    std::vector<std::string> ids;
    ids.reserve(inventory.size());
    for (const model::Device& each : inventory) ids.push_back(each.id.text());
    const std::string_view near = settings::nearest(member.device.text(), views_of(ids));
    return concat("the account has no device ", id,
                  near.empty() ? std::string("; the topic bridge/devices lists those it has")
                               : concat("; did you mean ", settings::in_quotes(near), "?"));
  }
  const std::vector<std::string> channels = channels_of(*device, ledger_.counters(member.device));
  const std::string channel = text_of(member.channel);
  if (std::find(channels.begin(), channels.end(), channel) != channels.end()) return {};
  return concat(id, ", a ", model::product_name(device->model), ", has no channel ", channel, "; it has ",
                settings::listed(views_of(channels), "and", false));
}

void GroupDevices::look_at_direction(const model::Device& group) {
  constexpr double kOfNoAccountWh = 100;
  constexpr double kOfNoAccountPart = 0.05;
  const ledger::Counters& counters = ledger_.counters(group.id);
  const auto direction = model::group_direction(group);
  const auto counter = counters.find(ledger::kGroupChannel);
  if (counter == counters.end() || direction == model::EnergyDirection::bidirectional) return;
  const bool generates = direction == model::EnergyDirection::generation;
  const double shown_wh = generates ? counter->second.negative_wh() : counter->second.positive_wh();
  const double other_wh = generates ? counter->second.positive_wh() : counter->second.negative_wh();
  if (other_wh < kOfNoAccountWh || other_wh < kOfNoAccountPart * (shown_wh + other_wh)) return;
  if (!warned_.insert(group.id.text()).second) return;
  runtime::log_warning(kRoom, concat("group ", settings::in_quotes(group.name), ": ", std::llround(other_wh),
                                     " Wh of its energy flow against its direction, which is ", model::word(direction),
                                     ", and are not in its counter: direction = \"bidirectional\" shows both"));
}

std::vector<model::Device> GroupDevices::devices(const std::vector<model::Device>& inventory,
                                                 const std::vector<model::DeviceId>& left_out,
                                                 const model::Home& home) {
  std::vector<model::Device> devices;
  lacking_.clear();
  for (const GroupDevice& group : groups_) {
    model::Device device = group.device;
    device.connected = true;
    for (const ledger::GroupMember& member : group.members) {
      const model::Device* found = find(inventory, member.device);
      device.connected = device.connected && found != nullptr && found->connected;
      // A device that one reply leaves out is not gone yet.
      const model::DevicePicture* known = home.find(member.device);
      if (found == nullptr && known != nullptr) found = &known->device;
      if (found != nullptr && device.timezone.empty()) {
        device.timezone = found->timezone;
        device.billing_cycle_start_day = found->billing_cycle_start_day;
      }
      const std::string wrong = complaint(member, found, inventory, left_out);
      const std::string key = concat(device.id.text(), " ", member.device.text(), ":", text_of(member.channel));
      if (wrong.empty()) {
        warned_.erase(key);
        continue;
      }
      device.connected = false;
      lacking_.insert(device.id);
      if (warned_.insert(key).second) {
        runtime::log_warning(kRoom, concat("group ", settings::in_quotes(device.name), " is unavailable: ", wrong));
      }
    }
    look_at_direction(device);
    devices.push_back(std::move(device));
  }
  return devices;
}

bool GroupDevices::begins_with(const model::DeviceId& device,
                               const std::function<bool(const model::DeviceId&)>& shown) const {
  return std::any_of(groups_.begin(), groups_.end(), [&](const GroupDevice& group) {
    const bool has = std::any_of(group.members.begin(), group.members.end(),
                                 [&device](const ledger::GroupMember& member) { return member.device == device; });
    return has && ledger_.counters(group.device.id).empty() && !shown(group.device.id);
  });
}

std::vector<model::DeviceUsage> GroupDevices::booked(const std::vector<ledger::BookedSpan>& spans) const {
  std::vector<model::DeviceUsage> usages;
  for (const ledger::BookedSpan& span : spans) {
    const auto is_it = [&span](const GroupDevice& group) { return group.device.id == span.device; };
    if (std::none_of(groups_.begin(), groups_.end(), is_it)) continue;
    model::DeviceUsage usage{span.device, span.scale, {}, {{ledger::kGroupChannel, {}}}};
    for (const auto& bucket : span.channels.at(ledger::kGroupChannel)) {
      usage.starts.push_back(bucket.start);
      usage.channels.front().energy_wh.push_back(bucket.energy_wh);
    }
    usages.push_back(std::move(usage));
  }
  return usages;
}

}  // namespace emporia::app
