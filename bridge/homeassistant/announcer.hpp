#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "homeassistant/component_sets.hpp"
#include "homeassistant/discovery.hpp"
#include "homeassistant/echoes.hpp"
#include "model/ids.hpp"
#include "mqtt/topic_tree.hpp"
#include "runtime/clock.hpp"

namespace emporia::homeassistant {

/// One retained message to publish on a discovery topic, and what the caller does besides.
struct Step {
  enum class Kind {
    /// The state that the components read has been handed over before.
    announce,
    /// Components are removed: afterwards the state may do without their keys; see Announcer::lingering.
    bury,
    /// The device is removed, the payload is empty: afterwards its state and availability are cleared.
    withdraw,
    /// A person deleted the device at Home Assistant and it stays so for now: the empty payload only makes sure that
    /// nobody asserts the old one again. State and availability stay.
    keep_deleted
  };
  Kind kind = Kind::announce;
  std::string object;
  std::string topic;
  std::string payload;
  /// To be sent even if the same payload stands there: Home Assistant was born.
  bool again = false;
};

// Long because the state of a topic that is being removed is private to the announcer and needs its words.

/// Decides when which discovery message is published. Pure: it holds no connection and takes the time from outside.
///
/// Rules of Home Assistant behind it: leaving a component out removes nothing, a component that is only its platform
/// (its tombstone) does; that works only for what this run of Home Assistant has discovered; two messages on one topic
/// within a second or so lose components of the second. So a component goes in three messages at least kPause apart:
/// old and new together, tombstone, new alone.
class Announcer {
 public:
  static constexpr std::chrono::seconds kPause{2};
  /// How long after the first link_up() the broker may take to replay what was retained, before it is written over;
  /// replayed() ends it.
  static constexpr std::chrono::seconds kReadBack{1};
  /// A message has some 20 kB to be written: what a fleet needs is spread over turns of the loop.
  static constexpr std::size_t kStepsTogether = 20;

  /// `origin_name` as in DiscoveryContext; `seed` for the delay after a birth.
  Announcer(mqtt::TopicTree topics, std::string origin_name, std::uint64_t seed);

  /// What a device is announced as from now on: as from device_discovery(), the device's own first. Circuits that had a
  /// message of their own and are not listed lose it. The same again changes nothing.
  void want(const std::vector<Discovery>& family, const runtime::Now& now);
  /// The device (an object: emporia_<id>) is gone, with the circuits that have messages of their own.
  /// False when it was never announced: no withdraw step follows for the object itself.
  bool remove(const std::string& object, const runtime::Now& now);

  void link_up(const runtime::Now& now);
  /// Everything that was retained when the link came up first has been found(): what is wanted may be said.
  void replayed(const runtime::Now& now);
  void link_down() { left(); }
  /// Home Assistant's birth and will.
  void born(const runtime::Now& now);
  void left() { listening_ = 0; }

  /// A message received on <prefix>/device/+/config, whoever sent it. What is not ours, or is damaged, changes nothing.
  void found(const std::string& topic, const std::string& payload, const runtime::Now& now);
  /// Objects of ours that stand at the broker and are not wanted: left by an earlier run. When the inventory is
  /// complete, those that it does not know are for remove(). The topic id of the device follows "emporia_".
  std::vector<std::string> leftovers() const;

  /// Whether what was handed over for a topic has been acknowledged; see mqtt::Session::standing.
  using Standing = std::function<bool(const std::string& topic)>;
  /// At most kStepsTogether; when there are more it wants to be called again at once.
  std::vector<Step> on_time(const runtime::Now& now, const Standing& standing);
  runtime::SteadyTime next_deadline() const;

  /// The channels whose keys the device's state must still contain although they are not shown any more.
  std::set<model::Channel> lingering(const std::string& object) const;

 private:
  /// How far the removal of components, or of the device, has come.
  enum class Stage { settled, reannounced, buried, withdrawn };
  struct Topic {
    /// Null: nothing shall stand.
    Shared wanted;
    /// The live components that stand at the broker; null: none.
    Shared announced;
    /// Removed while Home Assistant may have been away; to be announced and removed once more when it is born.
    Shared ghosts;
    Shared reviving;
    /// Removed by the last message; becomes ghosts unless Home Assistant was there until the message had arrived.
    Shared burying;
    std::uint64_t buried_in = 0;
    /// Keys of the last message's tombstones, or of the withdrawn message.
    std::set<std::string> tombs;
    /// Its part of found_bytes_.
    std::size_t found_bytes = 0;
    Echoes echoes;
    Stage stage = Stage::settled;
    runtime::SteadyTime due = runtime::kNever;
    /// No message before this.
    runtime::SteadyTime earliest = runtime::SteadyTime::min();
    bool leaving = false;
    /// The caller is still to be told that it is gone.
    bool owes_withdrawal = false;
    /// A person deleted it at Home Assistant; it comes back with the next birth.
    bool deleted = false;
    /// What is announced, or the deletion, has been said in this run.
    bool sent = false;
    bool again = false;
    /// The last message was not acknowledged within its pause.
    bool overdue = false;
  };
  using Topics = std::map<std::string, Topic>;

  std::string topic_of(const std::string& object) const { return topics_.discovery(object); }
  std::optional<std::string> object_of(const std::string& topic) const;
  std::vector<Topics::iterator> family(const std::string& object);
  /// The others that speak for the same device.
  std::vector<Topics::iterator> relatives(const std::string& object);
  void schedule(Topic& topic, const runtime::Now& now);
  void make_due(Topic& topic, runtime::SteadyTime when);
  void withdraw_later(Topic& topic, const runtime::Now& now);
  void forget_found(Topic& topic);
  void bury(Topic& topic, Shared gone);
  void settle_burial(Topic& topic);
  /// Of devices that have gone only so many are kept in mind for a birth that may never come; `over` gets the others.
  void forget_old_ghosts(std::vector<std::string>& over) const;
  void found_empty(Topics::iterator entry, const runtime::Now& now);
  std::set<std::string> held_elsewhere(const std::string& object);
  Shared take_reviving(const std::string& object, Topic& topic);
  std::optional<Step> next_step(const std::string& object, Topic& topic, const runtime::Now& now);
  std::optional<Step> next_announcement(const std::string& object, Topic& topic, const runtime::Now& now);
  Step say(Step::Kind kind, const std::string& object, Topic& topic, std::string payload, const runtime::Now& now);
  bool must_wait(const std::string& object, Topic& topic, const runtime::Now& now, const Standing& standing) const;

  mqtt::TopicTree topics_;
  std::string origin_name_;
  std::mt19937_64 random_;
  Topics entries_;
  /// No topic is due before; maybe none is then either. Spares each turn of the loop a look at all of a fleet's.
  runtime::SteadyTime none_due_before_ = runtime::kNever;
  /// Bytes of the payloads taken from the broker for objects that are not wanted.
  std::size_t found_bytes_ = 0;
  /// Nothing is said before; kNever until the first link_up().
  runtime::SteadyTime open_at_ = runtime::kNever;
  /// The number of the birth since which Home Assistant is known to have been there; 0 while that is not known.
  std::uint64_t listening_ = 0;
  std::uint64_t births_ = 0;
};

}  // namespace emporia::homeassistant
