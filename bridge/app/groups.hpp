#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ledger/usage_ledger.hpp"
#include "model/home.hpp"
#include "settings/settings.hpp"

namespace emporia::app {

/// The configured groups as devices: "group:<id>", beside those of the account. They are told to the home with every
/// inventory, so that only the configuration takes one away. Belongs to the loop's thread.
class GroupDevices {
 public:
  /// Names the groups to the ledger, which outlives this. Throws std::runtime_error with a sentence for people when it
  /// cannot take them.
  GroupDevices(const std::vector<settings::Group>& groups, ledger::UsageLedger& ledger);

  /// Takes out what claims a group's id. No product of Emporia's does; it would mix its energy with the group's.
  void drop_impostors(std::vector<model::Device>& inventory);
  /// The groups as of this inventory, connected when all their devices are. A member that is not to be found is warned
  /// of once, and its group is not connected: a sum without it would be wrong.
  std::vector<model::Device> devices(const std::vector<model::Device>& inventory,
                                     const std::vector<model::DeviceId>& left_out, const model::Home& home);
  /// Whether a group with this device has not begun to count and is not yet shown at its starting value.
  bool begins_with(const model::DeviceId& device, const std::function<bool(const model::DeviceId&)>& shown) const;
  /// The group lacks a member as of the last inventory, so that nothing is known of its energy.
  bool lacks_member(const model::DeviceId& group) const { return lacking_.count(group) != 0; }
  /// What was booked of groups, as usage.
  std::vector<model::DeviceUsage> booked(const std::vector<ledger::BookedSpan>& spans) const;

 private:
  struct GroupDevice {
    model::Device device;
    std::vector<ledger::GroupMember> members;
  };
  /// Warns once of a group of one direction of which a good part flows the other way.
  void look_at_direction(const model::Device& group);
  /// Nothing when the channel is there, else what is wrong.
  std::string complaint(const ledger::GroupMember& member, const model::Device* device,
                        const std::vector<model::Device>& inventory,
                        const std::vector<model::DeviceId>& left_out) const;

  const ledger::UsageLedger& ledger_;
  std::vector<GroupDevice> groups_;
  std::set<model::DeviceId> lacking_;
  /// What has been warned of and is still so.
  std::set<std::string> warned_;
};

}  // namespace emporia::app
