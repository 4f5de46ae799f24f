#include "app/daemon.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cannot_start.hpp"
#include "app/loop.hpp"
#include "app/neighbours.hpp"
#include "app/own_devices.hpp"
#include "app/standby.hpp"
#include "runtime/core_dumps.hpp"
#include "runtime/heap.hpp"
#include "runtime/inbox.hpp"
#include "runtime/last_resort.hpp"
#include "runtime/log.hpp"
#include "runtime/service_manager.hpp"
#include "runtime/signals.hpp"
#include "runtime/text.hpp"
#include "settings/endpoint.hpp"
#include "settings/shard.hpp"

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

}  // namespace

mqtt::LinkOptions link_options(const settings::Settings& settings) {
  const settings::Mqtt& mqtt = settings.mqtt;
  const mqtt::TopicTree topics = topics_of(settings);
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
  runtime::share_heaps();
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
  const auto surroundings = [&] {
    return Surroundings{inbox, reload,
                        Supervision(runtime::tell_service_manager, runtime::watchdog_interval(), runtime::read_clock()),
                        settings};
  };
  const auto opened = [&] { last_resort.start_within(kStartWithin, static_cast<int>(ExitCode::internal)); };
  const auto ended = [&last_resort](ExitCode code) {
    runtime::log_info(kRoom, "stopped");
    last_resort.end_within(kStopWithin / 2, static_cast<int>(code));
    return code;
  };
  if (settings.fleet.standby || settings::shard(settings)) {
    Surroundings around = surroundings();
    if (!wait_for_neighbours(around)) return ended(ExitCode::ok);
    if (settings.fleet.standby) return ended(stand_by_and_work(around, directory));
    Works works(settings, directory, inbox, nullptr, opened);
    last_resort.started();
    return ended(*loop(works, around, nullptr));
  }
  Works works(settings, directory, inbox, nullptr, opened);
  Surroundings around = surroundings();
  last_resort.started();
  return ended(*loop(works, around, nullptr));
}

}  // namespace emporia::app
