// The bridge's own path of a fleet's poll, without network and service: replies that lie ready are decoded, booked
// durably and shown at a real broker. The rooms, the ledger's file and the link are the bridge's; time is virtual and
// moves only when nothing is under way, so that every run asks and publishes the same.
//
//   fleet_bridge record FOLDER BROKER_PORT STATE_DIRECTORY DEVICES [OUTLETS]
//       asks the simulator for a fleet of monitors, and of outlets besides, and writes down what came
//   fleet_bridge play FOLDER BROKER_PORT STATE_DIRECTORY
//       measures the last poll of it, prints JSON
//   fleet_bridge commands FOLDER BROKER_PORT STATE_DIRECTORY PAUSE_US
//       switches the outlets one after the other while that poll is worked off; how long each takes from being
//       published to its call
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "app/resident_memory.hpp"
#include "benchmarks/fleet_loop.hpp"
#include "benchmarks/recorded.hpp"
#include "runtime/heap.hpp"
#include "runtime/text.hpp"
#include "simulator/home.hpp"

using namespace emporia;
using namespace emporia::benchmarks;
using namespace std::chrono_literals;

namespace {

double process_time_s() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double resident_mb() {
  return static_cast<double>(app::resident_memory_bytes().value_or(0)) / 1e6;
}

std::string outlet(unsigned number) {
  return runtime::concat("B", 90'000 + number);
}

simulator::Home home(std::size_t monitors, unsigned outlets) {
  simulator::Home home = simulator::make_fleet(monitors);
  for (unsigned i = 0; i < outlets; ++i) {
    simulator::DeviceSpec device;
    device.id = outlet(i);
    device.model = simulator::kOutlet;
    device.name = runtime::concat("Outlet ", i);
    simulator::CircuitSpec circuit;
    circuit.channel = 1;
    circuit.type = simulator::kExpansion50A;
    circuit.direction = simulator::kConsumption;
    circuit.pattern = "device";
    circuit.device = device.id;
    device.circuits.push_back(circuit);
    home.devices.push_back(device);
  }
  return home;
}

int record(const std::string& folder, int port, const std::string& state, std::size_t monitors, unsigned outlets) {
  simulator::WorldOptions options;
  options.quota = 0;
  options.start = kFleetStart.time_since_epoch().count();
  options.time_scale = 0;
  simulator::World world(home(monitors, outlets), options);
  FleetLoop loop(port, state);
  FleetGateway gateway(world, loop.sink());
  loop.set_on_passing([&world](std::chrono::seconds by) {
    const std::lock_guard lock(world.mutex);
    world.clock.advance(by.count());
  });
  loop.start(gateway);
  std::size_t first_call = 0;
  loop.link().remembers = true;
  loop.play([&] {
    first_call = gateway.calls().size() / 2;
    loop.link().remembered.clear();
  });
  std::vector<std::string> before;
  std::vector<std::string> poll;
  for (const std::size_t call : gateway.usage_calls()) {
    (call < first_call ? before : poll).push_back(gateway.calls()[2 * call + 1]);
  }
  write_records(folder + "/inventory.bin", {gateway.calls().at(1)});
  write_records(folder + "/calls.bin", gateway.calls());
  write_records(folder + "/before.bin", before);
  write_records(folder + "/poll.bin", poll);
  write_records(folder + "/messages.bin", loop.link().remembered);
  return 0;
}

int play(const std::string& folder, int port, const std::string& state) {
  FleetLoop loop(port, state);
  FleetGateway gateway(read_records(folder + "/calls.bin"), loop.sink());
  loop.start(gateway);
  double idle_mb = 0;
  std::size_t sent = 0;
  std::size_t bytes = 0;
  double cpu = 0;
  runtime::SteadyTime began;
  loop.play([&] {
    loop.take_longest_turn();
    runtime::give_back_memory();
    idle_mb = resident_mb();
    sent = loop.link().sent;
    bytes = loop.link().bytes;
    cpu = process_time_s();
    began = runtime::read_clock().steady;
  });
  const auto took = runtime::read_clock().steady - began;
  const double cpu_s = process_time_s() - cpu;
  runtime::give_back_memory();
  std::printf(
      "{\"time_s\": %.6f, \"cpu_s\": %.6f, \"messages\": %zu, \"bytes\": %zu, \"longest_turn_ms\": %.3f, "
      "\"idle_mb\": %.3f, \"after_mb\": %.3f}\n",
      std::chrono::duration<double>(took).count(), cpu_s, loop.link().sent - sent, loop.link().bytes - bytes,
      std::chrono::duration<double, std::milli>(loop.take_longest_turn()).count(), idle_mb, resident_mb());
  return 0;
}

/// Publishes a command every so often on a thread of its own, until told to stop or every outlet was switched.
class Commander {
 public:
  Commander(int port, unsigned outlets, std::chrono::microseconds pause)
      : outlets_(outlets), pause_(pause), link_(fleet_link_options(port, "commander"), [this](mqtt::LinkEvent event) {
          if (std::holds_alternative<mqtt::LinkUp>(event)) up_ = true;
        }) {
    link_.connect();
    while (!up_) std::this_thread::sleep_for(1ms);
  }
  ~Commander() {
    if (thread_.joinable()) thread_.join();
  }
  Commander(const Commander&) = delete;
  Commander& operator=(const Commander&) = delete;

  /// Does nothing when it has begun.
  void begin() {
    if (!thread_.joinable()) thread_ = std::thread([this] { publish_all(); });
  }
  void arrived(const model::DeviceId& device) {
    const auto now = runtime::read_clock().steady;
    const std::lock_guard lock(mutex_);
    const auto sent = sent_.find(device.text());
    if (sent != sent_.end()) took_.emplace_back(sent->second, now - sent->second);
  }
  /// When each was published, and how long it took; once all have been carried out.
  std::vector<std::pair<runtime::SteadyTime, std::chrono::nanoseconds>> take(runtime::SteadyTime published_before) {
    if (thread_.joinable()) thread_.join();
    std::erase_if(took_, [&](const auto& one) { return one.first >= published_before; });
    return std::move(took_);
  }

 private:
  void publish_all() {
    for (unsigned i = 0; i < outlets_; ++i) {
      mqtt::Message message;
      message.topic = runtime::concat("emporia/", outlet(i), "/set/on");
      message.payload = "OFF";
      {
        const std::lock_guard lock(mutex_);
        sent_[outlet(i)] = runtime::read_clock().steady;
      }
      link_.send(i + 1, message);
      std::this_thread::sleep_for(pause_);
    }
  }

  unsigned outlets_;
  std::chrono::microseconds pause_;
  std::atomic<bool> up_ = false;
  std::mutex mutex_;
  std::map<std::string, runtime::SteadyTime> sent_;
  std::vector<std::pair<runtime::SteadyTime, std::chrono::nanoseconds>> took_;
  mqtt::PahoLink link_;
  std::thread thread_;
};

int commands(const std::string& folder, int port, const std::string& state, std::chrono::microseconds pause) {
  FleetLoop loop(port, state);
  FleetGateway gateway(read_records(folder + "/calls.bin"), loop.sink());
  const auto inventory = read_records(folder + "/inventory.bin").at(0);
  unsigned outlets = 0;
  while (inventory.find(outlet(outlets)) != std::string::npos) ++outlets;
  loop.start(gateway);
  Commander commander(port, outlets, pause);
  gateway.set_on_update([&commander](const partner::UpdateOutlets& update) {
    for (const auto& each : update.updates) commander.arrived(each.device);
  });
  gateway.set_on_poll([&] {
    if (loop.rounds() + 1 == FleetLoop::kMeasuredRound) commander.begin();
  });
  loop.play([&] { loop.take_longest_turn(); });
  auto took = commander.take(loop.link().usage_at);
  std::sort(took.begin(), took.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (took.empty()) throw std::runtime_error("no command fell into the poll");
  const auto ms = [&](std::size_t percent) {
    const std::size_t at = std::min(took.size() - 1, took.size() * percent / 100);
    return std::chrono::duration<double, std::milli>(took[at].second).count();
  };
  std::printf(
      "{\"commands\": %zu, \"median_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, "
      "\"longest_turn_ms\": %.3f}\n",
      took.size(), ms(50), ms(90), ms(99), ms(100),
      std::chrono::duration<double, std::milli>(loop.take_longest_turn()).count());
  return 0;
}

int run(int argc, char** argv) {
  const std::string how = argc > 1 ? argv[1] : "";
  const auto number = [&](int at) { return std::strtoul(argv[at], nullptr, 10); };
  if (argc >= 6 && argc <= 7 && how == "record") {
    return record(argv[2], std::atoi(argv[3]), argv[4], number(5), argc == 7 ? static_cast<unsigned>(number(6)) : 0);
  }
  if (argc == 5 && how == "play") return play(argv[2], std::atoi(argv[3]), argv[4]);
  if (argc == 6 && how == "commands") {
    return commands(argv[2], std::atoi(argv[3]), argv[4], std::chrono::microseconds{number(5)});
  }
  std::fprintf(stderr, "fleet_bridge record|play|commands FOLDER BROKER_PORT STATE_DIRECTORY [...]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const std::exception& error) {
  std::fprintf(stderr, "fleet_bridge: %s\n", error.what());
  return 1;
}
