#include "mqtt/sender.hpp"

#include <utility>

namespace emporia::mqtt {

Sender::Sender(HandOver hand_over) : hand_over_(std::move(hand_over)), thread_([this] { work(); }) {}

Sender::~Sender() {
  {
    const runtime::Lock lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  arrived_.notify_one();
  thread_.join();
}

void Sender::post(Ticket ticket, paho::const_message_ptr message) {
  {
    const runtime::Lock lock(mutex_);
    waiting_.push_back({ticket, std::move(message)});
  }
  arrived_.notify_one();
}

void Sender::drain() {
  runtime::Lock lock(mutex_);
  while (busy_ || !waiting_.empty()) idle_.wait(lock);
}

void Sender::work() {
  std::vector<Item> items;
  for (;;) {
    {
      runtime::Lock lock(mutex_);
      busy_ = false;
      idle_.notify_one();
      while (waiting_.empty() && !ending_) arrived_.wait(lock);
      if (ending_) return;
      items.swap(waiting_);
      busy_ = true;
    }
    for (const Item& item : items) hand_over_(item.ticket, item.message);
    items.clear();
  }
}

}  // namespace emporia::mqtt
