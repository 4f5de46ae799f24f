#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

#include "model/ids.hpp"

namespace emporia::model {

/// A value for each of some channels: a std::map in one piece of memory, because a device has few of them and they are
/// copied together, for each booking and each picture of a fleet, where a node for each was most of the cost. Goes by
/// ascending channels. Unlike in a std::map, adding an entry moves the others: no reference and no iterator outlives
/// it.
template <typename Value>
class ByChannel {
 public:
  using value_type = std::pair<Channel, Value>;
  using iterator = typename std::vector<value_type>::iterator;
  using const_iterator = typename std::vector<value_type>::const_iterator;

  ByChannel() = default;
  /// Of several for one channel the first counts.
  ByChannel(std::initializer_list<value_type> entries) {
    for (const value_type& entry : entries) try_emplace(entry.first, entry.second);
  }

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  /// Of the highest channel; only when there is one.
  const value_type& back() const { return entries_.back(); }

  iterator find(Channel channel) { return found(*this, channel); }
  const_iterator find(Channel channel) const { return found(*this, channel); }
  std::size_t count(Channel channel) const { return find(channel) == end() ? 0 : 1; }
  /// Throws std::out_of_range where there is none.
  Value& at(Channel channel) { return entries_.at(index_of(channel)).second; }
  const Value& at(Channel channel) const { return entries_.at(index_of(channel)).second; }
  Value& operator[](Channel channel) { return try_emplace(channel).first->second; }

  /// Where the channel's value is now, and whether it is new: one that is there stays as it is.
  template <typename... From>
  std::pair<iterator, bool> try_emplace(Channel channel, From&&... from) {
    const iterator place = place_of(*this, channel);
    if (place != end() && place->first == channel) return {place, false};
    return {entries_.emplace(place, channel, Value(std::forward<From>(from)...)), true};
  }
  /// How many there were: one or none.
  std::size_t erase(Channel channel) {
    const iterator entry = find(channel);
    if (entry == end()) return 0;
    entries_.erase(entry);
    return 1;
  }
  std::pair<iterator, bool> emplace(Channel channel, Value value) { return try_emplace(channel, std::move(value)); }

  friend bool operator==(const ByChannel&, const ByChannel&) = default;

 private:
  /// Of the first entry that is not below the channel. They mostly come in their order, and mostly few numbers are left
  /// out: at the index i no channel can be below i, and the one that is looked for is at the highest place possible or
  /// a little before it.
  template <typename Self>
  static auto place_of(Self& self, Channel channel) {
    constexpr unsigned kLeftOut = 3;
    auto& entries = self.entries_;
    if (entries.empty() || entries.back().first < channel) return entries.end();
    auto place = entries.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(channel, entries.size() - 1));
    for (unsigned step = 0; step < kLeftOut && place->first >= channel; ++step) {
      if (place == entries.begin() || std::prev(place)->first < channel) return place;
      --place;
    }
    return std::lower_bound(entries.begin(), entries.end(), channel,
                            [](const value_type& entry, Channel wanted) { return entry.first < wanted; });
  }
  template <typename Self>
  static auto found(Self& self, Channel channel) {
    const auto place = place_of(self, channel);
    return place != self.entries_.end() && place->first == channel ? place : self.entries_.end();
  }
  std::size_t index_of(Channel channel) const { return static_cast<std::size_t>(find(channel) - begin()); }

  std::vector<value_type> entries_;
};

}  // namespace emporia::model
