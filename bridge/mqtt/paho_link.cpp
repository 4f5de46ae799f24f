#include "mqtt/paho_link.hpp"

#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <latch>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mqtt/paho_values.hpp"
#include "mqtt/sender.hpp"
#include "mqtt/trouble.hpp"
#include "runtime/log.hpp"
#include "runtime/mutex.hpp"
#include "runtime/text.hpp"

namespace emporia::mqtt {
namespace {

constexpr auto kRoom = "mqtt";
constexpr std::chrono::milliseconds kGoodbyeTimeout{1000};

/// A ticket travels through the library as its user context, a pointer that is never followed.
void* as_context(std::uintptr_t number) {
  return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr): it is never one
}
std::uintptr_t from_context(const void* context) {
  return reinterpret_cast<std::uintptr_t>(context);
}

/// Nothing may be thrown into the library: it would end the process.
template <typename Call>
void guarded(const Call& call) {
  try {
    call();
  } catch (const std::exception& failure) {
    runtime::log_error(kRoom, runtime::concat("something the broker said was lost: ", failure.what()));
  }
}

/// Calls two functions for the outcome of an action.
class Listener : public paho::iaction_listener {
 public:
  using Call = std::function<void(const paho::token&)>;
  Listener(Call success, Call failure) : success_(std::move(success)), failure_(std::move(failure)) {}
  void on_success(const paho::token& token) override {
    guarded([&] { success_(token); });
  }
  void on_failure(const paho::token& token) override {
    guarded([&] { failure_(token); });
  }

 private:
  Call success_;
  Call failure_;
};

/// Whether there are the two threads that Paho makes for a connection. Without them it neither connects nor says so.
bool has_threads() {
  std::latch enough(1);
  std::vector<std::thread> threads;
  constexpr std::size_t kThreads = 2;
  try {
    while (threads.size() < kThreads) threads.emplace_back([&enough] { enough.wait(); });
  } catch (const std::system_error&) {
  }
  enough.count_down();
  for (std::thread& thread : threads) thread.join();
  return threads.size() == kThreads;
}

}  // namespace

/// The library calls back on its threads while it holds its own lock, which every call of ours into it takes too.
/// Therefore `mutex_` is never held across such a call.
class PahoLink::Client {
 public:
  Client(LinkOptions options, LinkSink sink);
  ~Client();

  void connect();
  void disconnect();
  void subscribe(const std::vector<Subscription>& subscriptions);
  void unsubscribe(const std::vector<std::string>& filters);
  void send(Ticket ticket, const Message& message);

 private:
  enum class State { down, connecting, up, closed };

  void connected(const paho::token& token);
  void not_connected(const paho::token& token);
  void look_for_trouble();
  void lost(LinkDown down);
  void delivered(const paho::token& token, bool ok);
  void subscribed(const paho::token& token, bool ok);
  bool take_over(Ticket ticket, const Message& message);
  /// On the sender's thread.
  void hand_over(Ticket ticket, const paho::const_message_ptr& message);
  void refuse(Ticket ticket, const std::string& why);
  /// Ends the attempt or the link; does nothing when neither is there any more.
  void end(State expected, LinkDown down);
  void complain_once(const std::string& text) E2M_REQUIRES(mutex_);

  const LinkOptions options_;
  const LinkSink sink_;
  runtime::Mutex mutex_;
  State state_ E2M_GUARDED_BY(mutex_) = State::down;
  Limits limits_ E2M_GUARDED_BY(mutex_);
  std::unordered_map<std::uintptr_t, Ticket> in_flight_ E2M_GUARDED_BY(mutex_);
  bool complained_ E2M_GUARDED_BY(mutex_) = false;

  int give_up_[2] = {-1, -1};
  std::thread look_;

  paho::connect_options connect_options_;
  Listener on_connect_{[this](const paho::token& token) { connected(token); },
                       [this](const paho::token& token) { not_connected(token); }};
  Listener on_publish_{[this](const paho::token& token) { delivered(token, true); },
                       [this](const paho::token& token) { delivered(token, false); }};
  Listener on_subscribe_{[this](const paho::token& token) { subscribed(token, true); },
                         [this](const paho::token& token) { subscribed(token, false); }};
  /// Behind what its threads use, so that they are done before any of that goes.
  paho::async_client client_;
  /// The last member: it uses the client.
  Sender sender_{[this](Ticket ticket, const paho::const_message_ptr& message) { hand_over(ticket, message); }};
};

