#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "process/installation.hpp"
#include "support/counters.hpp"
#include "support/faulty_proxy.hpp"
#include "support/payload_check.hpp"

namespace emporia::tests {

/// Everything that is seen of an installation from before its bridge starts, and the laws that hold at the end whatever
/// happened in between:
///   - what is booked is what the service has, to a thousandth of a watt-hour, and what is published is what is booked;
///   - the retained picture is complete, legal by the schemas, and nothing else is left;
///   - no published counter ever fell;
///   - each command has exactly one final result;
///   - in no hour of the service were there more calls than the budget;
///   - no secret is in anything that was said or kept.
/// The bridge reaches its peers by proxies that can do to it what networks do.
class Laws {
 public:
  Laws(Installation& home, const support::FakeClock& clock);

  support::FaultyProxy to_broker;
  support::FaultyProxy to_service;

  /// Starts a bridge with the configuration as it is now.
  support::ChildProcess& start();
  /// The newest one.
  support::ChildProcess& bridge() { return *bridges_.back(); }
  /// Asks it to end and waits; its exit code must be 0.
  void stop();

  /// Starts it and waits for peace.
  void begin();
  /// The limit of waiting for something that the bridge may rightly put off for an hour of its time: a device that the
  /// service refused to tell of, or calls when those of the hour are spent.
  std::chrono::milliseconds patience() const;
  /// Everything is reached, shown and booked up to now, with no gap. Waits for it.
  bool peace();
  /// What is missing for peace, in words; empty at peace.
  std::string unrest();
  /// Counts what the newest bridge has logged and what was seen at the broker: moments that no clock has to tell.
  std::size_t happened() const { return bridges_.back()->lines().size() + observer_->seen().size(); }
  /// Waits until so much more of the service's time is booked of the first device.
  bool booked_for(std::chrono::seconds longer);

  /// Publishes a command with an id of its own. Not `surely`: the bridge may be killed before it has a result.
  std::string command(const std::string& device, const std::string& settings, bool surely = true);
  /// The final status of a command; waits for it, empty when none comes.
  std::string result(const std::string& id, std::chrono::milliseconds limit = support::kPatience);
  /// Switches the lamp back and forth.
  std::string switch_lamp(bool surely = true);

  /// What is booked is counted from here on, though the ledger may be lost later.
  void note_beginning();

  /// The broker is killed, and comes back with nothing in its memory and with somebody who listens before the bridge
  /// can say anything.
  void kill_broker();
  void return_broker();

  /// Another text that must not appear anywhere.
  void hide(const std::string& secret) { secrets_.push_back(secret); }
  /// Takes in what was seen since the last time. Done by itself where it is needed; to be called now and then where a
  /// story is long.
  void digest();
  std::string health() const;
  /// The value at "/partner/state" or the like, as JSON text; empty where there is none.
  std::string health(const std::string& pointer) const;

  /// Waits for peace, ends the bridge and holds all laws.
  void check();

 private:
  void check_picture(const std::map<std::string, std::string>& retained);
  void check_counters();
  void check_device(const std::string& device);
  void check_results();
  void check_secrets();
  void look_for_secrets(const std::string& where, const std::string& text) const;
  std::string ledger(const std::string& device);

  Installation& home_;
  const support::FakeClock& clock_;
  std::vector<std::unique_ptr<support::ChildProcess>> bridges_;
  std::vector<std::string> arguments_seen_;
  std::unique_ptr<support::Observer> observer_;
  support::RisingCounters rising_;
  support::PayloadCheck schemas_;
  /// By the id of a command, its final results.
  std::map<std::string, std::vector<std::string>> finals_;
  std::map<std::string, bool> commands_;
  /// By device, by channel, from when on it counts; where that has been noted.
  std::map<std::string, std::map<int, std::string>> begun_;
  std::vector<std::string> secrets_;
  bool lamp_on_ = true;
};

}  // namespace emporia::tests
