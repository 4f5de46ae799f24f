// How long a single command takes from being published to its call's arrival at the service, on loopback: the real
// bridge, a real mosquitto, the simulator over TLS. The gathering window is set to 0, so what is printed is what comes
// on top of it. The way from here through the broker to the bridge is in it as well, so it is an upper bound for the
// way from the broker's delivery.
//
//   command_latency [COUNT]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "process/installation.hpp"
#include "process/speaker.hpp"

using namespace emporia;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr auto kLimit = std::chrono::seconds{20};

/// Switches one outlet that nobody has switched before: what is changed again and again is held back on purpose.
microseconds one_command(tests::Installation& home, tests::Speaker& speaker, int number) {
  const std::string device = "B" + std::to_string(9000 + number);
  home.service.command("reset-stats");
  const auto start = Clock::now();
  speaker.publish("emporia/" + device + "/set/on", "OFF");
  while (home.service.command("updates").find(device) == std::string::npos) {
    if (Clock::now() - start > kLimit) throw std::runtime_error("a command did not arrive");
    // Asking without a pause would hold the simulator's lock most of the time and measure that.
    std::this_thread::sleep_for(microseconds{100});
  }
  const auto arrived = Clock::now();
  const std::string topic = "emporia/" + device + "/state";
  const auto shown = [&] { return home.broker.retained(topic)[topic].find("\"on\":false") != std::string::npos; };
  if (!support::eventually(shown)) throw std::runtime_error("a command was not shown");
  return std::chrono::duration_cast<microseconds>(arrived - start);
}

}  // namespace

int main(int argc, char** argv) try {
  const int count = argc > 1 ? std::max(1, std::atoi(argv[1])) : 50;
  tests::Installation home(tests::Installation::home_with_outlets(count));
  home.service.command("quota 0");
  home.configure("commands", "gathering_ms = 0");
  home.configure("budget", "calls_per_hour = 1000");
  auto bridge = home.start();
  if (!support::eventually(
          [&] { return home.broker.retained("emporia/+/state").size() == static_cast<std::size_t>(7 + count); })) {
    throw std::runtime_error("the bridge did not come up");
  }
  tests::Speaker speaker(home.broker.port());
  std::vector<microseconds> times;
  for (int i = 0; i < count; ++i) times.push_back(one_command(home, speaker, i + 1));
  std::sort(times.begin(), times.end());
  const auto ms = [&](std::size_t at) { return static_cast<double>(times[at].count()) / 1000.0; };
  std::printf("command latency beyond the gathering window, %d commands: median %.2f ms, 90 %% %.2f ms, most %.2f ms\n",
              count, ms(times.size() / 2), ms(times.size() * 9 / 10), ms(times.size() - 1));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "command_latency: %s\n", error.what());
  return 1;
}
