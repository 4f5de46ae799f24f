#include <charconv>
#include <iostream>
#include <limits>
#include <signal.h>
#include <sstream>

#include "simulator/simulator.hpp"

namespace {

constexpr const char* kUsage = R"(usage: partner-simulator --home FILE.toml | --fleet N [options]
  --home FILE             the household; see tests/simulator/homes
  --fleet N               N made-up monitors instead
  --port P                of the Partner API, default a free one
  --control-port P        of the line protocol, default a free one
  --certificate-dir DIR   where ca.pem, server.pem and server-key.pem go, default a temporary directory
  --certificate F --key F an own certificate instead of a made one
  --plaintext             no TLS
  --seed N                another household of the same kind, default 1
  --quota N               calls in a rolling hour, 0 for no limit, default 100
  --token-lifetime S      default 3600
  --start-time TIME       virtual time, such as 2026-03-08T07:00:00Z, default the system's
  --time-offset S         added to it
  --time-scale X          virtual seconds in a real one, 0 to stand still, default 1
)";

struct Misuse {
  std::string text;
};

template <typename T>
T number(const std::string& name, const std::string& text, T least, T most) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || !(value >= least && value <= most)) {
    std::ostringstream range;
    range << " takes a number from " << least << " to " << most << ", not '";
    throw Misuse{name + range.str() + text + "'"};
  }
  return value;
}

constexpr std::int64_t kFar = 100'000'000'000;

// Sets one option; false for a name it does not know.
bool set(simulator::Options& options, const std::string& name, const std::string& text) {
  if (name == "--home") {
    options.home = simulator::load_home(text);
  } else if (name == "--fleet") {
    options.home = simulator::make_fleet(number<std::size_t>(name, text, 1, 1'000'000));
  } else if (name == "--port") {
    options.port = number<std::uint16_t>(name, text, 0, 65535);
  } else if (name == "--control-port") {
    options.control_port = number<std::uint16_t>(name, text, 0, 65535);
  } else if (name == "--certificate-dir") {
    options.certificate_dir = text;
  } else if (name == "--certificate") {
    options.certificate = text;
  } else if (name == "--key") {
    options.key = text;
  } else if (name == "--seed") {
    options.seed = number<std::uint64_t>(name, text, 0, std::numeric_limits<std::uint64_t>::max());
  } else if (name == "--quota") {
    options.quota = number<unsigned>(name, text, 0, 1'000'000'000);
  } else if (name == "--token-lifetime") {
    options.token_lifetime = number<std::int64_t>(name, text, 1, kFar);
  } else if (name == "--time-offset") {
    options.time_offset = number<std::int64_t>(name, text, -kFar, kFar);
  } else if (name == "--time-scale") {
    options.time_scale = number<double>(name, text, 0, 1e6);
  } else if (name == "--start-time") {
    options.start_time = simulator::parse_time(text);
    if (!options.start_time) throw Misuse{"--start-time takes a time such as 2026-03-08T07:00:00Z, not '" + text + "'"};
  } else {
    return false;
  }
  return true;
}

simulator::Options read_arguments(int argc, char** argv) {
  simulator::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--plaintext") {
      options.plaintext = true;
      continue;
    }
    if (i + 1 == argc) throw Misuse{"unknown option or missing value: " + name};
    if (!set(options, name, argv[++i])) throw Misuse{"unknown option " + name};
  }
  if (options.home.devices.empty()) throw Misuse{"give --home FILE.toml with at least one device, or --fleet N"};
  if (options.certificate.empty() != options.key.empty()) throw Misuse{"--certificate and --key belong together"};
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && (std::string_view(argv[1]) == "--help" || std::string_view(argv[1]) == "-h")) {
    std::cout << kUsage;
    return 0;
  }
  // Blocked before any thread starts, so that only the wait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  try {
    const simulator::Simulator running(read_arguments(argc, argv));
    std::cout << "listening port=" << running.port() << " control=" << running.control_port()
              << " ca=" << running.ca_file() << std::endl;
    int received = 0;
    sigwait(&signals, &received);
    return 0;
  } catch (const Misuse& misuse) {
    std::cerr << "partner-simulator: " << misuse.text << "; --help lists the options\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "partner-simulator: " << problem.what() << "\n";
    return 1;
  }
}
