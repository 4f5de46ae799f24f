// From outcomes of calls, and from deadlines, to the results of orders.

#include <algorithm>
#include <utility>

#include "commands/queue.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::commands {
namespace {

using runtime::concat;
using runtime::Now;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often a command is sent when the service takes it and then does not show it.
constexpr unsigned kMostSends = 4;
constexpr const char* kOffline = "the device is not connected to the cloud";

/// 1, 2, 4, 8 and then always 8 seconds.
seconds pause_after(unsigned failures) {
  return seconds{1 << std::min(failures - 1, 3u)};
}

std::string in_seconds(milliseconds time) {
  return concat(static_cast<double>(time.count()) / 1000, " s");
}

const State* state_of(const std::vector<State>& states, const model::DeviceId& device) {
  const auto found =
      std::find_if(states.begin(), states.end(), [&](const State& state) { return device_of(state) == device; });
  return found == states.end() ? nullptr : &*found;
}

bool is_connected(const model::Home& home, const model::DeviceId& device, const State* state) {
  const model::DevicePicture* picture = home.find(device);
  if (picture == nullptr || !picture->device.connected) return false;
  // The service tells a battery's charge only while it is connected, which is newer than any inventory.
  const auto* battery = state == nullptr ? nullptr : std::get_if<model::BatteryState>(state);
  return battery == nullptr || battery->soc_pct.has_value();
}

bool inventory_is_older(const model::Home& home, const Order& order) {
  const model::DevicePicture* picture = home.find(order.device);
  return picture == nullptr || picture->seen_at < std::chrono::floor<seconds>(order.last_sent);
}

}  // namespace

void Queue::on_outcome(CallId id, const Outcome& outcome, Now now) {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(),
                                  [id](const Lane& lane) { return lane.under_way && lane.under_way->first == id; });
  if (found == lanes_.end()) return;
  Lane& lane = *found;
  Batch batch = std::move(lane.under_way->second);
  lane.under_way.reset();
  std::erase_if(batch.orders, [this](OrderId order) { return !live(order); });
  if (outcome) {
    calm(lane);
    for (const State& state : outcome.value()) {
      if (const auto* battery = std::get_if<model::BatteryState>(&state)) seen(*battery);
    }
    on_states(lane, batch, outcome.value(), now);
  } else {
    on_failure(lane, std::move(batch), outcome.error(), now);
  }
  pump(now);
}

void Queue::calm(Lane& lane) {
  lane.failures = 0;
  lane.not_before = {};
  lane.over_budget = false;
  lane.trouble.clear();
}

void Queue::on_states(Lane& lane, const Batch& batch, const std::vector<State>& states, Now now) {
  std::vector<OrderId> unread;
  std::vector<OrderId> doubtful;
  for (const OrderId id : batch.orders) {
    Order& order = orders_.at(id);
    const State* state = state_of(states, order.device);
    const bool in_reply = batch.step == Step::update && state != nullptr;
    if (!in_reply && !is_connected(home_, order.device, state)) {
      finish(id, Status::offline, kOffline, now);
    } else if (state != nullptr && shows(*state, order.wanted)) {
      const bool only_one = order.sends == 1 && !order.unclear;
      finish(id, in_reply || !only_one ? Status::confirmed : Status::unchanged, {}, now);
    } else if (moot(id, now)) {
      continue;
    } else if (batch.step == Step::update && state == nullptr) {
      unread.push_back(id);
    } else {
      if (state != nullptr) {
        order.trouble = concat("the service still shows ", described(shown_in(*state, order.wanted)));
      } else if (batch.step == Step::read_back) {
        order.trouble = "the service tells nothing of the device";
      }
      if (batch.step == Step::read_back && inventory_is_older(home_, order)) {
        doubtful.push_back(id);
      } else {
        send_again(lane, id, now);
      }
    }
  }
  follow(lane, Step::inventory, std::move(doubtful));
  follow(lane, Step::read_back, std::move(unread));
}

void Queue::follow(Lane& lane, Step step, std::vector<OrderId> orders) {
  if (!orders.empty()) lane.batches.push_front({step, std::move(orders)});
}

/// Whether newer commands wait for all that is left of the order, so that how it went no longer matters; ends it then.
bool Queue::moot(OrderId id, Now now) {
  Order& order = orders_.at(id);
  Settings left = order.wanted;
  if (take_away(left, order.newer_waits)) return false;
  finish(id, Status::superseded, {}, now);
  return true;
}

/// Waits again, without what newer commands wait for; false when nothing is left and the order has ended.
bool Queue::waits_again(OrderId id, Now now) {
  if (moot(id, now)) return false;
  Order& order = orders_.at(id);
  take_away(order.wanted, order.newer_waits);
  order.taken_over.insert(order.taken_over.end(), order.newer_waits.begin(), order.newer_waits.end());
  order.newer_waits.clear();
  order.phase = Order::Phase::waiting;
  return true;
}

void Queue::return_to_waiting(Lane& lane, OrderId id, runtime::SteadyTime hold_until, Now now) {
  if (!waits_again(id, now)) return;
  orders_.at(id).hold_until = hold_until;
  lane.waiting.push_back(id);
}

void Queue::send_again(Lane& lane, OrderId id, Now now) {
  Order& order = orders_.at(id);
  order.unclear = true;
  if (++order.not_shown >= kMostSends) {
    return finish(id, Status::timeout, concat("sent ", order.not_shown, " times, but ", order.trouble), now);
  }
  return_to_waiting(lane, id, now.steady + pause_after(order.not_shown), now);
}

