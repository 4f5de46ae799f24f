// From waiting orders to calls: what goes when, and together with what.

#include <algorithm>
#include <utility>

#include "commands/queue.hpp"

namespace emporia::commands {

using runtime::Now;
using runtime::SteadyTime;

runtime::SteadyTime Queue::next_deadline() const {
  SteadyTime next = deadlines_.empty() ? runtime::kNever : deadlines_.begin()->first;
  for (const Lane& lane : lanes_) next = std::min(next, due(lane));
  return next;
}

void Queue::on_time(Now now) {
  pump(now);
}

void Queue::pump(Now now) {
  expire(now);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    while (due(lanes_[i]) <= now.steady) start_next(lanes_[i], static_cast<CallKind>(i), now);
  }
}

SteadyTime Queue::due(const Lane& lane) const {
  if (lane.under_way) return runtime::kNever;
  if (!lane.batches.empty()) return lane.not_before;
  SteadyTime ready = runtime::kNever;
  for (const OrderId id : lane.waiting) ready = std::min(ready, orders_.at(id).hold_until);
  return std::max({ready, lane.not_before, lane.window_until});
}

void Queue::start_next(Lane& lane, CallKind kind, Now now) {
  Batch batch;
  if (lane.batches.empty()) {
    batch = gather(lane, now);
  } else {
    batch = std::move(lane.batches.front());
    lane.batches.pop_front();
  }
  std::erase_if(batch.orders, [this](OrderId id) { return !live(id); });
  if (batch.step == Step::update) drop_unreachable(batch, now);
  auto request = request_of(batch, kind, now);
  if (!request) return;
  if (batch.step == Step::update) note_sent(batch, now);
  calls_.push_back({++last_call_, std::move(*request)});
  lane.under_way.emplace(last_call_, std::move(batch));
  lane.withdrawn = false;
}

Batch Queue::gather(Lane& lane, Now now) {
  Batch batch;
  const auto ready = [&](OrderId id) { return orders_.at(id).hold_until <= now.steady; };
  std::copy_if(lane.waiting.begin(), lane.waiting.end(), std::back_inserter(batch.orders), ready);
  std::erase_if(lane.waiting, ready);
  return batch;
}

void Queue::drop_unreachable(Batch& batch, Now now) {
  std::erase_if(batch.orders, [&](OrderId id) {
    const model::DevicePicture* picture = home_.find(orders_.at(id).device);
    if (picture != nullptr && picture->device.connected) return false;
    finish(id, Status::offline, "the device is not connected to the cloud", now);
    return true;
  });
}

std::optional<Request> Queue::request_of(Batch& batch, CallKind kind, Now now) {
  if (batch.orders.empty()) return std::nullopt;
  if (batch.step == Step::inventory) return ReadInventory{};
  if (batch.step == Step::read_back) {
    ReadBack request{kind, {}};
    for (const OrderId id : batch.orders) request.devices.push_back(orders_.at(id).device);
    std::sort(request.devices.begin(), request.devices.end());
    request.devices.erase(std::unique(request.devices.begin(), request.devices.end()), request.devices.end());
    return request;
  }
  switch (kind) {
    case CallKind::outlets:
      return outlets_request(batch);
    case CallKind::chargers:
      return chargers_request(batch);
    case CallKind::batteries:
      break;
  }
  return batteries_request(batch, now);
}

Request Queue::outlets_request(const Batch& batch) const {
  UpdateOutlets request;
  for (const OrderId id : batch.orders) {
    const Order& order = orders_.at(id);
    request.changes.push_back({order.device, std::get<bool>(order.wanted.at(Setting::on))});
  }
  return request;
}

Request Queue::chargers_request(const Batch& batch) const {
  std::map<model::DeviceId, ChargerChange> changes;
  for (const OrderId id : batch.orders) {
    const Order& order = orders_.at(id);
    ChargerChange& change = changes[order.device];
    change.device = order.device;
    const auto on = order.wanted.find(Setting::on);
    if (on != order.wanted.end()) change.on = std::get<bool>(on->second);
    const auto rate = order.wanted.find(Setting::charge_rate_a);
    if (rate != order.wanted.end()) change.charge_rate_a = static_cast<std::uint32_t>(std::get<double>(rate->second));
  }
  UpdateChargers request;
  for (auto& [device, change] : changes) request.changes.push_back(std::move(change));
  return request;
}

std::optional<Request> Queue::batteries_request(Batch& batch, Now now) {
  std::map<model::DeviceId, std::vector<OrderId>> orders;
  for (const OrderId id : batch.orders) orders[orders_.at(id).device].push_back(id);
  UpdateBatteries request;
  for (const auto& [device, ids] : orders) {
    if (auto change = battery_change(device, ids, now)) request.changes.push_back(std::move(*change));
  }
  std::erase_if(batch.orders, [this](OrderId id) { return !live(id); });
  if (request.changes.empty()) return std::nullopt;
  return request;
}

/// Plans anew, because the mode may have changed since the orders were accepted; ends those that do not fit any more.
std::optional<BatteryChange> Queue::battery_change(const model::DeviceId& device, const std::vector<OrderId>& ids,
                                                   Now now) {
  Settings wishes;
  for (const OrderId id : ids) {
    for (const auto& [setting, value] : orders_.at(id).wanted) wishes.insert_or_assign(setting, value);
  }
  const auto plan = plan_battery(wishes, *home_.find(device), kept(device));
  if (!plan) {
    std::vector<OrderId> others;
    for (const OrderId id : ids) {
      if (touches_mode(orders_.at(id))) {
        finish(id, Status::refused, plan.error(), now);
      } else {
        others.push_back(id);
      }
    }
    if (others.empty()) return std::nullopt;
    return battery_change(device, others, now);
  }
  keep(device, wishes, plan.value().unused);
  for (const OrderId id : ids) {
    Order& order = orders_.at(id);
    for (const Setting setting : plan.value().unused) {
      if (order.wanted.erase(setting) != 0) order.kept.push_back(setting);
    }
    if (order.wanted.empty()) finish(id, Status::confirmed, {}, now);
  }
  if (!plan.value().reserve_soc_pct && !plan.value().dispatch) return std::nullopt;
  return BatteryChange{device, plan.value().reserve_soc_pct, plan.value().dispatch};
}

void Queue::note_sent(const Batch& batch, Now now) {
  pacer_.forget_rested(now.steady);
  for (const OrderId id : batch.orders) {
    Order& order = orders_.at(id);
    order.phase = Order::Phase::sent;
    order.last_sent = now.system;
    if (++order.sends > 1) continue;
    for (const auto& entry : order.wanted) pacer_.sent(order.device, entry.first, now.steady);
  }
}

}  // namespace emporia::commands
