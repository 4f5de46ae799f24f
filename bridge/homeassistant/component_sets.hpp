#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "homeassistant/discovery.hpp"

namespace emporia::homeassistant {

/// A discovery message as it is kept: its parts as text. As values a full monitor's would take 150 kB each.
struct Announcement {
  std::string object;
  std::string topic;
  /// A JSON object: the root keys but for the components.
  std::string head;
  /// By their key, each a JSON object.
  std::map<std::string, std::string> components;

  std::string payload() const { return payload_with(components); }
  std::string payload_with(const std::map<std::string, std::string>& others) const;
  friend bool operator==(const Announcement&, const Announcement&) = default;
};
Announcement kept(const Discovery& discovery);

/// tombstone() and channel_of() of a component as it is kept.
std::string kept_tombstone(const std::string& component);
std::optional<model::Channel> kept_channel(const std::string& key, const std::string& component);

/// Announcements as sets of components. They are shared and never changed, because what is announced and what is wanted
/// are one object most of the time; null is the empty set.
using Shared = std::shared_ptr<const Announcement>;

/// `base` with the components of `more` that it lacks and that are not in `except`; `base` itself when there are none.
Shared merged(const Shared& base, const Shared& more, const Announcement* except = nullptr);

/// The part of `announcement` that `wanted` lacks; null when there is none.
Shared left_out(const Shared& announcement, const Shared& wanted);

bool has(const Shared& announcement, const std::string& key);

}  // namespace emporia::homeassistant
