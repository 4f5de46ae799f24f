#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "partner/gateway.hpp"
#include "simulator/world.hpp"

namespace emporia::benchmarks {

/// A way to a service that answers at once with bytes it has ready, so that neither network nor service are measured.
/// What comes after that is what the bridge's own gateway does: a thread of its own decodes and translates, and posts.
class FleetGateway final : public partner::Gateway {
 public:
  /// Answers what is asked out of the simulated world, and remembers it.
  FleetGateway(simulator::World& world, partner::ReplySink sink);
  /// Answers what was asked then: requests and replies by turns.
  FleetGateway(std::vector<std::string> calls, partner::ReplySink sink);
  ~FleetGateway() override;
  FleetGateway(const FleetGateway&) = delete;
  FleetGateway& operator=(const FleetGateway&) = delete;

  void send(partner::AttemptId attempt, const std::string& token, const partner::Request& request) override;
  /// Calls sent.
  std::size_t sent() const { return sent_; }
  /// Those of a poll: usage of less than an hour. What is read again of earlier hours is none.
  std::size_t polls_sent() const { return polls_sent_; }
  std::size_t updates_sent() const { return updates_sent_; }
  /// Requests and replies, by turns; once nothing is under way.
  const std::vector<std::string>& calls() const { return calls_; }
  /// Told of each call that carries out a command, on the loop's thread. It is answered as carried out.
  void set_on_update(std::function<void(const partner::UpdateOutlets&)> told) { on_update_ = std::move(told); }
  /// Told of each call of a poll, before it is answered; on the loop's thread.
  void set_on_poll(std::function<void()> told) { on_poll_ = std::move(told); }
  /// For which of the calls usage was asked, by their number.
  const std::vector<std::size_t>& usage_calls() const { return usage_calls_; }

 private:
  struct Asked {
    partner::AttemptId attempt = 0;
    partner::Request request;
    std::string bytes;
  };
  void work();
  std::string answer(const Asked& asked);
  partner::Reply read(const Asked& asked, const std::string& bytes) const;

  simulator::World* world_ = nullptr;
  std::map<std::string, std::string> known_;
  partner::ReplySink sink_;
  std::function<void(const partner::UpdateOutlets&)> on_update_ = [](const partner::UpdateOutlets&) {};
  std::function<void()> on_poll_ = [] {};
  std::size_t sent_ = 0;
  std::size_t polls_sent_ = 0;
  std::size_t updates_sent_ = 0;
  std::vector<std::string> calls_;
  std::vector<std::size_t> usage_calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Asked> asked_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace emporia::benchmarks
