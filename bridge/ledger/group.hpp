#pragma once

#include <vector>

#include "model/ids.hpp"

namespace emporia::ledger {

/// A channel's part in a group.
struct GroupMember {
  model::DeviceId device;
  /// A measured channel, or what is computed of a monitor: model::kMergedMains, model::kBalance.
  model::Channel channel = 0;
  /// How much of the channel's energy counts, and with which sign: -0.5 takes half of it away.
  double factor = 1;
};

/// A sum of channels of any devices, with an account and hours of its own like a device.
struct Group {
  model::DeviceId id;
  std::vector<GroupMember> members;
};

/// The channel of a group's account that holds its sum.
inline constexpr model::Channel kGroupChannel = 1;

}  // namespace emporia::ledger
