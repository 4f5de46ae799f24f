#pragma once

#include <string>
#include <vector>

namespace emporia::settings {

/// A circuit's part in a group.
struct GroupMember {
  std::string device;
  /// "mains", "balance", or the number of a channel.
  std::string channel;
  /// Above 0, at most 1.
  double share = 1;
  bool minus = false;
  friend bool operator==(const GroupMember&, const GroupMember&) = default;
};

/// A sum of circuits that is shown as a device of its own.
struct Group {
  /// Unique; lower case letters, digits and single hyphens within. Topics and identities follow from it.
  std::string id;
  std::string name;
  /// What is in plus first.
  std::vector<GroupMember> members;
  /// A word of group_directions().
  std::string direction = "consumption";
  friend bool operator==(const Group&, const Group&) = default;
};

}  // namespace emporia::settings