PahoLink::Client::Client(LinkOptions options, LinkSink sink)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      client_(server_uri(options_), options_.client_id, paho::create_options(library_version(options_))) {
  if (::pipe2(give_up_, O_CLOEXEC) != 0) throw std::runtime_error("mqtt: no pipe can be made");
  fill(connect_options_, options_);
  client_.set_connection_lost_handler([this](const std::string&) {
    guarded([this] {
      lost({runtime::concat("the connection to ", host_and_port(options_),
                            " was lost: the broker closed it, or the network between failed"),
            false});
    });
  });
  client_.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) {
    guarded([&] { lost(explain_disconnect(static_cast<int>(code), options_)); });
  });
  client_.set_message_callback([this](const paho::const_message_ptr& message) {
    guarded([&] {
      Received received = from_paho(*message);
      const runtime::Lock lock(mutex_);
      if (state_ == State::up || state_ == State::connecting) sink_(std::move(received));
    });
  });
}

PahoLink::Client::~Client() {
  {
    const runtime::Lock lock(mutex_);
    state_ = State::closed;
  }
  ::close(give_up_[1]);
  if (look_.joinable()) look_.join();
  ::close(give_up_[0]);
}

void PahoLink::Client::connect() {
  {
    const runtime::Lock lock(mutex_);
    if (state_ != State::down) return;
    state_ = State::connecting;
    complained_ = false;
  }
  // It has posted the LinkDown that brought us here.
  if (look_.joinable()) look_.join();
  // What was sent on the link before has been told to be lost, and must not go out on the next one.
  sender_.drain();
  if (!has_threads()) {
    return end(State::connecting,
               {"no threads can be had for the connection: let the bridge have more memory and threads", false});
  }
  try {
    client_.connect(connect_options_, nullptr, on_connect_);
  } catch (const paho::exception& failure) {
    end(State::connecting, {runtime::concat("no attempt to connect can be made: ", failure.what()), false});
  }
}

void PahoLink::Client::connected(const paho::token& token) {
  const Limits limits = limits_of(token, options_.version);
  const runtime::Lock lock(mutex_);
  if (state_ != State::connecting) return;
  state_ = State::up;
  limits_ = limits;
  sink_(LinkUp{limits.receive_maximum});
}

void PahoLink::Client::not_connected(const paho::token& token) {
  // A positive number is the broker's own answer; everything else happened before there was one.
  const int code = token.get_return_code();
  if (code > 0) return end(State::connecting, explain_refusal(code, options_));
  look_for_trouble();
}

void PahoLink::Client::look_for_trouble() {
  try {
    const runtime::Lock lock(mutex_);
    if (state_ != State::connecting || look_.joinable()) return;
    look_ = std::thread(
        [this] { guarded([this] { end(State::connecting, explain_no_connection(options_, GiveUp{give_up_[0]})); }); });
  } catch (const std::system_error&) {
    end(State::connecting, {runtime::concat("no connection to ", host_and_port(options_),
                                            ", and no thread to find out why: let the bridge have more memory"),
                            false});
  }
}

void PahoLink::Client::lost(LinkDown down) {
  end(State::up, std::move(down));
}

void PahoLink::Client::end(State expected, LinkDown down) {
  const runtime::Lock lock(mutex_);
  if (state_ != expected) return;
  state_ = State::down;
  sink_(std::move(down));
  for (const auto& [number, ticket] : std::exchange(in_flight_, {})) sink_(Delivered{ticket, false});
}

void PahoLink::Client::disconnect() {
  bool was_up = false;
  {
    const runtime::Lock lock(mutex_);
    was_up = state_ == State::up;
    state_ = State::closed;
  }
  if (!was_up) return;
  try {
    // The library waits for what is in flight for as long, and then some: both are bounded.
    client_.disconnect(static_cast<int>(kGoodbyeTimeout.count() / 2))->wait_for(kGoodbyeTimeout);
  } catch (const paho::exception& failure) {
    runtime::log_debug(kRoom, runtime::concat("no goodbye to the broker: ", failure.what()));
  }
}

void PahoLink::Client::subscribe(const std::vector<Subscription>& subscriptions) {
  // One by one: with several filters at once the library (1.2.0 over 1.3.12) crashes on their MQTT 5 options.
  for (const Subscription& subscription : subscriptions) {
    const auto replays = subscription.skip_retained ? paho::subscribe_options::DONT_SEND_RETAINED
                                                    : paho::subscribe_options::SEND_RETAINED_ON_SUBSCRIBE;
    const paho::subscribe_options how(subscription.no_local, subscription.retain_as_published, replays);
    try {
      client_.subscribe(subscription.filter, 1, nullptr, on_subscribe_,
                        options_.version == kVersion5 ? how : paho::subscribe_options());
    } catch (const paho::exception& failure) {
      runtime::log_debug(kRoom, runtime::concat("not subscribed to ", subscription.filter, ": ", failure.what()));
    }
  }
}

