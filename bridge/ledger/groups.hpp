#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/account.hpp"
#include "ledger/derived.hpp"
#include "ledger/group.hpp"

namespace emporia::ledger {

/// All groups, and which devices are tied together by them.
class Groups {
 public:
  /// Devices that are summed up together, be it through another one of them, and the groups that do it. The single
  /// values of an hour are kept until all of them are done with it: a late value of one is added to those of the
  /// others.
  struct Family {
    std::set<model::DeviceId> devices;
    std::set<model::DeviceId> groups;
  };

  Groups() = default;
  explicit Groups(std::vector<Group> groups);

  const std::vector<Group>& all() const { return groups_; }
  bool is_group(const model::DeviceId& id) const;
  /// Of a member or a group; nothing for devices that no group counts.
  std::optional<std::size_t> family_of(const model::DeviceId& id) const;
  const Family& family(std::size_t number) const { return families_[number]; }

 private:
  std::vector<Group> groups_;
  std::vector<Family> families_;
  std::unordered_map<model::DeviceId, std::size_t> family_numbers_;
};

/// The members as one text, the same in whatever order they stand.
std::string definition(const Group& group);

/// What is booked of a device in the hour in question; nullptr when nothing is.
using HourOf = std::function<const Hour*(const model::DeviceId&)>;

/// The group's energy in each minute of an hour, whole where every member has a value. Of a folded hour nothing can be
/// told any more.
MinuteSums sum_of(const Group& group, const HourOf& hour_of);

/// Books these minutes of the sums into the group's account and hour, from the account's start on and not older than
/// `kept` before its newest.
void book_group(Account& account, const Group& group, Hour& hour, model::UtcSeconds start, MinuteSums sums,
                Minutes minutes, std::chrono::hours kept, Change& change);

}  // namespace emporia::ledger
