#include "homeassistant/announcer.hpp"

#include <algorithm>
#include <utility>

#include "homeassistant/component.hpp"
#include "homeassistant/found_config.hpp"

namespace emporia::homeassistant {
namespace {

using runtime::Now;
using runtime::SteadyTime;

/// Of what strangers left at the broker no more than this is kept.
constexpr std::size_t kFoundBytes = 64U * 1024 * 1024;

using Shared = std::shared_ptr<const Discovery>;

/// `base`, which may be null, with the components of `more` that it lacks and that are not in `except`. Nothing is
/// copied when nothing is added: what is announced and what is wanted are one object most of the time.
Shared merged(const Shared& base, const Shared& more, const Discovery* except) {
  if (more == nullptr) return base;
  Components added;
  for (const auto& [key, component] : more->components) {
    const bool known = base != nullptr && base->components.count(key) != 0;
    if (!known && (except == nullptr || except->components.count(key) == 0)) added.emplace(key, component);
  }
  if (added.empty()) return base;
  Discovery result = base == nullptr ? Discovery{more->object, more->topic, more->head, {}} : *base;
  result.components.merge(added);
  return std::make_shared<const Discovery>(std::move(result));
}

/// The part of `discovery` that `wanted` lacks; null when there is none.
Shared left_out(const Shared& discovery, const Shared& wanted) {
  if (discovery == wanted) return nullptr;
  return merged(nullptr, discovery, wanted.get());
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
    if (topic.wanted != nullptr && *topic.wanted == discovery) continue;
    topic.wanted = std::make_shared<const Discovery>(discovery);
    forget_found(topic);
    schedule(topic, now);
  }
  for (const auto& entry : family(family_wanted.front().object)) {
    if (listed.count(entry->first) == 0) withdraw_later(entry->second, now);
  }
}

void Announcer::remove(const std::string& object, const Now& now) {
  for (const auto& entry : family(object)) withdraw_later(entry->second, now);
}

void Announcer::withdraw_later(Topic& topic, const Now& now) {
  topic.owes_withdrawal = topic.owes_withdrawal || topic.announced != nullptr || topic.deleted;
  topic.wanted = nullptr;
  topic.leaving = true;
  topic.deleted = false;
  schedule(topic, now);
}

void Announcer::schedule(Topic& topic, const Now& now) {
  topic.due = std::min(topic.due, std::max(now.steady, topic.earliest));
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

void Announcer::born(const Now& now) {
  listening_ = true;
  // Home Assistant asks its clients not to answer all at once.
  std::uniform_int_distribution<int> delay_ms(1000, 3000);
  const SteadyTime at = now.steady + std::chrono::milliseconds(delay_ms(random_));
  for (auto& [object, topic] : entries_) {
    topic.deleted = false;
    topic.reviving = merged(topic.reviving, topic.ghosts, nullptr);
    topic.ghosts = nullptr;
    topic.again = topic.wanted != nullptr || topic.reviving != nullptr;
    if (topic.again) topic.due = std::max(at, topic.earliest);
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
  Discovery discovery{*object, topic_name, std::move(config.head), std::move(config.components)};
  topic.tombs.insert(config.tombs.begin(), config.tombs.end());
  topic.announced = merged(topic.announced, std::make_shared<const Discovery>(std::move(discovery)), nullptr);
  const std::string device = object->substr(0, object->find('_', object->find('_') + 1));
  const auto head = entries_.find(device);
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
  topic.reviving = nullptr;
  topic.ghosts = nullptr;
  topic.tombs.clear();
  topic.stage = Stage::settled;
  if (topic.wanted == nullptr) {
    forget_found(topic);
    if (!topic.leaving) entries_.erase(entry);
    return;
  }
  if (topic.deleted || !topic.sent) return;
  topic.deleted = true;
  topic.due = std::max(now.steady, topic.earliest);
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

SteadyTime Announcer::next_deadline() const {
  if (open_at_ == runtime::kNever) return runtime::kNever;
  SteadyTime next = runtime::kNever;
  for (const auto& [object, topic] : entries_) next = std::min(next, topic.due);
  return next == runtime::kNever ? next : std::max(next, open_at_);
}

std::vector<Step> Announcer::on_time(const Now& now, const Standing& standing) {
  std::vector<Step> steps;
  if (now.steady < open_at_) return steps;
  std::vector<std::string> over;
  // What goes before what stays, which may be waiting for its identity.
  for (const bool staying : {false, true}) {
    for (auto& [object, topic] : entries_) {
      if ((topic.wanted != nullptr) != staying || topic.due > now.steady) continue;
      if (must_wait(object, topic, now, standing)) continue;
      topic.due = runtime::kNever;
      if (std::optional<Step> step = next_step(object, topic, now)) {
        steps.push_back(std::move(*step));
      } else if (topic.leaving && topic.ghosts == nullptr && topic.due == runtime::kNever) {
        over.push_back(object);
      }
    }
  }
  for (const std::string& object : over) {
    forget_found(entries_.at(object));
    entries_.erase(object);
  }
  return steps;
}

bool Announcer::must_wait(const std::string& object, Topic& topic, const Now& now, const Standing& standing) const {
  if (topic.stage == Stage::settled) return false;
  const bool late = !standing(topic_of(object));
  // The pause runs from the time when Home Assistant got the message, not from when it was handed over.
  const bool wait = late || topic.overdue;
  topic.overdue = late;
  if (wait) topic.due = now.steady + kPause;
  return wait;
}

std::optional<Step> Announcer::next_step(const std::string& object, Topic& topic, const Now& now) {
  if (topic.deleted) {
    if (!topic.sent) return std::nullopt;
    return say(Step::Kind::keep_deleted, object, topic, {}, now);
  }
  if (topic.wanted != nullptr) return next_announcement(object, topic, now);
  topic.stage = Stage::settled;
  if (Shared revived = std::exchange(topic.reviving, nullptr); revived != nullptr) {
    topic.announced = merged(topic.announced, revived, nullptr);
    topic.stage = Stage::reannounced;
    topic.due = now.steady + kPause;
    return say(Step::Kind::announce, object, topic, topic.announced->payload(), now);
  }
  topic.tombs.clear();
  const bool owed = std::exchange(topic.owes_withdrawal, false);
  if (topic.announced != nullptr) {
    for (const auto& [key, component] : topic.announced->components) topic.tombs.insert(key);
    if (!listening_) topic.ghosts = topic.announced;
  } else if (!owed) {
    return std::nullopt;
  }
  topic.announced = nullptr;
  topic.stage = Stage::withdrawn;
  topic.due = now.steady + kPause;
  return say(Step::Kind::withdraw, object, topic, {}, now);
}

std::optional<Step> Announcer::next_announcement(const std::string& object, Topic& topic, const Now& now) {
  Shared target = topic.wanted;
  const std::set<std::string> held = held_elsewhere(object);
  if (!held.empty()) {
    Discovery without = *target;
    for (const std::string& key : held) without.components.erase(key);
    target = std::make_shared<const Discovery>(std::move(without));
    topic.due = now.steady + kPause;
    if (target->components.empty() && topic.announced == nullptr) return std::nullopt;
  }
  const Shared revived = left_out(std::exchange(topic.reviving, nullptr), target);
  const Shared gone = merged(left_out(topic.announced, target), revived, nullptr);
  if (gone != nullptr && (topic.stage != Stage::reannounced || revived != nullptr)) {
    topic.announced = merged(target, gone, nullptr);
    topic.stage = Stage::reannounced;
    topic.tombs.clear();
    topic.due = now.steady + kPause;
    return say(Step::Kind::announce, object, topic, topic.announced->payload(), now);
  }
  if (gone != nullptr) {
    Components components = target->components;
    topic.tombs.clear();
    for (const auto& [key, component] : gone->components) {
      components.emplace(key, tombstone(component));
      topic.tombs.insert(key);
    }
    if (!listening_) topic.ghosts = merged(topic.ghosts, gone, nullptr);
    topic.announced = target;
    topic.stage = Stage::buried;
    topic.due = now.steady + kPause;
    return say(Step::Kind::bury, object, topic, discovery_payload(target->head, components), now);
  }
  topic.stage = Stage::settled;
  const bool same = topic.announced != nullptr && *topic.announced == *target;
  if (same && topic.tombs.empty() && topic.sent && !topic.again) return std::nullopt;
  topic.tombs.clear();
  topic.announced = target;
  return say(Step::Kind::announce, object, topic, target->payload(), now);
}

Step Announcer::say(Step::Kind kind, const std::string& object, Topic& topic, std::string payload, const Now& now) {
  topic.earliest = now.steady + kPause;
  topic.sent = kind != Step::Kind::keep_deleted;
  topic.echoes.expect(payload, now);
  return {kind, object, topic_of(object), std::move(payload), std::exchange(topic.again, false)};
}

std::set<std::string> Announcer::held_elsewhere(const std::string& object) {
  // Home Assistant refuses a second entity of the same identity while the first lives, and a circuit keeps its identity
  // when it moves between the monitor's message and one of its own. Keys are the same in both.
  std::set<std::string> held;
  const std::string device = object.substr(0, object.find('_', object.find('_') + 1));
  const Topic& own = entries_.at(object);
  for (const auto& entry : family(device)) {
    if (entry->first == object) continue;
    const Topic& other = entry->second;
    for (const auto& [key, component] : own.wanted->components) {
      const bool lives = other.announced != nullptr && other.announced->components.count(key) != 0;
      const bool dying = other.tombs.count(key) != 0;
      if (lives || dying) held.insert(key);
    }
  }
  return held;
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
    for (const Shared& discovery : {topic.announced, topic.reviving}) {
      if (discovery == nullptr || discovery == topic.wanted) continue;
      for (const auto& [key, component] : discovery->components) {
        if (topic.wanted != nullptr && topic.wanted->components.count(key) != 0) continue;
        if (const auto channel = channel_of(key, component)) channels.insert(*channel);
      }
    }
  }
  return channels;
}

}  // namespace emporia::homeassistant
