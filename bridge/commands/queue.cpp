#include "commands/queue.hpp"

#include <algorithm>
#include <utility>

#include "runtime/log.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::commands {
namespace {

using runtime::concat;
using runtime::Now;

constexpr const char* kRoom = "commands";

CallKind kind_of(model::DeviceModel device_model) {
  if (device_model == model::DeviceModel::outlet) return CallKind::outlets;
  return device_model == model::DeviceModel::ev_charger ? CallKind::chargers : CallKind::batteries;
}

/// `settings` over `under`, setting by setting.
void lay_over(Settings& under, const Settings& settings) {
  for (const auto& [setting, value] : settings) under.insert_or_assign(setting, value);
}

Order order_of(const Incoming& incoming, const model::DevicePicture* picture) {
  Order order;
  order.topic_id = incoming.topic_id;
  order.origin = incoming.origin;
  if (picture == nullptr) return order;
  order.device = picture->device.id;
  order.kind = kind_of(picture->device.model);
  return order;
}

}  // namespace

Queue::Queue(const model::Home& home, TopicId topic_id, DraftStore& store, QueueOptions options)
    : home_(home), topic_id_(std::move(topic_id)), store_(store), options_(options) {}

const model::DevicePicture* Queue::find(const std::string& topic_id) const {
  // Most ids need no escaping and are their own topic level.
  const model::DevicePicture* likely = home_.find(model::DeviceId(topic_id));
  if (likely != nullptr && topic_id_(topic_id) == topic_id) return likely;
  for (const auto& [id, picture] : home_.devices()) {
    if (topic_id_(id.text()) == topic_id) return &picture;
  }
  return nullptr;
}

void Queue::on_message(const Incoming& incoming, Now now) {
  if (incoming.retained) return refuse_retained(incoming, now);
  const model::DevicePicture* picture = find(incoming.topic_id);
  Order order = order_of(incoming, picture);
  if (picture == nullptr) {
    if (is_nothing(incoming.payload)) return;
    const char* why = home_.devices().empty()
                          ? "no device is known so far: bridge/health tells whether the service has been reached"
                          : "no device is known by this id: bridge/devices lists those there are";
    return result(order, Status::refused, why, {}, now);
  }
  const Settings coming = on_the_way(order.device);
  const auto reserve = coming.find(Setting::reserve_soc_pct);
  std::optional<double> reserve_soc_pct;
  if (reserve != coming.end()) reserve_soc_pct = std::get<double>(reserve->second);
  auto asked = parse(*picture, incoming.setting, incoming.payload, reserve_soc_pct);
  if (!asked) return;
  order.id = std::move(asked->id);
  order.asked = std::move(asked->settings);
  order.wanted = order.asked;
  order.arrived = now.steady;
  order.timeout = asked->timeout.value_or(options_.deadline);
  order.deadline = now.steady + order.timeout;
  if (asked->error.empty() && is_redelivery(order)) return;
  if (asked->error.empty() && !picture->device.connected) {
    return result(order, Status::offline, "the device is not connected to the cloud: nothing was sent", {}, now);
  }
  if (asked->error.empty()) asked->error = admit(order, *picture);
  if (!asked->error.empty()) return result(order, Status::refused, std::move(asked->error), {}, now);
  enqueue(std::move(order), now);
  pump(now);
}

void Queue::refuse_retained(const Incoming& incoming, Now now) {
  constexpr std::size_t kTopicsTold = 1000;
  // An emptied topic is the remedy, not another such command.
  if (incoming.payload.empty() || retained_told_.size() >= kTopicsTold) return;
  const std::string topic =
      concat(incoming.topic_id, "/set", incoming.setting ? "/" : "", incoming.setting.value_or(""));
  if (!retained_told_.insert(std::hash<std::string>{}(topic)).second) return;
  runtime::log_warning(kRoom, concat("a retained command on ", excerpt(topic), " is not carried out"));
  result(
      order_of(incoming, find(incoming.topic_id)), Status::refused,
      "retained command ignored: publish without the retain flag, and clear the topic with an empty retained message",
      {}, now);
}

bool Queue::is_redelivery(const Order& order) const {
  constexpr std::chrono::seconds kWithin{1};
  const auto found = by_device_.find(order.device);
  if (found == by_device_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](OrderId id) {
    const Order& earlier = orders_.at(id);
    const bool overtaken = !earlier.taken_over.empty() || !earlier.newer_waits.empty();
    return !overtaken && order.arrived - earlier.arrived < kWithin && earlier.asked == order.asked &&
           earlier.id == order.id && earlier.origin == order.origin && earlier.timeout == order.timeout;
  });
}

/// Why it cannot be accepted, or nothing; puts aside what is only to be kept.
std::string Queue::admit(Order& order, const model::DevicePicture& picture) {
  if (orders_.size() >= options_.most_pending) return concat("too many commands are waiting: ", orders_.size());
  const Lane& lane = lane_of(order.kind);
  if (lane.over_budget && lane.not_before > order.arrived) {
    const bool in_time = options_.wait_for_budget && lane.not_before < order.deadline;
    if (!in_time) return lane.trouble;
  }
  if (order.kind != CallKind::batteries) return {};
  Settings wishes = on_the_way(order.device);
  lay_over(wishes, order.wanted);
  const auto plan = plan_battery(wishes, picture, kept(order.device));
  if (!plan) return plan.error();
  for (const Setting setting : plan.value().unused) {
    if (order.wanted.count(setting) != 0) order.kept.push_back(setting);
  }
  keep(order.device, order.wanted, order.kept);
  take_away(order.wanted, order.kept);
  return {};
}

