#include "app/daemon.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bridge.hpp"
#include "app/cannot_start.hpp"
#include "app/service_look.hpp"
#include "app/stored.hpp"
#include "app/supervision.hpp"
#include "app/turn.hpp"
#include "app/version.hpp"
#include "app/web.hpp"
#include "ledger/store.hpp"
#include "mqtt/paho_link.hpp"
#include "recorder/websocket.hpp"
#include "runtime/core_dumps.hpp"
#include "runtime/heap.hpp"
#include "runtime/inbox.hpp"
#include "runtime/last_resort.hpp"
#include "runtime/log.hpp"
#include "runtime/service_manager.hpp"
#include "runtime/signals.hpp"
#include "runtime/text.hpp"
#include "settings/endpoint.hpp"

namespace emporia::app {
namespace {

constexpr const char* kRoom = "bridge";
// Leaves a second of the 5 s that are promised.
constexpr std::chrono::milliseconds kStopWithin{4000};
// From the opened ledger to the loop nothing waits for a network or a disk.
constexpr std::chrono::milliseconds kStartWithin{20'000};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw CannotStart(ExitCode::configuration, "cannot read " + path + ": check that it exists and is readable");
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

partner::GatewayOptions gateway_options(const settings::Partner& settings) {
  partner::GatewayOptions options;
  options.endpoint = settings.endpoint;
  if (!settings.ca_file.empty()) options.ca_pem = read_file(settings.ca_file);
  options.tls_server_name = settings.tls_server_name;
  options.plaintext = settings.plaintext;
  options.timeout = std::chrono::seconds{settings.timeout_s};
  options.usage_timeout = std::chrono::seconds{settings.usage_timeout_s};
  return options;
}

std::string state_directory(const settings::Settings& settings) {
  const std::filesystem::path directory = settings.state.directory;
  std::error_code error;
  // What it will hold tells when somebody is at home: nobody else needs to read it.
  const mode_t before = umask(0077);
  std::filesystem::create_directories(directory, error);
  umask(before);
  if (error) {
    throw CannotStart(ExitCode::state_unusable,
                      runtime::concat("the state directory ", directory.string(), " cannot be made (", error.message(),
                                      "): set [state] directory to one that can be written"));
  }
  return directory;
}

namespace {

/// Held while the program runs: two bridges on one ledger would book the same energy twice.
class StateLock {
 public:
  explicit StateLock(const std::string& directory)
      : file_(open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) {
      throw CannotStart(ExitCode::state_unusable,
                        runtime::concat("the state directory ", directory, " cannot be written (", std::strerror(errno),
                                        "): let user ", geteuid(), " own it, or set [state] directory to another one"));
    }
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
      close(file_);
      throw CannotStart(ExitCode::state_unusable,
                        "another bridge runs with the state directory " + directory +
                            ": stop it, or give this one a [state] directory and [mqtt] base_topic of its own");
    }
  }
  ~StateLock() { close(file_); }
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

 private:
  int file_;
};

/// With too few of them libraries end the program without saying why.
void require_descriptors() {
  constexpr rlim_t kEnough = 32;
  constexpr rlim_t kPlenty = 1024;
  rlimit limits{};
  if (getrlimit(RLIMIT_NOFILE, &limits) != 0 || limits.rlim_cur >= kEnough) return;
  const rlim_t before = limits.rlim_cur;
  limits.rlim_cur = std::min(limits.rlim_max, kPlenty);
  if (setrlimit(RLIMIT_NOFILE, &limits) == 0 && limits.rlim_cur >= kEnough) return;
  throw CannotStart(ExitCode::configuration,
                    runtime::concat("the system lets this program have ", before, " open files and it needs ", kEnough,
                                    ": raise LimitNOFILE= of the service, or ulimit -n"));
}

void serve(std::optional<Web>& web, const settings::Settings& settings, partner::Gateway& gateway,
           ledger::UsageLedger& ledger) try {
  web.emplace(settings, gateway, ledger, runtime::read_clock);
} catch (const http::CannotListen& error) {
  throw CannotStart(ExitCode::configuration, error.what());
}

void open_recorder(std::optional<recorder::WebSocket>& recorder, const settings::Statistics& settings,
                   runtime::Inbox<Event>& inbox) try {
  recorder.emplace(recorder_options(settings), [&inbox](recorder::SocketEvent event) { inbox.post(std::move(event)); });
} catch (const std::runtime_error& error) {
  throw CannotStart(ExitCode::configuration, error.what());
}

ledger::Store open_ledger(const std::string& path, std::chrono::hours kept) try {
  return ledger::Store(path, kept);
} catch (const std::exception& error) {
  throw CannotStart(ExitCode::state_unusable, error.what());
}

std::string in_one_line(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void tell_differences(const settings::Differences& differences) {
  if (differences.live.empty() && differences.at_start.empty()) {
    return runtime::log_info(kRoom, "the configuration was read again: nothing is different");
  }
  if (!differences.live.empty()) {
    runtime::log_info(kRoom, "the configuration was read again, from now on applies: " + in_one_line(differences.live));
  }
  if (!differences.at_start.empty()) {
    runtime::log_warning(kRoom, "these options are different and apply only when the bridge is restarted: " +
                                    in_one_line(differences.at_start));
  }
}

/// What the loop needs besides the bridge.
struct Surroundings {
  runtime::Inbox<Event>& inbox;
  const Reload& reload;
  Supervision supervision;
  /// Told each event before the bridge is; nullptr without HTTP.
  Web* web = nullptr;
};

void read_again(Bridge& bridge, Surroundings& around, runtime::Now now) {
  around.supervision.reloading(now);
  runtime::log_info(kRoom, "asked to read the configuration again");
  if (const auto fresh = around.reload()) tell_differences(bridge.reconfigure(*fresh, now));
  around.supervision.reloaded();
}

ExitCode loop(Bridge& bridge, Surroundings& around) {
  constexpr std::chrono::seconds kStatusEvery{1};
  // What a broker replays of a fleet comes in a burst: what else is due has its turn in between.
  constexpr std::chrono::milliseconds kEventsFor{20};
  // When nothing else is due so soon, and not after every message.
  constexpr std::chrono::seconds kIdle{1};
  constexpr std::chrono::minutes kGiveBackEvery{10};
  runtime::SteadyTime give_back_at{};
  runtime::SteadyTime status_at{};
  std::string status;
  std::deque<Event> events;
  while (!bridge.finished()) {
    const auto deadline = std::min(bridge.next_deadline(), around.supervision.next_deadline());
    for (Event& event : around.inbox.take_until(events.empty() ? deadline : runtime::SteadyTime{})) {
      events.push_back(std::move(event));
    }
    const TurnWatch turn;
    while (!events.empty() && turn.so_far().lasted < kEventsFor) {
      Event event = std::move(events.front());
      events.pop_front();
      const auto* signal = std::get_if<runtime::Signal>(&event);
      if (signal != nullptr && *signal == runtime::Signal::reload) {
        if (!bridge.stopping()) read_again(bridge, around, runtime::read_clock());
      } else {
        if (around.web != nullptr) around.web->passing(event);
        bridge.handle(std::move(event), runtime::read_clock());
      }
    }
    const runtime::Now now = runtime::read_clock();
    bridge.on_time(now);
    if (bridge.stopping()) around.supervision.stopping();
    // Looks at every device: not for each message of a burst.
    if (now.steady >= status_at) {
      status = bridge.status_line(now);
      status_at = now.steady + kStatusEvery;
    }
    around.supervision.on_time(bridge.settled(), status, now);
    bridge.turned(turn.so_far());
    if (events.empty() && now.steady >= give_back_at && bridge.next_deadline() > now.steady + kIdle) {
      runtime::give_back_memory();
      give_back_at = now.steady + kGiveBackEvery;
    }
  }
  return *bridge.finished();
}

}  // namespace

mqtt::LinkOptions link_options(const settings::Settings& settings) {
  const settings::Mqtt& mqtt = settings.mqtt;
  const mqtt::TopicTree topics(mqtt.base_topic, settings.homeassistant.prefix);
  mqtt::LinkOptions options;
  options.host = mqtt.host;
  options.port = static_cast<std::uint16_t>(mqtt.port);
  options.client_id = mqtt.client_id;
  options.username = mqtt.username;
  options.password = mqtt.password.reveal();
  options.version = mqtt.version;
  options.tls = mqtt.tls;
  options.ca_file = mqtt.ca_file;
  options.certificate_file = mqtt.certificate_file;
  options.key_file = mqtt.key_file;
  options.keep_alive_s = static_cast<std::uint16_t>(mqtt.keep_alive_s);
  options.will = {topics.bridge("state"), "offline", mqtt::Qos::at_least_once, true, {}, {}};
  return options;
}

recorder::WebSocketOptions recorder_options(const settings::Statistics& settings) {
  const auto address = settings::parse_web_address(settings.url);
  if (!address) throw CannotStart(ExitCode::configuration, "[statistics] url is no address of a web server");
  constexpr std::string_view kApi = "/api/websocket";
  constexpr std::string_view kEnd = "/websocket";
  const std::string& path = address->path;
  // The Supervisor's is another one.
  const bool whole = path.size() >= kEnd.size() && path.compare(path.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
  recorder::WebSocketOptions options;
  options.address = {address->host, static_cast<std::uint16_t>(address->port), whole ? path : path + std::string(kApi),
                     address->tls, settings.ca_file};
  return options;
}

ExitCode run_daemon(const settings::Settings& settings, const Reload& reload) {
  static_cast<void>(runtime::keep_memory_private());
  runtime::Inbox<Event> inbox;
  require_descriptors();
  runtime::LastResort last_resort;
  const runtime::Signals signals(
      [&](runtime::Signal signal) {
        // Counted from the signal on: the loop itself may be what is stuck.
        if (signal == runtime::Signal::stop) last_resort.end_within(kStopWithin, static_cast<int>(ExitCode::ok));
        inbox.post(signal);
      },
      runtime::SecondStop::ends_at_once);
  const std::string directory = state_directory(settings);
  const StateLock lock(directory);
  ledger::Store store = open_ledger(directory + "/ledger.sqlite", std::chrono::hours{24} * settings.ledger.keep_days);
  StoredCalls journal(store);
  StoredDrafts drafts(store);
  last_resort.start_within(kStartWithin, static_cast<int>(ExitCode::internal));
  partner::GrpcGateway gateway(gateway_options(settings.partner),
                               [&inbox](partner::Reply reply) { inbox.post(std::move(reply)); });
  mqtt::PahoLink link(link_options(settings), [&inbox](mqtt::LinkEvent event) { inbox.post(std::move(event)); });
  runtime::log_info("bridge",
                    runtime::concat("emporia2mqtt ", kVersion, " starts: ", settings.partner.endpoint, " to mqtt://",
                                    settings.mqtt.host, ":", settings.mqtt.port, "/", settings.mqtt.base_topic));
  std::optional<Web> web;
  if (settings.http.enabled) serve(web, settings, gateway, store);
  ServiceLook service_look(settings.partner, [&inbox](DistrustExplained found) { inbox.post(std::move(found)); });
  std::optional<recorder::WebSocket> recorder;
  if (settings.statistics.enabled) open_recorder(recorder, settings.statistics, inbox);
  Parts parts{gateway, journal, link, store, drafts, store.set_aside()};
  parts.recorder = recorder ? &*recorder : nullptr;
  parts.hours = &store;
  parts.look_at_service = [&service_look] { service_look.begin(); };
  Bridge bridge(web ? web->instead_of(parts) : parts, settings, runtime::read_clock());
  Surroundings around{inbox, reload,
                      Supervision(runtime::tell_service_manager, runtime::watchdog_interval(), runtime::read_clock()),
                      web ? &*web : nullptr};
  last_resort.started();
  const ExitCode code = loop(bridge, around);
  runtime::log_info(kRoom, "stopped");
  last_resort.end_within(kStopWithin / 2, static_cast<int>(code));
  return code;
}

}  // namespace emporia::app
