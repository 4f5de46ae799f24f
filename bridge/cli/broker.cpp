#include "cli/broker.hpp"

#include <unistd.h>
#include <utility>

#include "app/daemon.hpp"
#include "app/own_devices.hpp"
#include "mqtt/paho_link.hpp"
#include "mqtt/topic_tree.hpp"
#include "mqtt/trouble.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

constexpr std::chrono::seconds kPatience{10};

}  // namespace

mqtt::LinkOptions command_link_options(const settings::Settings& settings, const std::string& command) {
  mqtt::LinkOptions options = app::link_options(settings);
  // The list of a fleet's devices is one message.
  options.largest_packet_bytes = 256 * 1024 * 1024;
  options.client_id += runtime::concat("-", command, "-", static_cast<std::int64_t>(::getpid()));
  options.will = {};
  return options;
}

Broker::Broker(const settings::Settings& settings, Ears& ears, const std::string& command) : ears_(ears) {
  const mqtt::LinkOptions options = command_link_options(settings, command);
  where_ = mqtt::host_and_port(options);
  client_id_ = options.client_id;
  const mqtt::TopicTree topics = app::topics_of(settings);
  echo_topic_ = topics.bridge(runtime::concat("echo/", command, "-", static_cast<std::int64_t>(::getpid())));
  link_ =
      std::make_unique<mqtt::PahoLink>(options, [&ears](mqtt::LinkEvent event) { ears.inbox.post(std::move(event)); });
}

Broker::~Broker() {
  if (up_) link_->disconnect();
}

runtime::SteadyTime Broker::soon() {
  return runtime::read_clock().steady + kPatience;
}

bool Broker::too_slow(const char* what) {
  if (!trouble_) {
    trouble_ = {runtime::concat("the broker ", where_, " ", what, " within ", kPatience.count(),
                                " s: check its access rules for this user")};
  }
  return false;
}

void Broker::listen(runtime::SteadyTime deadline) {
  for (app::Event& event : ears_.inbox.take_until(deadline)) {
    if (const auto* signal = std::get_if<runtime::Signal>(&event)) {
      if (*signal == runtime::Signal::stop) trouble_ = {"stopped", app::ExitCode::interrupted};
    }
    auto* link = std::get_if<mqtt::LinkEvent>(&event);
    if (link == nullptr) continue;
    if (std::holds_alternative<mqtt::LinkUp>(*link)) {
      up_ = true;
    } else if (const auto* down = std::get_if<mqtt::LinkDown>(link)) {
      up_ = false;
      if (!trouble_) trouble_ = {runtime::concat("broker ", where_, ": ", down->reason)};
    } else if (const auto* delivered = std::get_if<mqtt::Delivered>(link)) {
      delivered_[delivered->ticket] = delivered->ok;
    } else if (auto* received = std::get_if<mqtt::Received>(link)) {
      received_.push_back(std::move(*received));
    }
  }
}

bool Broker::connect() {
  link_->connect();
  const auto limit = runtime::read_clock().steady + 3 * kPatience;
  while (!up_ && !trouble_) {
    if (runtime::read_clock().steady >= limit) return too_slow("does not let us in");
    listen(limit);
  }
  return !trouble_;
}

bool Broker::subscribe(const std::vector<std::string>& filters) {
  if (trouble_) return false;
  std::vector<mqtt::Subscription> subscriptions;
  subscriptions.reserve(filters.size());
  for (const std::string& filter : filters) subscriptions.push_back({filter, false, false, false});
  link_->subscribe(subscriptions);
  return true;
}

bool Broker::read_retained(const std::vector<std::string>& filters, std::map<std::string, std::string>& retained) {
  // No broker says when all that it had retained has been sent. But it keeps the order: what is published after the
  // subscription comes after it.
  std::vector<std::string> all = filters;
  all.push_back(echo_topic_);
  if (!subscribe(all)) return false;
  mqtt::Message echo;
  echo.topic = echo_topic_;
  echo.payload = client_id_;
  if (!publish(echo)) return trouble_ ? false : too_slow("does not take a message");
  for (auto limit = soon(); !trouble_;) {
    const auto received = next(limit);
    if (!received) return too_slow("does not send back what is published");
    if (received->message.topic == echo_topic_) return true;
    if (received->message.payload.empty()) continue;
    retained[received->message.topic] = received->message.payload;
    limit = soon();
  }
  return false;
}

bool Broker::publish(const mqtt::Message& message) {
  if (trouble_) return false;
  const mqtt::Ticket ticket = ++last_ticket_;
  link_->send(ticket, message);
  const auto limit = soon();
  while (!trouble_ && delivered_.count(ticket) == 0) {
    if (runtime::read_clock().steady >= limit) return too_slow("does not acknowledge a message");
    listen(limit);
  }
  const auto found = delivered_.find(ticket);
  return found != delivered_.end() && found->second;
}

std::optional<mqtt::Received> Broker::next(runtime::SteadyTime deadline) {
  while (received_.empty() && !trouble_ && runtime::read_clock().steady < deadline) listen(deadline);
  if (received_.empty() || trouble_) return std::nullopt;
  mqtt::Received first = std::move(received_.front());
  received_.pop_front();
  return first;
}

}  // namespace emporia::cli
