#include "homeassistant/announcer.hpp"

#include <algorithm>
#include <utility>

#include "homeassistant/component_sets.hpp"
#include "homeassistant/found_config.hpp"

namespace emporia::homeassistant {
namespace {

using runtime::Now;
using runtime::SteadyTime;

/// Of what strangers left at the broker no more than this is kept.
constexpr std::size_t kFoundBytes = std::size_t{64} * 1024 * 1024;

/// The object of the device that a circuit's object belongs to; ids contain no '_'.
std::string device_of(const std::string& object) {
  return object.substr(0, object.find('_', object.find('_') + 1));
}

}  // namespace

Announcer::Announcer(mqtt::TopicTree topics, std::string origin_name, std::uint64_t seed)
    : topics_(std::move(topics)), origin_name_(std::move(origin_name)), random_(seed) {}

void Announcer::want(const std::vector<Discovery>& family_wanted, const Now& now) {
  if (family_wanted.empty()) return;
  std::set<std::string> listed;
  for (const Discovery& discovery : family_wanted) {
    listed.insert(discovery.object);
    Topic& topic = entries_[discovery.object];
    topic.leaving = false;
    topic.owes_withdrawal = false;
    Announcement wanted = kept(discovery);
    if (topic.wanted != nullptr && *topic.wanted == wanted) continue;
    topic.wanted = std::make_shared<const Announcement>(std::move(wanted));
    forget_found(topic);
    schedule(topic, now);
  }
  for (const auto& entry : family(family_wanted.front().object)) {
    if (listed.count(entry->first) == 0) withdraw_later(entry->second, now);
  }
}

bool Announcer::remove(const std::string& object, const Now& now) {
  for (const auto& entry : family(object)) withdraw_later(entry->second, now);
  const auto own = entries_.find(object);
  return own != entries_.end() && own->second.owes_withdrawal;
}

void Announcer::withdraw_later(Topic& topic, const Now& now) {
  topic.owes_withdrawal = topic.owes_withdrawal || topic.announced != nullptr || topic.deleted;
  topic.wanted = nullptr;
  topic.leaving = true;
  topic.deleted = false;
  schedule(topic, now);
}

void Announcer::schedule(Topic& topic, const Now& now) {
  make_due(topic, std::min(topic.due, std::max(now.steady, topic.earliest)));
}

void Announcer::make_due(Topic& topic, SteadyTime when) {
  topic.due = when;
  none_due_before_ = std::min(none_due_before_, when);
}

void Announcer::link_up(const Now& now) {
  if (open_at_ == runtime::kNever) {
    open_at_ = now.steady + kReadBack;
    return;
  }
  // Whoever keeps the retained messages says them all again now.
  for (auto& [object, topic] : entries_) {
    topic.earliest = std::max(topic.earliest, now.steady + kPause);
    topic.overdue = false;
    if (topic.due != runtime::kNever) topic.due = std::max(topic.due, topic.earliest);
  }
}

void Announcer::replayed(const Now& now) {
  if (open_at_ != runtime::kNever) open_at_ = std::min(open_at_, now.steady);
}

void Announcer::born(const Now& now) {
  listening_ = ++births_;
  // Home Assistant asks its clients not to answer all at once.
  std::uniform_int_distribution<int> delay_ms(1000, 3000);
  const SteadyTime at = now.steady + std::chrono::milliseconds(delay_ms(random_));
  for (auto& [object, topic] : entries_) {
    topic.deleted = false;
    settle_burial(topic);
    topic.reviving = merged(topic.reviving, std::exchange(topic.ghosts, nullptr));
    topic.again = topic.wanted != nullptr || topic.reviving != nullptr;
    if (topic.again) make_due(topic, std::max(at, topic.earliest));
  }
}

void Announcer::found(const std::string& topic_name, const std::string& payload, const Now& now) {
  const std::optional<std::string> object = object_of(topic_name);
  if (!object) return;
  const auto known = entries_.find(*object);
  if (known != entries_.end() && known->second.echoes.take(payload, now)) return;
  if (payload.empty()) {
    if (known != entries_.end()) found_empty(known, now);
    return;
  }
  const bool wanted = known != entries_.end() && known->second.wanted != nullptr;
  if (!wanted && found_bytes_ + payload.size() > kFoundBytes) return;
  FoundConfig config = read_config(payload, topics_, origin_name_);
  if (!config.ours) return;

  Topic& topic = entries_[*object];
  if (!wanted) {
    topic.found_bytes += payload.size();
    found_bytes_ += payload.size();
  }
  const Discovery discovery{*object, topic_name, std::move(config.head), std::move(config.components)};
  topic.tombs.insert(config.tombs.begin(), config.tombs.end());
  topic.announced = merged(topic.announced, std::make_shared<const Announcement>(kept(discovery)));
  const auto head = entries_.find(device_of(*object));
  if (topic.wanted != nullptr) {
    // Only what must be removed is worth a message: two bridges that share a name would otherwise answer each other.
    if (left_out(topic.announced, topic.wanted) != nullptr) schedule(topic, now);
  } else if (topic.leaving || (head != entries_.end() && head->second.wanted != nullptr)) {
    withdraw_later(topic, now);
  }
}

void Announcer::forget_found(Topic& topic) {
  found_bytes_ -= std::exchange(topic.found_bytes, 0);
}

void Announcer::found_empty(Topics::iterator entry, const Now& now) {
  Topic& topic = entry->second;
  topic.announced = nullptr;
  settle_burial(topic);
  topic.ghosts = merged(topic.ghosts, std::exchange(topic.reviving, nullptr));
  topic.tombs.clear();
  topic.stage = Stage::settled;
  if (topic.wanted == nullptr) {
    forget_found(topic);
    if (topic.leaving) {
      topic.owes_withdrawal = true;
      make_due(topic, now.steady);
    } else if (topic.ghosts == nullptr) {
      entries_.erase(entry);
    }
    return;
  }
  if (topic.deleted || !topic.sent) return;
  topic.deleted = true;
  make_due(topic, now.steady);  // no pause: it says what Home Assistant has just said itself
}

std::optional<std::string> Announcer::object_of(const std::string& topic) const {
  const std::string_view start = "emporia_";
  const std::string before = topics_.prefix() + "/device/";
  const std::string_view after = "/config";
  if (topic.size() <= before.size() + after.size() || topic.compare(0, before.size(), before) != 0) return std::nullopt;
  std::string object = topic.substr(before.size(), topic.size() - before.size() - after.size());
  if (topic_of(object) != topic || object.compare(0, start.size(), start) != 0) return std::nullopt;
  if (object.find('/') != std::string::npos) return std::nullopt;
  return object;
}

std::vector<std::string> Announcer::leftovers() const {
  std::vector<std::string> objects;
  for (const auto& [object, topic] : entries_) {
    if (topic.wanted == nullptr && !topic.leaving && topic.announced != nullptr) objects.push_back(object);
  }
  return objects;
}

std::vector<Announcer::Topics::iterator> Announcer::family(const std::string& object) {
  std::vector<Topics::iterator> members;
  if (const auto own = entries_.find(object); own != entries_.end()) members.push_back(own);
  const std::string prefix = object + "_";
  for (auto entry = entries_.lower_bound(prefix); entry != entries_.end(); ++entry) {
    if (entry->first.compare(0, prefix.size(), prefix) != 0) break;
    members.push_back(entry);
  }
  return members;
}

std::vector<Announcer::Topics::iterator> Announcer::relatives(const std::string& object) {
  std::vector<Topics::iterator> others = family(device_of(object));
  const auto self = [&object](const Topics::iterator& entry) { return entry->first == object; };
  others.erase(std::remove_if(others.begin(), others.end(), self), others.end());
  return others;
}

SteadyTime Announcer::next_deadline() const {
  if (open_at_ == runtime::kNever || none_due_before_ == runtime::kNever) return runtime::kNever;
  return std::max(none_due_before_, open_at_);
}

std::set<model::Channel> Announcer::lingering(const std::string& object) const {
  std::set<model::Channel> channels;
  const auto device = entries_.find(object);
  if (device == entries_.end() || device->second.wanted == nullptr) return channels;
  const std::string prefix = object + "_";
  for (auto entry = device; entry != entries_.end(); ++entry) {
    const bool own = entry->first == object;
    if (entry->first.compare(0, object.size(), object) != 0) break;
    if (!own && entry->first.compare(0, prefix.size(), prefix) != 0) continue;
    const Topic& topic = entry->second;
    for (const Shared& announcement : {topic.announced, topic.reviving}) {
      if (announcement == nullptr || announcement == topic.wanted) continue;
      for (const auto& [key, component] : announcement->components) {
        if (has(topic.wanted, key)) continue;
        if (const auto channel = kept_channel(key, component)) channels.insert(*channel);
      }
    }
  }
  return channels;
}

}  // namespace emporia::homeassistant
