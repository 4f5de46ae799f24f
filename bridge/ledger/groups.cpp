#include "ledger/groups.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/text.hpp"

namespace emporia::ledger {
namespace {

/// Takes over what `other` holds.
void merge(Groups::Family& family, Groups::Family& other) {
  family.devices.merge(other.devices);
  family.groups.merge(other.groups);
}

}  // namespace

Groups::Groups(std::vector<Group> groups) : groups_(std::move(groups)) {
  for (const Group& group : groups_) {
    Family family;
    family.groups.insert(group.id);
    for (const GroupMember& member : group.members) family.devices.insert(member.device);
    const auto apart = [&family](const Family& other) {
      return std::none_of(other.devices.begin(), other.devices.end(),
                          [&family](const model::DeviceId& device) { return family.devices.count(device) != 0; });
    };
    // A family that is joined is taken out, so that what is compared with the next one has all its devices.
    const auto joined = std::partition(families_.begin(), families_.end(), apart);
    for (auto other = joined; other != families_.end(); ++other) merge(family, *other);
    families_.erase(joined, families_.end());
    families_.push_back(std::move(family));
  }
  for (std::size_t number = 0; number < families_.size(); ++number) {
    for (const auto* ids : {&families_[number].devices, &families_[number].groups}) {
      for (const model::DeviceId& id : *ids) family_numbers_.emplace(id, number);
    }
  }
}

bool Groups::is_group(const model::DeviceId& id) const {
  return std::any_of(groups_.begin(), groups_.end(), [&id](const Group& group) { return group.id == id; });
}

std::optional<std::size_t> Groups::family_of(const model::DeviceId& id) const {
  const auto found = family_numbers_.find(id);
  if (found == family_numbers_.end()) return std::nullopt;
  return found->second;
}

std::string definition(const Group& group) {
  std::vector<std::string> parts;
  for (const GroupMember& member : group.members) {
    parts.push_back(runtime::concat(member.device.text(), ":", member.channel, "*", member.factor, "\n"));
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += part;
  return text;
}

MinuteSums sum_of(const Group& group, const HourOf& hour_of) {
  MinuteSums sums;
  for (const GroupMember& member : group.members) {
    const Hour* hour = hour_of(member.device);
    if (hour == nullptr || hour->folded) return {{}, 0, 0};
    const auto found = hour->channels.find(member.channel);
    if (found == hour->channels.end()) return {{}, 0, 0};
    const ChannelHour& booked = found->second;
    sums.whole &= booked.booked;
    for (unsigned i = 0; i < kMinutes; ++i) {
      // Rounded member by member, so that the sum is the same however a revision comes about.
      sums.energy[i] += std::llround(static_cast<double>(booked.energy[i]) * member.factor);
    }
  }
  sums.any = sums.whole;
  return sums;
}

void book_group(Account& account, const Group& group, Hour& hour, model::UtcSeconds start, MinuteSums sums,
                Minutes minutes, std::chrono::hours kept, Change& change) {
  const auto oldest = account.newest() - kept;
  minutes &= minutes_between(start, std::max(account.start, oldest), model::UtcSeconds::max());
  const BookedMinutes booked = book_minutes(account, hour, kGroupChannel, start, sums, minutes);
  if ((booked.fresh | booked.revised) == 0) return;
  change.booked.device = change.revised.device = group.id;
  change.revised.revised = true;
  change.hours[start] |= booked.fresh | booked.revised;
  for (unsigned i = 0; i < kMinutes; ++i) {
    const BookedSpan::Bucket bucket{start + std::chrono::minutes{i}, to_wh(sums.energy[i])};
    if ((booked.fresh >> i & 1) != 0) change.booked.channels[kGroupChannel].push_back(bucket);
    if ((booked.revised >> i & 1) != 0) change.revised.channels[kGroupChannel].push_back(bucket);
  }
}

}  // namespace emporia::ledger
