#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commands/battery.hpp"
#include "commands/call.hpp"
#include "commands/command.hpp"
#include "commands/lane.hpp"
#include "commands/order.hpp"
#include "commands/pacer.hpp"
#include "commands/parse.hpp"
#include "model/home.hpp"

namespace emporia::commands {

struct QueueOptions {
  /// How long the first command of a call waits for others to join.
  std::chrono::milliseconds gathering{50};
  /// From a command's arrival to its final result, where it does not bring `timeout_s`.
  std::chrono::milliseconds deadline{30'000};
  /// A command that finds the budget spent waits when it can go before its deadline; false refuses it at once.
  bool wait_for_budget = true;
  std::size_t most_pending = 10'000;
};

/// Follows every command from its message to exactly one final result. Pure: takes the time from outside, makes no call
/// itself. Belongs to the loop's thread. After on_message(), on_outcome() and on_time(), take what take_*() have.
///
/// What becomes of a command:
///  - It is checked against the Home at once; what is not legal ends `refused`, what is not connected `offline`.
///  - A picture that already shows the wanted value proves nothing, because it may be old: the command is sent. When
///  the
///    reply shows the value it is `confirmed`. When the reply leaves the device out, a List call decides: `unchanged`,
///    or `offline` when the newest inventory says so (asked for if it is older than the command), else it is sent
///    again, at most four times in all, and ends `timeout` with what was read.
///  - Of several commands for one setting the last wins. A command ends `superseded` when each of its settings was
///  taken
///    over by newer ones before it was sent or shown; while it has others they are carried out, the command ends by
///    what becomes of them, and its note names those that were not sent. What is on the wire when a newer one comes
///    finishes by itself.
///  - A command is carried out whole: when the service refuses a joint call it is halved until only the command it does
///    not want is left, and that ends `refused` with the service's text.
///  - The same command twice within a second (a redelivery) is one, with one result, unless another for one of its
///    settings came between.
///  - Retained messages are never carried out; one result a topic says so.
/// Battery settings of a mode that is not the current one are kept for when it is chosen, and `confirmed` with a note.
class Queue {
 public:
  using TopicId = std::function<std::string(const std::string& device_id)>;

  /// `topic_id` writes a device's id as a topic level. Home and store must outlive the queue.
  Queue(const model::Home& home, TopicId topic_id, DraftStore& store, QueueOptions options = {});

  /// Other options, for commands that come from now on.
  void reconfigure(QueueOptions options) { options_ = options; }

  void on_message(const Incoming& incoming, runtime::Now now);
  /// Exactly one for each call of take_calls(), whenever it comes. What it tells must be in the Home already.
  void on_outcome(CallId id, const Outcome& outcome, runtime::Now now);
  void on_time(runtime::Now now);
  /// The bridge ends: every command that has no final result yet gets one.
  void stop(runtime::Now now);
  runtime::SteadyTime next_deadline() const;
  /// To be called for each battery state that is read, whoever asked for it.
  void seen(const model::BatteryState& state);

  /// To be made at once, before any poll.
  std::vector<Call> take_calls() { return std::exchange(calls_, {}); }
  std::vector<Result> take_results() { return std::exchange(results_, {}); }
  /// Calls whose commands have all ended. One that has not left yet must not be made any more; its outcome is still
  /// wanted (a CallFailure of any kind).
  std::vector<CallId> take_withdrawn() { return std::exchange(withdrawn_, {}); }

  /// For the state payload: values of modes' settings which the current mode does not use.
  KeptSettings drafts(const model::DeviceId& device);
  std::size_t pending() const { return orders_.size(); }

 private:
  // queue.cpp: from a message to an order.
  const model::DevicePicture* find(const std::string& topic_id) const;
  void refuse_retained(const Incoming& incoming, runtime::Now now);
  bool is_redelivery(const Order& order) const;
  std::string admit(Order& order, const model::DevicePicture& picture);
  void enqueue(Order order, runtime::Now now);
  void take_over(const Order& newer, runtime::Now now);
  Settings on_the_way(const model::DeviceId& device) const;
  KeptSettings& kept(const model::DeviceId& device);
  void keep(const model::DeviceId& device, const Settings& settings, const std::vector<Setting>& which);
  void result(const Order& order, Status status, std::string error, std::string note, runtime::Now now);
  void finish(OrderId id, Status status, std::string error, runtime::Now now);

  // lanes.cpp: from orders to calls.
  void pump(runtime::Now now);
  runtime::SteadyTime due(const Lane& lane) const;
  void start_next(Lane& lane, CallKind kind, runtime::Now now);
  Batch gather(Lane& lane, runtime::Now now);
  void drop_unreachable(Batch& batch, runtime::Now now);
  std::optional<Request> request_of(Batch& batch, CallKind kind, runtime::Now now);
  Request outlets_request(const Batch& batch) const;
  Request chargers_request(const Batch& batch) const;
  std::optional<Request> batteries_request(Batch& batch, runtime::Now now);
  std::optional<BatteryChange> battery_change(const model::DeviceId& device, const std::vector<OrderId>& ids,
                                              runtime::Now now);
  void note_sent(const Batch& batch, runtime::Now now);

  // outcomes.cpp: from outcomes to results.
  static void calm(Lane& lane);
  void on_states(Lane& lane, const Batch& batch, const std::vector<State>& states, runtime::Now now);
  void on_failure(Lane& lane, Batch batch, const CallFailure& failure, runtime::Now now);
  void on_over_budget(Lane& lane, Batch batch, const CallFailure& failure, runtime::Now now);
  void on_refused(Lane& lane, Batch batch, const CallFailure& failure, runtime::Now now);
  static void follow(Lane& lane, Step step, std::vector<OrderId> orders);
  bool moot(OrderId id, runtime::Now now);
  bool waits_again(OrderId id, runtime::Now now);
  void return_to_waiting(Lane& lane, OrderId id, runtime::SteadyTime hold_until, runtime::Now now);
  void send_again(Lane& lane, OrderId id, runtime::Now now);
  void wait_or_end(Lane& lane, OrderId id, runtime::Now now);
  void expire(runtime::Now now);
  Lane& lane_of(CallKind kind) { return lanes_[static_cast<std::size_t>(kind)]; }
  bool live(OrderId id) const { return orders_.count(id) != 0; }

  const model::Home& home_;
  TopicId topic_id_;
  DraftStore& store_;
  QueueOptions options_;
  Pacer pacer_;
  std::array<Lane, kCallKinds> lanes_;
  std::map<OrderId, Order> orders_;
  std::map<model::DeviceId, std::vector<OrderId>> by_device_;
  std::set<std::pair<runtime::SteadyTime, OrderId>> deadlines_;
  std::map<model::DeviceId, KeptSettings> kept_;
  std::set<std::size_t> retained_told_;
  OrderId last_order_ = 0;
  CallId last_call_ = 0;
  std::vector<Call> calls_;
  std::vector<Result> results_;
  std::vector<CallId> withdrawn_;
};

}  // namespace emporia::commands
