#include "app/neighbours.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/daemon.hpp"
#include "app/own_devices.hpp"
#include "json/value.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRoom = "bridge";
// A broker that cannot be reached by then tells nothing, and the bridge does without it as ever.
constexpr auto kLookWithin = 20s;
constexpr auto kConnectAgainAfter = 5s;
constexpr json::Limits kLimits{std::size_t{1024} * 1024, 8};

}  // namespace

std::vector<mqtt::Subscription> Neighbours::subscriptions() const {
  const std::string start = topics_.base() + "/bridge/";
  return {{start + "state"}, {start + "+/state"}, {start + "+/info"}};
}

void Neighbours::received(const mqtt::Message& message) {
  const std::string start = topics_.base() + "/bridge/";
  if (message.topic.compare(0, start.size(), start) != 0) return;
  const std::string rest = message.topic.substr(start.size());
  const auto slash = rest.rfind('/');
  const std::string name = slash == std::string::npos ? "" : rest.substr(0, slash);
  const std::string leaf = slash == std::string::npos ? rest : rest.substr(slash + 1);
  if (leaf == "state") bridges_[name].online = message.payload == "online";
  if (leaf != "info" || name.empty()) return;
  const auto info = json::parse(message.payload, kLimits);
  const json::Value* shard = info ? info.value().find("shard") : nullptr;
  bridges_[name].shard = shard != nullptr && shard->as_string() != nullptr ? *shard->as_string() : "";
}

std::optional<std::string> Neighbours::in_the_way() const {
  for (const auto& [name, bridge] : bridges_) {
    if (!bridge.online) continue;
    if (name.empty()) return topics_.base() + "/bridge/state is online, of a bridge that has all devices";
    const auto told = settings::parse_shard(bridge.shard);
    // One that does not say is of a program that knows no shards, or its info has not come yet.
    if (!told || told->count == own_.count) continue;
    return runtime::concat(topics_.base(), "/bridge/", name, "/state is online, of a bridge with shard ", bridge.shard);
  }
  return std::nullopt;
}

bool wait_for_neighbours(Surroundings& around) {
  const auto shard = settings::shard(around.settings);
  if (!shard) return true;
  Neighbours neighbours(topics_of(around.settings), *shard);
  mqtt::LinkOptions options = link_options(around.settings);
  options.client_id += "-look";
  options.will = {};
  mqtt::PahoLink link(options, [&around](mqtt::LinkEvent event) { around.inbox.post(LeaseEvent{std::move(event)}); });
  // Published behind the subscriptions, it comes back behind all that was retained.
  mqtt::Message echo;
  echo.topic = topics_of(around.settings).bridge("echo/look");
  echo.payload = "look";
  auto subscriptions = neighbours.subscriptions();
  subscriptions.push_back({echo.topic});

  runtime::SteadyTime connect_at = runtime::read_clock().steady;
  runtime::SteadyTime limit = connect_at + kLookWithin;
  bool up = false;
  bool heard = false;
  std::string told;
  // Whoever was seen to be in the way is waited for, also while the broker is away.
  for (runtime::Now now = runtime::read_clock(); told.empty() ? !heard && now.steady < limit : true;
       now = runtime::read_clock()) {
    if (now.steady >= connect_at) {
      connect_at = runtime::kNever;
      link.connect();
    }
    for (Event& event : around.inbox.take_until(std::min({limit, connect_at, around.supervision.next_deadline()}))) {
      const auto* signal = std::get_if<runtime::Signal>(&event);
      if (signal != nullptr && *signal == runtime::Signal::stop) return false;
      const auto* news = std::get_if<LeaseEvent>(&event);
      if (news == nullptr) continue;
      if (std::holds_alternative<mqtt::LinkUp>(news->event)) {
        up = true;
        link.subscribe(subscriptions);
        link.send(1, echo);
      } else if (std::holds_alternative<mqtt::LinkDown>(news->event)) {
        up = heard = false;
        connect_at = runtime::read_clock().steady + kConnectAgainAfter;
      } else if (const auto* message = std::get_if<mqtt::Received>(&news->event)) {
        neighbours.received(message->message);
        heard = heard || message->message.topic == echo.topic;
      }
    }
    const auto in_the_way = neighbours.in_the_way();
    if (heard && !in_the_way) break;
    if (in_the_way && *in_the_way != told) {
      told = *in_the_way;
      limit = runtime::kNever;
      runtime::log_error(kRoom, "a bridge of another number works still: " + told +
                                    "; this one waits until it is stopped, for a device must not be read by two");
    }
    around.supervision.on_time(false, told.empty() ? "looks for other bridges" : "waits for another bridge to stop",
                               runtime::read_clock());
  }
  if (up) link.disconnect();
  return true;
}

}  // namespace emporia::app