void Queue::enqueue(Order order, Now now) {
  take_over(order, now);
  const OrderId id = ++last_order_;
  Lane& lane = lane_of(order.kind);
  order.hold_until = now.steady;
  for (const auto& entry : order.wanted) {
    order.hold_until = std::max(order.hold_until, pacer_.hold_until(order.device, entry.first, now.steady));
  }
  order.hold_until = std::min(order.hold_until, now.steady + order.timeout / 2);
  std::string note;
  if (lane.over_budget && lane.not_before > now.steady && !order.wanted.empty()) {
    note = lane.trouble;
    order.told_when = true;
  }
  result(order, Status::accepted, {}, std::move(note), now);
  const bool others_ready = std::any_of(lane.waiting.begin(), lane.waiting.end(),
                                        [&](OrderId waiting) { return orders_.at(waiting).hold_until <= now.steady; });
  if (!others_ready) lane.window_until = now.steady + options_.gathering;
  lane.waiting.push_back(id);
  by_device_[order.device].push_back(id);
  deadlines_.emplace(order.deadline, id);
  const bool nothing_to_send = order.wanted.empty();
  orders_.emplace(id, std::move(order));
  if (nothing_to_send) finish(id, Status::confirmed, {}, now);
}

void Queue::take_over(const Order& newer, Now now) {
  const auto found = by_device_.find(newer.device);
  if (found == by_device_.end()) return;
  // A copy, because finishing an order takes it off the list.
  for (const OrderId id : std::vector<OrderId>(found->second)) {
    Order& earlier = orders_.at(id);
    std::vector<Setting>& list = earlier.phase == Order::Phase::sent ? earlier.newer_waits : earlier.taken_over;
    for (const auto& entry : newer.asked) {
      if (earlier.wanted.count(entry.first) != 0 && !holds(list, entry.first)) list.push_back(entry.first);
    }
    if (earlier.phase == Order::Phase::waiting && !take_away(earlier.wanted, earlier.taken_over)) {
      finish(id, Status::superseded, {}, now);
    }
  }
}

Settings Queue::on_the_way(const model::DeviceId& device) const {
  Settings settings;
  const auto found = by_device_.find(device);
  if (found == by_device_.end()) return settings;
  // In order of arrival, so that what came last stands.
  for (const OrderId id : found->second) lay_over(settings, orders_.at(id).wanted);
  return settings;
}

KeptSettings& Queue::kept(const model::DeviceId& device) {
  const auto found = kept_.find(device);
  return found != kept_.end() ? found->second : kept_.emplace(device, store_.load(device)).first->second;
}

void Queue::keep(const model::DeviceId& device, const Settings& settings, const std::vector<Setting>& which) {
  KeptSettings& known = kept(device);
  KeptSettings changed = known;
  for (const Setting setting : which) changed[setting] = std::get<double>(settings.at(setting));
  if (changed == known) return;
  known = std::move(changed);
  store_.save(device, known);
}

void Queue::seen(const model::BatteryState& state) {
  if (!state.dispatch) return;
  Settings read;
  std::vector<Setting> which = settings_of(state.dispatch->mode);
  std::erase_if(which, [&](Setting setting) {
    const auto value = value_in(*state.dispatch, setting);
    if (value) read.emplace(setting, *value);
    return !value;
  });
  keep(state.device, read, which);
}

KeptSettings Queue::drafts(const model::DeviceId& device) {
  KeptSettings result = kept(device);
  const model::DevicePicture* picture = home_.find(device);
  const auto* state = picture == nullptr ? nullptr : std::get_if<model::BatteryState>(&picture->state);
  if (state == nullptr || !state->dispatch) return result;
  std::erase_if(result, [state](const auto& entry) { return uses(state->dispatch->mode, entry.first); });
  return result;
}

void Queue::result(const Order& order, Status status, std::string error, std::string note, Now now) {
  const std::string device = order.device.empty() ? printable(order.topic_id) : order.device.text();
  results_.push_back({order.id, order.topic_id, device, to_json(order.asked), status, std::move(error), std::move(note),
                      std::chrono::floor<std::chrono::seconds>(now.system), order.origin});
}

void Queue::finish(OrderId id, Status status, std::string error, Now now) {
  const auto found = orders_.find(id);
  const Order order = std::move(found->second);
  orders_.erase(found);
  deadlines_.erase({order.deadline, id});
  const auto device = by_device_.find(order.device);
  std::erase(device->second, id);
  if (device->second.empty()) by_device_.erase(device);
  std::erase(lane_of(order.kind).waiting, id);
  const bool sent_some = status == Status::confirmed || status == Status::unchanged;
  result(order, status, std::move(error), sent_some ? note_of(order) : std::string(), now);
}

}  // namespace emporia::commands
