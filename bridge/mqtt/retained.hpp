#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace emporia::mqtt {

/// The retained messages that should stand at the broker, and of each whether it is known to stand there. What differs
/// waits in the order in which it began to differ; a newer payload takes the place of a waiting one.
///
/// Each payload is held once and lent out to be sent; whether it stands is a state and not a second payload, so that a
/// fleet of 100,000 topics costs its payloads plus some 200 bytes a topic. assert_all() and retry() walk over all
/// topics; every other call costs the same whatever their number.
class Retained {
 public:
  /// A message to hand over: an empty payload clears the topic.
  struct Change {
    const std::string& topic;
    const std::string& payload;
  };

  /// `last_topics` wait until everything that waited before them has been acknowledged.
  explicit Retained(const std::vector<std::string>& last_topics = {})
      : last_topics_(last_topics.begin(), last_topics.end()) {}

  /// `payload` shall stand at `topic`; nothing changes when it already does or waits to. True when it took the place of
  /// another payload that was waiting. An empty payload is forget().
  bool want(const std::string& topic, const std::string& payload);
  /// Nothing shall stand at `topic`, whether or not it was ever wanted here: an earlier run may have left something.
  bool forget(const std::string& topic);
  /// Everything wanted and not refused waits again, in the order in which it was first wanted, the last topics behind
  /// all else.
  void assert_all();
  /// What is wanted at this one topic waits again; nothing when nothing is wanted there.
  void assert_one(const std::string& topic);

  /// The next message to hand over; it is in flight from now on. Nothing when none waits or the next must not go yet.
  /// The texts live until the next call of a function that is not const.
  std::optional<Change> take();
  /// The order of arrival of what take() would give next, as given to arrival(); the greatest number when nothing.
  std::uint64_t next_arrival() const;
  /// The outcome of a taken message. Refused, the topic is left alone until retry(), whatever is wanted there
  /// meanwhile: some brokers end the connection over a message that they refuse.
  void delivered(const std::string& topic, bool ok);
  /// A taken message has no outcome: it waits again.
  void lost(const std::string& topic);
  /// What was refused waits again.
  void retry();

  /// The wanted payload, or the wanted emptiness, is acknowledged.
  bool standing(const std::string& topic) const;
  /// The number of topics that are wanted or still to be cleared.
  std::size_t size() const { return entries_.size(); }
  std::size_t waiting() const { return ordinary_.size() + last_.size(); }
  std::size_t refused() const { return refused_; }
  /// A number for something that arrives now, in the same order as the changes here.
  std::uint64_t arrival() { return ++arrivals_; }

 private:
  enum class State { standing, waiting, in_flight, refused };
  struct Entry {
    std::string topic;
    /// Empty: to be cleared.
    std::string payload;
    State state = State::waiting;
    /// In flight with a payload that is no longer the wanted one, or to be sent again anyway.
    bool again = false;
    bool last = false;
    std::uint64_t arrival = 0;
  };
  using Entries = std::list<Entry>;

  bool put(const std::string& topic, const std::string& payload);
  void wait(Entry& entry);
  Entries::iterator landed(const std::string& topic);
  Entry* next() const;
  bool last_may_go() const;

  /// In the order in which they were first wanted; a list, because the queues and the index point into it.
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> index_;
  std::unordered_set<std::string> last_topics_;
  std::deque<Entry*> ordinary_;
  std::deque<Entry*> last_;
  std::vector<Entry*> in_flight_;
  std::size_t refused_ = 0;
  std::uint64_t arrivals_ = 0;
};

}  // namespace emporia::mqtt