void PahoLink::Client::subscribed(const paho::token& token, bool ok) {
  constexpr int kFirstRefusal = 0x80;
  if (ok) {
    const paho::subscribe_response response = token.get_subscribe_response();
    for (const paho::ReasonCode code : response.get_reason_codes()) ok = ok && static_cast<int>(code) < kFirstRefusal;
  }
  const runtime::Lock lock(mutex_);
  if (ok || state_ != State::up) return;
  const auto filters = token.get_topics();
  runtime::log_warning(kRoom, runtime::concat("the broker does not let this user subscribe to ",
                                              filters && !filters->empty() ? (*filters)[0] : std::string("a topic"),
                                              ": check its access rules"));
}

void PahoLink::Client::unsubscribe(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    try {
      client_.unsubscribe(filter);
    } catch (const paho::exception& failure) {
      runtime::log_debug(kRoom, runtime::concat("not unsubscribed from ", filter, ": ", failure.what()));
    }
  }
}

void PahoLink::Client::send(Ticket ticket, const Message& message) {
  if (take_over(ticket, message)) sender_.post(ticket, to_paho(message, options_.version));
}

void PahoLink::Client::hand_over(Ticket ticket, const paho::const_message_ptr& message) {
  {
    const runtime::Lock lock(mutex_);
    if (state_ != State::up || in_flight_.count(static_cast<std::uintptr_t>(ticket)) == 0) return;
  }
  try {
    client_.publish(message, as_context(static_cast<std::uintptr_t>(ticket)), on_publish_);
  } catch (const paho::exception& failure) {
    // These two mean that the link is breaking: the message stays in flight and is reported with its LinkDown.
    const int code = failure.get_return_code();
    if (code == MQTTASYNC_DISCONNECTED || code == MQTTASYNC_FAILURE) return;
    refuse(ticket, runtime::concat("a message for ", message->get_topic(), " cannot be sent: ", failure.what()));
  } catch (const std::exception& failure) {
    refuse(ticket, runtime::concat("a message cannot be sent: ", failure.what()));
  }
}

bool PahoLink::Client::take_over(Ticket ticket, const Message& message) {
  const runtime::Lock lock(mutex_);
  if (state_ != State::up) {
    if (state_ != State::closed) sink_(Delivered{ticket, false});
    return false;
  }
  if (packet_size(message) > limits_.largest_packet) {
    complain_once(runtime::concat("a message for ", message.topic, " has ", message.payload.size(),
                                  " bytes and the broker takes packets of ", limits_.largest_packet,
                                  " at most: raise its limit"));
    sink_(Delivered{ticket, false});
    return false;
  }
  in_flight_.emplace(static_cast<std::uintptr_t>(ticket), ticket);
  return true;
}

void PahoLink::Client::refuse(Ticket ticket, const std::string& why) {
  const runtime::Lock lock(mutex_);
  if (state_ == State::closed || in_flight_.erase(static_cast<std::uintptr_t>(ticket)) == 0) return;
  complain_once(why);
  sink_(Delivered{ticket, false});
}

void PahoLink::Client::delivered(const paho::token& token, bool ok) {
  constexpr int kFirstRefusal = 0x80;
  // MQTT 3.1.1 has no way to refuse a message. Any other failure means that the link is breaking, and the message is
  // reported with its LinkDown.
  const int reason = static_cast<int>(token.get_reason_code());
  if (!ok && (options_.version != kVersion5 || reason < kFirstRefusal)) return;
  const runtime::Lock lock(mutex_);
  const auto sent = in_flight_.find(from_context(token.get_user_context()));
  if (state_ != State::up || sent == in_flight_.end()) return;
  const Ticket ticket = sent->second;
  in_flight_.erase(sent);
  if (!ok) {
    complain_once(runtime::concat("the broker refused a message: ", paho::exception::reason_code_str(reason),
                                  " (reason code ", reason, ")"));
  }
  sink_(Delivered{ticket, ok});
}

void PahoLink::Client::complain_once(const std::string& text) {
  if (!std::exchange(complained_, true)) runtime::log_warning(kRoom, text);
}

PahoLink::PahoLink(LinkOptions options, LinkSink sink)
    : client_(std::make_unique<Client>(std::move(options), std::move(sink))) {}
PahoLink::~PahoLink() = default;
void PahoLink::connect() {
  client_->connect();
}
void PahoLink::disconnect() {
  client_->disconnect();
}
void PahoLink::subscribe(const std::vector<Subscription>& subscriptions) {
  client_->subscribe(subscriptions);
}
void PahoLink::unsubscribe(const std::vector<std::string>& filters) {
  client_->unsubscribe(filters);
}
void PahoLink::send(Ticket ticket, const Message& message) {
  client_->send(ticket, message);
}

}  // namespace emporia::mqtt
