#include "app/standby.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "app/cannot_start.hpp"
#include "app/daemon.hpp"
#include "app/own_devices.hpp"
#include "http/server.hpp"
#include "json/value.hpp"
#include "runtime/log.hpp"
#include "runtime/text.hpp"

namespace emporia::app {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRoom = "lease";
// As Vitals does.
constexpr auto kLookEvery = 5s;
// Within what LastResort leaves for an end: the other one begins a lease's length sooner by it.
constexpr auto kReleaseWithin = 3s;

LeaseTime read_time() {
  return {runtime::read_clock(), runtime::time_since_boot()};
}

std::string own_level(const settings::Fleet& fleet) {
  return mqtt::topic_id(fleet.node);
}

mqtt::LinkOptions lease_link_options(const settings::Settings& settings) {
  mqtt::LinkOptions options = link_options(settings);
  options.client_id += "-" + own_level(settings.fleet);
  options.will = {topics_of(settings).bridge("standby/" + own_level(settings.fleet)),
                  "offline",
                  mqtt::Qos::at_least_once,
                  true,
                  {},
                  {}};
  return options;
}

Lease::Options lease_options(const settings::Settings& settings) {
  const mqtt::TopicTree topics = topics_of(settings);
  std::random_device random;
  Lease::Options options;
  options.topic = topics.bridge("lease");
  options.presence_topic = topics.bridge("standby/" + own_level(settings.fleet));
  options.presences = topics.bridge("standby/+");
  options.node = settings.fleet.node;
  options.run = runtime::concat(random(), "-", random());
  options.length = std::chrono::seconds{settings.fleet.lease_s};
  options.seed = random();
  return options;
}

/// /health and /metrics of one that stands by: it is well when it could take over.
class StandbyPages {
 public:
  explicit StandbyPages(const settings::Settings& settings) {
    if (!settings.http.enabled) return;
    try {
      server_.emplace(server_options(settings),
                      std::map<std::string, http::Page>{
                          {"/health", [this] { return health_answer(board_, runtime::read_clock().steady); }},
                          {"/metrics", [] {
                             return http::Answer{
                                 200, "text/plain; version=0.0.4; charset=utf-8",
                                 "# HELP emporia2mqtt_standing_by 1 while another bridge works and this one does "
                                 "not\n# TYPE emporia2mqtt_standing_by gauge\nemporia2mqtt_standing_by 1\n"};
                           }}});
    } catch (const http::CannotListen& error) {
      throw CannotStart(ExitCode::configuration, error.what());
    }
  }
  void look(const Lease& lease, runtime::Now now) {
    if (!server_ || now.steady < look_at_) return;
    look_at_ = now.steady + kLookEvery;
    json::Array problems;
    if (!lease.settled()) {
      problems.push_back(json::Object{{"part", "broker"}, {"text", "not connected: it could not take over"}});
    }
    auto snapshot = std::make_shared<HealthSnapshot>();
    snapshot->at = now.steady;
    snapshot->ok = problems.empty();
    snapshot->json = json::to_text(json::Object{{"status", snapshot->ok ? "standby" : "failing"},
                                                {"problems", std::move(problems)},
                                                {"standby", lease.status_line()}});
    board_.put(std::move(snapshot));
  }
  runtime::SteadyTime next_deadline() const { return server_ ? look_at_ : runtime::kNever; }

 private:
  HealthBoard board_;
  runtime::SteadyTime look_at_{};
  std::optional<http::Server> server_;
};

/// True when the lease is held, false when it was told to stop.
bool wait_for_lease(Lease& lease, Surroundings& around) {
  StandbyPages pages(around.settings);
  while (lease.state() != Lease::State::holding) {
    const auto deadline = std::min({lease.next_deadline(), around.supervision.next_deadline(), pages.next_deadline()});
    for (Event& event : around.inbox.take_until(deadline)) {
      if (const auto* news = std::get_if<LeaseEvent>(&event)) lease.on_event(news->event, read_time());
      const auto* signal = std::get_if<runtime::Signal>(&event);
      if (signal == nullptr) continue;
      if (*signal == runtime::Signal::stop) {
        runtime::log_info(kRoom, "asked to stop");
        return false;
      }
      read_again(around, nullptr, kRoom);
    }
    const LeaseTime time = read_time();
    lease.on_time(time);
    pages.look(lease, time.now);
    around.supervision.on_time(lease.settled(), lease.status_line(), time.now);
  }
  return true;
}

void release(Lease& lease, Surroundings& around) {
  lease.release(read_time());
  const auto limit = runtime::read_clock().steady + kReleaseWithin;
  while (!lease.released() && runtime::read_clock().steady < limit) {
    for (Event& event : around.inbox.take_until(limit)) {
      if (const auto* news = std::get_if<LeaseEvent>(&event)) lease.on_event(news->event, read_time());
    }
  }
}

}  // namespace

ExitCode stand_by_and_work(Surroundings& around, const std::string& directory) {
  mqtt::PahoLink link(lease_link_options(around.settings),
                      [&around](mqtt::LinkEvent event) { around.inbox.post(LeaseEvent{std::move(event)}); });
  Lease lease(link, lease_options(around.settings), read_time());
  runtime::log_info(kRoom, runtime::concat(around.settings.fleet.node, " stands by until no other works"));
  std::optional<ExitCode> code;
  while (!code) {
    if (!wait_for_lease(lease, around)) {
      around.supervision.stopping();
      code = ExitCode::ok;
      break;
    }
    Term term(lease, read_time);
    Works works(around.settings, directory, around.inbox, &term, [] {});
    code = loop(works, around, &term);
  }
  // The works are gone by now, so that nothing is done after this is said.
  release(lease, around);
  link.disconnect();
  return *code;
}

}  // namespace emporia::app
