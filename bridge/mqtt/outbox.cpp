#include "mqtt/outbox.hpp"

#include <algorithm>

namespace emporia::mqtt {

void Outbox::put(Message message) {
  if (message.retain) {
    if (retained_.want(message.topic, message.payload)) ++counters_.replaced;
    return;
  }
  if (closing_) {
    ++counters_.dropped;
    return;
  }
  one_shot_bytes_ += message.payload.size();
  one_shots_.push_back({std::move(message), retained_.arrival(), retained_taken_});
  drop_beyond_limit();
}

void Outbox::put_only(Message message) {
  counters_.dropped += one_shots_.size();
  one_shots_.clear();
  one_shot_bytes_ = message.payload.size();
  one_shots_.push_back({std::move(message), retained_.arrival(), retained_taken_});
  closing_ = true;
}

void Outbox::drop_beyond_limit() {
  while (one_shots_.size() > one_shots_kept_ || (one_shots_.size() > 1 && one_shot_bytes_ > kOneShotBytes)) {
    static_cast<void>(take_one_shot());
    ++counters_.dropped;
  }
}

Message Outbox::take_one_shot() {
  Message message = std::move(one_shots_.front().message);
  one_shots_.pop_front();
  one_shot_bytes_ -= message.payload.size();
  return message;
}

std::vector<std::pair<Ticket, Message>> Outbox::take_ready() {
  std::vector<std::pair<Ticket, Message>> ready;
  while (in_flight_.size() < window_) {
    std::optional<Message> message = next();
    if (!message) break;
    const Ticket ticket = ++last_ticket_;
    // The set holds the payload of a retained message; here it is only known by its topic.
    Message kept;
    if (message->retain && !closing_) {
      kept.topic = message->topic;
      kept.retain = true;
    } else {
      kept = *message;
    }
    in_flight_.emplace(ticket, std::move(kept));
    ready.emplace_back(ticket, std::move(*message));
    ++counters_.sent;
  }
  return ready;
}

std::optional<Message> Outbox::next() {
  if (one_shot_is_next()) return take_one_shot();
  if (closing_) return std::nullopt;
  const auto change = retained_.take();
  if (!change) return std::nullopt;
  ++retained_taken_;
  Message message;
  message.topic = change->topic;
  message.payload = change->payload;
  message.retain = true;
  return message;
}

bool Outbox::one_shot_is_next() const {
  if (one_shots_.empty() || busy(one_shots_.front().message.topic)) return false;
  const OneShot& first = one_shots_.front();
  return closing_ || first.arrival < retained_.next_arrival() ||
         retained_taken_ - first.retained_before >= kOvertakeAfter;
}

bool Outbox::busy(const std::string& topic) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [&](const auto& sent) { return sent.second.topic == topic; });
}

std::optional<std::string> Outbox::delivered(Ticket ticket, bool ok) {
  const auto sent = in_flight_.find(ticket);
  if (sent == in_flight_.end()) return std::nullopt;
  const Message message = std::move(sent->second);
  in_flight_.erase(sent);
  if (message.retain) retained_.delivered(message.topic, ok);
  if (ok) {
    ++counters_.acknowledged;
    return std::nullopt;
  }
  ++counters_.refused;
  if (!message.retain) ++counters_.dropped;
  return message.topic;
}

void Outbox::link_up(std::uint16_t receive_maximum) {
  constexpr std::uint16_t kSmallest = 1;
  // One less than the broker takes: the Paho library stalls when the window is full, not only beyond it.
  const auto room = static_cast<std::uint16_t>(std::max<int>(receive_maximum - 1, kSmallest));
  window_ = std::min(room, kLargestWindow);
  retained_.assert_all();
}

void Outbox::link_down() {
  window_ = 0;
  // From the last to the first, so that they stand at the front in the order in which they were sent.
  for (auto sent = in_flight_.rbegin(); sent != in_flight_.rend(); ++sent) {
    Message& message = sent->second;
    if (message.retain) {
      retained_.lost(message.topic);
    } else if (message.qos == Qos::at_least_once) {
      one_shot_bytes_ += message.payload.size();
      one_shots_.push_front({std::move(message), retained_.arrival(), retained_taken_});
    } else {
      ++counters_.dropped;
    }
  }
  in_flight_.clear();
  drop_beyond_limit();
}

}  // namespace emporia::mqtt
