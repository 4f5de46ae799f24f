#pragma once

#include <optional>
#include <set>
#include <string>

#include "model/energy.hpp"
#include "partner/oddities.hpp"

// What the readers of all replies share.
namespace emporia::partner {

// Far above any real text; keeps one hostile reply from filling memory and topics.
constexpr std::size_t kLongestId = 1000;
constexpr std::size_t kLongestText = 1000;

/// Cut where it is too long, at the border of a UTF-8 character.
std::string bounded(const std::string& text);

/// A usable id, or nothing with a note.
std::optional<model::DeviceId> usable_id(const std::string& text, Oddities& oddities);

constexpr bool plausible_channel(model::Channel channel) {
  return channel >= 1 && channel <= model::kLastChannel;
}

/// Reads every item that has a usable id nobody had before.
template <typename Items, typename IdOf, typename Read>
void each_once(const Items& items, Oddities& oddities, IdOf id_of, Read read) {
  std::set<model::DeviceId> seen;
  for (const auto& item : items) {
    const auto id = usable_id(id_of(item), oddities);
    if (!id) continue;
    if (!seen.insert(*id).second) {
      oddities.note(Oddity::device_twice, id->text());
      continue;
    }
    read(item, *id);
  }
}

}  // namespace emporia::partner
