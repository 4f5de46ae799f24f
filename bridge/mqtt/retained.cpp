#include "mqtt/retained.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace emporia::mqtt {

bool Retained::want(const std::string& topic, const std::string& payload) {
  return put(topic, payload);
}
bool Retained::forget(const std::string& topic) {
  return put(topic, "");
}

bool Retained::put(const std::string& topic, const std::string& payload) {
  const auto known = index_.find(topic);
  if (known == index_.end()) {
    Entry& entry = entries_.emplace_back();
    entry.topic = topic;
    entry.payload = payload;
    entry.last = last_topics_.count(topic) > 0;
    index_.emplace(entry.topic, std::prev(entries_.end()));
    wait(entry);
    return false;
  }
  Entry& entry = *known->second;
  if (entry.payload == payload) return false;
  entry.payload = payload;
  switch (entry.state) {
    case State::waiting:
      return true;
    case State::in_flight:
      entry.again = true;
      return false;
    case State::refused:
      return false;
    case State::standing:
      break;
  }
  wait(entry);
  return false;
}

void Retained::wait(Entry& entry) {
  entry.state = State::waiting;
  entry.arrival = arrival();
  (entry.last ? last_ : ordinary_).push_back(&entry);
}

void Retained::assert_all() {
  ordinary_.clear();
  last_.clear();
  for (const bool last : {false, true}) {
    for (Entry& entry : entries_) {
      if (entry.last != last) continue;
      if (entry.state == State::in_flight) {
        entry.again = true;
      } else if (entry.state != State::refused) {
        wait(entry);
      }
    }
  }
}

void Retained::assert_one(const std::string& topic) {
  const auto known = index_.find(topic);
  if (known == index_.end()) return;
  Entry& entry = *known->second;
  switch (entry.state) {
    case State::waiting:
      return;
    case State::in_flight:
      entry.again = true;
      return;
    case State::refused:
      return;
    case State::standing:
      break;
  }
  wait(entry);
}

Retained::Entry* Retained::next() const {
  if (!last_.empty() && last_may_go()) return last_.front();
  return ordinary_.empty() ? nullptr : ordinary_.front();
}

bool Retained::last_may_go() const {
  const std::uint64_t arrival = last_.front()->arrival;
  if (!ordinary_.empty() && ordinary_.front()->arrival < arrival) return false;
  return std::none_of(in_flight_.begin(), in_flight_.end(),
                      [&](const Entry* entry) { return !entry->last && entry->arrival < arrival; });
}

std::optional<Retained::Change> Retained::take() {
  Entry* entry = next();
  if (entry == nullptr) return std::nullopt;
  (entry->last ? last_ : ordinary_).pop_front();
  entry->state = State::in_flight;
  in_flight_.push_back(entry);
  return Change{entry->topic, entry->payload};
}

std::uint64_t Retained::next_arrival() const {
  const Entry* entry = next();
  return entry == nullptr ? std::numeric_limits<std::uint64_t>::max() : entry->arrival;
}

Retained::Entries::iterator Retained::landed(const std::string& topic) {
  const auto known = index_.find(topic);
  if (known == index_.end() || known->second->state != State::in_flight) return entries_.end();
  std::erase(in_flight_, &*known->second);
  return known->second;
}

void Retained::delivered(const std::string& topic, bool ok) {
  const auto entry = landed(topic);
  if (entry == entries_.end()) return;
  const bool again = std::exchange(entry->again, false);
  if (!ok) {
    entry->state = State::refused;
    ++refused_;
  } else if (again) {
    wait(*entry);
  } else if (entry->payload.empty()) {
    index_.erase(entry->topic);
    entries_.erase(entry);
  } else {
    entry->state = State::standing;
  }
}

void Retained::lost(const std::string& topic) {
  const auto entry = landed(topic);
  if (entry == entries_.end()) return;
  entry->again = false;
  wait(*entry);
}

void Retained::retry() {
  if (refused_ == 0) return;
  refused_ = 0;
  for (Entry& entry : entries_) {
    if (entry.state == State::refused) wait(entry);
  }
}

bool Retained::standing(const std::string& topic) const {
  const auto known = index_.find(topic);
  return known == index_.end() || known->second->state == State::standing;
}

}  // namespace emporia::mqtt
