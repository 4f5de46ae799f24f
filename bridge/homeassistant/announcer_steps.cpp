// What an announcer says next; what it is told is in announcer.cpp.
#include <algorithm>
#include <utility>

#include "homeassistant/announcer.hpp"
#include "homeassistant/component_sets.hpp"

namespace emporia::homeassistant {

using runtime::Now;

std::vector<Step> Announcer::on_time(const Now& now, const Standing& standing) {
  std::vector<Step> steps;
  if (now.steady < open_at_ || now.steady < none_due_before_) return steps;
  std::vector<std::string> over;
  // What goes before what stays, which may be waiting for its identity.
  for (const bool staying : {false, true}) {
    for (auto& [object, topic] : entries_) {
      if (steps.size() == kStepsTogether) break;
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
  forget_old_ghosts(over);
  for (const std::string& object : over) {
    forget_found(entries_.at(object));
    entries_.erase(object);
  }
  none_due_before_ = runtime::kNever;
  for (const auto& [object, topic] : entries_) none_due_before_ = std::min(none_due_before_, topic.due);
  return steps;
}

void Announcer::forget_old_ghosts(std::vector<std::string>& over) const {
  constexpr std::size_t kGhostsKept = 200;
  std::size_t ghosts = 0;
  for (const auto& [object, topic] : entries_) {
    const bool only_ghosts = topic.leaving && topic.ghosts != nullptr && topic.due == runtime::kNever;
    if (only_ghosts && ++ghosts > kGhostsKept) over.push_back(object);
  }
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
  settle_burial(topic);
  if (topic.deleted) {
    if (!topic.sent) return std::nullopt;
    return say(Step::Kind::keep_deleted, object, topic, {}, now);
  }
  if (topic.wanted != nullptr) return next_announcement(object, topic, now);
  topic.stage = Stage::settled;
  if (const Shared revived = take_reviving(object, topic); revived != nullptr) {
    topic.announced = merged(topic.announced, revived);
    topic.stage = Stage::reannounced;
    topic.due = now.steady + kPause;
    return say(Step::Kind::announce, object, topic, topic.announced->payload(), now);
  }
  topic.tombs.clear();
  const bool owed = std::exchange(topic.owes_withdrawal, false);
  if (topic.announced != nullptr) {
    for (const auto& [key, component] : topic.announced->components) topic.tombs.insert(key);
    bury(topic, topic.announced);
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
    Announcement without = *target;
    for (const std::string& key : held) without.components.erase(key);
    target = std::make_shared<const Announcement>(std::move(without));
    topic.due = now.steady + kPause;
    if (target->components.empty() && topic.announced == nullptr) return std::nullopt;
  }
  const Shared revived = left_out(take_reviving(object, topic), target);
  const Shared gone = merged(left_out(topic.announced, target), revived);
  if (gone != nullptr && (topic.stage != Stage::reannounced || revived != nullptr)) {
    topic.announced = merged(target, gone);
    topic.stage = Stage::reannounced;
    topic.tombs.clear();
    topic.due = now.steady + kPause;
    return say(Step::Kind::announce, object, topic, topic.announced->payload(), now);
  }
  if (gone != nullptr) {
    auto components = target->components;
    topic.tombs.clear();
    for (const auto& [key, component] : gone->components) {
      components.emplace(key, kept_tombstone(component));
      topic.tombs.insert(key);
    }
    bury(topic, gone);
    topic.announced = target;
    topic.stage = Stage::buried;
    topic.due = now.steady + kPause;
    return say(Step::Kind::bury, object, topic, target->payload_with(components), now);
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
  const Topic& own = entries_.at(object);
  for (const auto& entry : relatives(object)) {
    const Topic& other = entry->second;
    for (const auto& [key, component] : own.wanted->components) {
      const bool lives = has(other.announced, key);
      const bool dying = other.tombs.count(key) != 0;
      if (lives || dying) held.insert(key);
    }
  }
  return held;
}

Shared Announcer::take_reviving(const std::string& object, Topic& topic) {
  const Shared reviving = left_out(std::exchange(topic.reviving, nullptr), topic.wanted);
  if (reviving == nullptr) return nullptr;
  Announcement now = *reviving;
  Announcement later = *reviving;
  later.components.clear();
  for (const auto& entry : relatives(object)) {
    const Topic& member = entry->second;
    for (const auto& [key, component] : reviving->components) {
      // The registry knows the identity and not the topic: what another message announces is no ghost any more, what
      // it is yet to announce or has just removed may still become one.
      const bool lives = has(member.announced, key);
      const bool busy = has(member.wanted, key) || member.tombs.count(key) != 0;
      if (lives || busy) now.components.erase(key);
      if (busy && !lives) later.components.emplace(key, component);
    }
  }
  topic.ghosts = merged(topic.ghosts, std::make_shared<const Announcement>(std::move(later)));
  if (now.components.empty()) return nullptr;
  return std::make_shared<const Announcement>(std::move(now));
}

void Announcer::bury(Topic& topic, Shared gone) {
  topic.burying = std::move(gone);
  topic.buried_in = listening_;
}

void Announcer::settle_burial(Topic& topic) {
  const bool heard = topic.buried_in != 0 && topic.buried_in == listening_;
  const Shared buried = std::exchange(topic.burying, nullptr);
  if (heard) return;
  topic.ghosts = merged(topic.ghosts, buried);
  // More than a device ever had: somebody else writes under our name.
  constexpr std::size_t kMostGhosts = 2000;
  if (topic.ghosts != nullptr && topic.ghosts->components.size() > kMostGhosts) topic.ghosts = nullptr;
}

}  // namespace emporia::homeassistant