void Queue::on_failure(Lane& lane, Batch batch, const CallFailure& failure, Now now) {
  using Kind = CallFailure::Kind;
  if (failure.kind == Kind::over_budget) return on_over_budget(lane, std::move(batch), failure, now);
  for (const OrderId id : batch.orders) orders_.at(id).unclear = true;
  if (failure.kind == Kind::refused) return on_refused(lane, std::move(batch), failure, now);
  for (const OrderId id : batch.orders) orders_.at(id).trouble = failure.text;
  if (failure.kind == Kind::unclear && batch.step == Step::update) {
    std::erase_if(batch.orders, [&](OrderId id) { return moot(id, now); });
    return follow(lane, Step::read_back, std::move(batch.orders));
  }
  ++lane.failures;
  lane.over_budget = false;
  lane.trouble = failure.text;
  lane.not_before = failure.earliest.value_or(now.steady + pause_after(lane.failures));
  if (batch.step != Step::update) return follow(lane, batch.step, std::move(batch.orders));
  for (const OrderId id : batch.orders) return_to_waiting(lane, id, now.steady, now);
}

void Queue::on_over_budget(Lane& lane, Batch batch, const CallFailure& failure, Now now) {
  constexpr seconds kUntilTold{60};
  lane.over_budget = true;
  lane.not_before = failure.earliest.value_or(now.steady + kUntilTold);
  const auto at = std::chrono::ceil<seconds>(now.system + (lane.not_before - now.steady));
  lane.trouble = concat(failure.text, "; the next call can go at ", runtime::iso8601(at));
  if (batch.step == Step::update) {
    for (const OrderId id : batch.orders) {
      --orders_.at(id).sends;
      return_to_waiting(lane, id, now.steady, now);
    }
    batch.orders.clear();
  }
  // Those that came while the call was under way have the same question.
  std::vector<OrderId> asking = batch.orders;
  asking.insert(asking.end(), lane.waiting.begin(), lane.waiting.end());
  for (const OrderId id : asking) wait_or_end(lane, id, now);
  std::erase_if(batch.orders, [this](OrderId id) { return !live(id); });
  follow(lane, batch.step, std::move(batch.orders));
}

void Queue::wait_or_end(Lane& lane, OrderId id, Now now) {
  Order& order = orders_.at(id);
  const bool in_time = lane.not_before < order.deadline && (options_.wait_for_budget || order.sends > 0);
  if (!in_time && order.sends == 0) return finish(id, Status::refused, lane.trouble, now);
  if (!in_time) return finish(id, Status::timeout, concat("sent, but not confirmed: ", lane.trouble), now);
  order.trouble = lane.trouble;
  if (std::exchange(order.told_when, true)) return;
  result(order, Status::accepted, {}, lane.trouble, now);
}

void Queue::on_refused(Lane& lane, Batch batch, const CallFailure& failure, Now now) {
  calm(lane);
  const bool update = batch.step == Step::update;
  std::vector<std::pair<OrderId, const Order*>> orders;
  for (const OrderId id : batch.orders) orders.emplace_back(id, &orders_.at(id));
  const auto parts = units(orders);
  if (parts.size() > 1 && batch.step != Step::inventory) {
    Batch halves[2] = {{batch.step, {}}, {batch.step, {}}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Batch& half = halves[i < (parts.size() + 1) / 2 ? 0 : 1];
      for (const OrderId id : parts[i]) {
        if (!update || waits_again(id, now)) half.orders.push_back(id);
      }
    }
    lane.batches.push_front(std::move(halves[1]));
    lane.batches.push_front(std::move(halves[0]));
    return;
  }
  for (const OrderId id : batch.orders) {
    if (update) {
      finish(id, Status::refused, failure.text, now);
    } else {
      orders_.at(id).trouble = concat("could not be read back: ", failure.text);
      send_again(lane, id, now);
    }
  }
}

void Queue::stop(Now now) {
  while (!orders_.empty()) {
    const auto& [id, order] = *orders_.begin();
    finish(id, Status::timeout,
           order.sends == 0
               ? "not sent: the bridge is being stopped"
               : "the bridge is being stopped before the service has confirmed it: it may still be carried out",
           now);
  }
}

void Queue::expire(Now now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.steady) {
    const OrderId id = deadlines_.begin()->second;
    const Order& order = orders_.at(id);
    const Lane& lane = lane_of(order.kind);
    const std::string within = concat(" within ", in_seconds(order.timeout));
    std::string text;
    if (order.sends == 0) {
      text =
          concat("not sent", within, ": ", lane.trouble.empty() ? "an earlier call was still under way" : lane.trouble);
    } else if (order.trouble.empty()) {
      text = concat("no answer from the service", within, ": it may still be carried out");
    } else {
      text = concat("not confirmed", within, ": ", order.trouble);
    }
    finish(id, Status::timeout, std::move(text), now);
  }
  for (Lane& lane : lanes_) {
    if (!lane.under_way || lane.withdrawn) continue;
    const std::vector<OrderId>& orders = lane.under_way->second.orders;
    if (std::any_of(orders.begin(), orders.end(), [this](OrderId id) { return live(id); })) continue;
    lane.withdrawn = true;
    withdrawn_.push_back(lane.under_way->first);
  }
}

}  // namespace emporia::commands
