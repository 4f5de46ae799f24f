#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "mqtt/link.hpp"
#include "runtime/backoff.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"

namespace emporia::app {

/// A reading of the clocks for a lease: `up` goes on while the machine sleeps, see runtime::time_since_boot().
struct LeaseTime {
  runtime::Now now;
  std::chrono::nanoseconds up{};
};

// Long because the rules of a lease only make sense together.

/// Which of several bridges with one configuration works, agreed on over one retained topic of the broker, of which
/// MQTT keeps the order and nothing else: there is no compare-and-swap. Every bridge publishes to the topic and reads
/// from it all that is published there, its own messages too, so that all read the same list:
///  - A message with a higher epoch than any before it is a claim, and who made it is the holder from there on; of
///    several claims of one epoch the first one counts. All else by others than the holder means nothing.
///  - The holder renews every fifth of the lease's length. It may act until nearly one length after it *sent* the last
///    renewal that it has seen come back, by its own clock: without the broker's word it stops by itself, and when it
///    sees a higher epoch, at once.
///  - A bridge that has heard nobody for half a length claims the next epoch, and works when it has been the holder for
///    one length: whatever the one before it had sent ahead of the claim has expired by then, and what it sends after
///    the claim comes back behind the claim. If something of the one before comes later still, the wait begins anew.
///    After a release, which is said when all work has ended, there is nothing to wait for.
///  - Each message tells the calls of the last hour by their age, those that are about to be made included: a call goes
///    out when the message that tells of it has come back. So the next holder knows of every call that was made.
/// Nothing of it compares the clocks of two machines, apart from the calls in a message that was retained before this
/// bridge came, whose age is not known otherwise. Belongs to the loop's thread.
class Lease {
 public:
  struct Options {
    /// <base>/bridge/lease, and where each bridge says what it does: <base>/bridge/standby/<node>.
    std::string topic;
    std::string presence_topic;
    /// A filter for the presence of all.
    std::string presences;
    std::string node;
    /// Different in each run of each bridge.
    std::string run;
    std::chrono::seconds length{20};
    std::uint64_t seed = 1;
  };
  enum class State { standing_by, claiming, holding };

  /// Connects at once. `link` has its own client id and outlives this.
  Lease(mqtt::Link& link, Options options, LeaseTime time);

  void on_event(const mqtt::LinkEvent& event, LeaseTime time);
  void on_time(LeaseTime time);
  runtime::SteadyTime next_deadline() const;

  State state() const { return state_; }
  /// Whether the holder of this epoch is this bridge and may act at this moment.
  bool holds(std::uint64_t epoch, std::chrono::nanoseconds up) const;
  std::uint64_t epoch() const { return known_.epoch; }
  /// Has heard from the broker what stands there: who asks how it is doing can be told.
  bool settled() const { return linked_ && heard_out_; }

  /// A call was counted at this time of the system's clock.
  void note_call(runtime::SystemTime when, LeaseTime time);
  /// Calls that this machine's own record has; those not known yet are told from now on.
  void know_calls(const std::vector<runtime::SystemTime>& recorded, LeaseTime time);
  /// Tells the calls now; the message's number.
  std::uint64_t declare(LeaseTime time);
  /// The broker has given this message back, so that whoever takes over knows what it tells.
  bool declared(std::uint64_t number) const { return number <= returned_; }
  /// All calls of the last hour that are known of, whoever made them, by this system's clock; `mine`: those recorded
  /// here, which are left out as often as they are there.
  std::vector<runtime::SystemTime> calls_of_others(const std::vector<runtime::SystemTime>& mine, LeaseTime time) const;

  /// All work has ended: another may begin at once. For the end of the program.
  void release(LeaseTime time);
  /// The release has reached the broker, or cannot.
  bool released() const { return released_; }

  /// For bridge/health: this one's name, the epoch, since when, and who stands by.
  json::Value health() const;
  /// "standing by, kitchen works".
  std::string status_line() const;

 private:
  struct Known {
    std::uint64_t epoch = 0;
    std::string holder;
    std::string run;
    bool released = false;
    /// As it stood at the broker when this bridge came.
    bool hearsay = true;
  };
  struct Told;

  static std::optional<Told> read(const std::string& payload);
  void came_up(LeaseTime time);
  void went_down(const mqtt::LinkDown& down, LeaseTime time);
  void received(const mqtt::Received& received, LeaseTime time);
  void heard(const Told& told, bool retained, LeaseTime time);
  void heard_own(const Told& told, LeaseTime time);
  void take_over_calls(const Told& told, bool retained, LeaseTime time);
  void step_down(const std::string& why, LeaseTime time);
  void claim(LeaseTime time);
  void say(LeaseTime time);
  void say_presence(const char* word);
  void forget_old_calls(LeaseTime time);
  bool is_own(const Known& known) const { return known.run == options_.run; }
  /// By this machine's uptime.
  std::chrono::nanoseconds deadline() const;

  mqtt::Link& link_;
  Options options_;
  State state_ = State::standing_by;
  Known known_;
  runtime::Backoff reconnect_;
  runtime::Episode deaf_;
  runtime::Episode link_trouble_;
  runtime::Episode name_twice_;
  LeaseTime last_;

  bool linked_ = false;
  /// What was retained has come, or had its time.
  bool heard_out_ = false;
  std::chrono::nanoseconds connect_at_;
  std::chrono::nanoseconds heard_out_at_{};
  /// When anybody else was last heard who works or wants to.
  std::chrono::nanoseconds heard_at_{};
  std::chrono::nanoseconds renew_at_{};
  /// While claiming: when it may begin, or gives the claim up as long as that has not come back.
  std::chrono::nanoseconds begin_at_{};
  bool claim_returned_ = false;
  /// The holder before has said that it is done.
  bool handed_over_ = false;
  /// While holding: until when it may act.
  std::chrono::nanoseconds valid_until_{};
  runtime::SystemTime holding_since_{};

  std::uint64_t last_number_ = 0;
  std::uint64_t returned_ = 0;
  /// When each message went out that has not come back.
  std::map<std::uint64_t, std::chrono::nanoseconds> sent_;
  /// By the system clock of who made them, in milliseconds, when they were made by this machine's uptime.
  std::multimap<std::int64_t, std::chrono::nanoseconds> calls_;
  /// What the others say they do, by topic.
  std::map<std::string, std::string> others_;
  bool releasing_ = false;
  bool released_ = false;
  mqtt::Ticket release_ticket_ = 0;
  mqtt::Ticket last_ticket_ = 0;
};

}  // namespace emporia::app
