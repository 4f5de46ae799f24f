#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "commands/queue.hpp"
#include "fake_service.hpp"

namespace emporia::commands {

/// A change as a story tells it: only what is sent is there.
std::string told(const Request& request);

/// Plays a queue against a fake clock and a fake service and writes down what happens, a line each with its time in
/// seconds: commands flush left, what comes of them indented.
class QueueStory {
 public:
  explicit QueueStory(QueueOptions options = {})
      : queue(
            home, [](const std::string& id) { return id; }, drafts, options) {
    home.apply(sample_inventory());
    home.apply(sample_states());
  }

  /// Lets everything happen that is due before.
  QueueStory& at(double seconds) {
    run_until(start() + std::chrono::round<std::chrono::microseconds>(std::chrono::duration<double>(seconds)));
    return *this;
  }
  /// "O1/set/on" and a payload.
  void send(const std::string& topic, const std::string& payload, bool retained = false, Origin origin = {});
  void fails(CallFailure::Kind kind, const std::string& text, std::optional<double> earliest_s = std::nullopt);
  /// Somebody else's poll.
  void poll();
  void read_inventory();
  /// Compares with tests/golden/commands_<name>.txt.
  void check(const std::string& name);

  model::Home home;
  MemoryDrafts drafts;
  FakeService service;
  Queue queue;
  std::string transcript;
  std::vector<Result> results;
  std::vector<Request> calls;
  std::chrono::microseconds latency{200'000};
  bool silent = false;
  std::function<void(const Request&)> on_call = [](const Request&) {};

 private:
  static runtime::SteadyTime start() { return runtime::SteadyTime{} + std::chrono::hours{1}; }

  void run_until(runtime::SteadyTime end);
  void advance(runtime::SteadyTime to);
  void deliver();
  void collect();
  void note(const std::string& line);

  runtime::Now now_{start(), kNoon};
  std::deque<std::pair<runtime::SteadyTime, Call>> under_way_;
};

}  // namespace emporia::commands
