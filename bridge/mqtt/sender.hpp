#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "mqtt/link.hpp"
#include "mqtt/paho_values.hpp"
#include "runtime/mutex.hpp"

namespace emporia::mqtt {

/// Hands messages to the library in their order, on a thread of its own. The library holds its lock while it writes to
/// the network and while it tells of acknowledgements, and whoever hands over waits for it: the loop did for a third of
/// the time that a fleet's poll took.
class Sender {
 public:
  using HandOver = std::function<void(Ticket, const paho::const_message_ptr&)>;
  /// `hand_over` is called on the thread and must not throw. Throws std::system_error when there is no thread to be
  /// had.
  explicit Sender(HandOver hand_over);
  /// Nothing is handed over any more when it returns; what waits is dropped.
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Any thread may call.
  void post(Ticket ticket, paho::const_message_ptr message);
  /// Returns once all that was posted has been handed over. Not to be called on the thread itself.
  void drain();

 private:
  struct Item {
    Ticket ticket;
    paho::const_message_ptr message;
  };
  void work();

  const HandOver hand_over_;
  runtime::Mutex mutex_;
  runtime::Condition arrived_;
  runtime::Condition idle_;
  std::vector<Item> waiting_ E2M_GUARDED_BY(mutex_);
  bool busy_ E2M_GUARDED_BY(mutex_) = false;
  bool ending_ E2M_GUARDED_BY(mutex_) = false;
  /// The last member: it uses the others.
  std::thread thread_;
};

}  // namespace emporia::mqtt
