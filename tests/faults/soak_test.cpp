// A long time among random faults with one and the same process: its memory stays flat, it leaks neither descriptors
// nor threads, and in the end all laws hold. What it is held against is the process after an hour and one fault of each
// kind, long enough that what it interrupts gives up, because code of the libraries that answers a fault takes no
// memory before it has run once. Time goes some hundred times as fast, polls and pauses with it, and what the network
// and the peers do takes as long as ever: a millisecond is most of a second to the bridge.
//
// The short form is a quarter of a day, half as fast, because it runs beside other tests. tests/nightly/soak plays a
// month: E2M_SOAK_DAYS, E2M_SOAK_RATE, E2M_SEED.
#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <random>
#include <signal.h>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include "faults/story.hpp"

using namespace emporia;
using namespace emporia::tests;
using namespace std::chrono_literals;
using support::eventually;

namespace {

double from_environment(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtod(text, nullptr);
}

struct Sample {
  std::chrono::sys_seconds at;
  long resident_kb = 0;
  long anonymous_kb = 0;
  /// Those of gRPC's pools, which begin as there is much to do at once and end with the process.
  long pooled = 0;
  long threads = 0;
  /// How many of each name there are.
  std::map<std::string, long> thread_names;
  long descriptors = 0;
};

// gRPC 1.51 has two pools, each of up to two threads a processor.
constexpr const char* kPools[] = {"default-executo", "resolver-execut"};
long most_pooled() {
  return static_cast<long>(std::size(kPools)) * 2 * ::sysconf(_SC_NPROCESSORS_CONF);
}

Sample sample(const Story& story, pid_t pid) {
  Sample now;
  now.at = story.clock.true_time();
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string key; status >> key; status.ignore(1000, '\n')) {
    if (key == "VmRSS:") status >> now.resident_kb;
    if (key == "RssAnon:") status >> now.anonymous_kb;
  }
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    const bool is_pooled = std::count(std::begin(kPools), std::end(kPools), name) > 0;
    ++(is_pooled ? now.pooled : now.threads);
    if (!is_pooled) ++now.thread_names[name];
  }
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fd");
  now.descriptors = std::distance(begin(files), end(files));
  return now;
}

class Soak {
 public:
  explicit Soak(int rate, unsigned seed) : story_(rate), random_(seed) {
    // What a real network needs must not look like forever to a clock that is so fast.
    story_.home.configure("mqtt", "keep_alive_s = 900");
    story_.home.configure("partner", "timeout_s = 120");
    story_.home.configure("partner", "usage_timeout_s = 180");
    story_.home.configure("log", "level = \"info\"");
    as_a_service();
  }

  void play(std::chrono::minutes duration) {
    story_.laws.begin();
    const auto begin = story_.clock.true_time();
    wait_until(begin + 1h);
    meet_each_fault();
    pass(1h);
    samples_.push_back(sample(story_, pid()));
    const auto end = samples_.front().at + duration;
    auto next_fault = samples_.front().at + 20min;
    auto next_sample = samples_.front().at + 1h;
    const auto between_samples = std::max<std::chrono::minutes>(1h, duration / 30);
    while (story_.clock.true_time() < end) {
      wait_until(std::min({next_fault, next_sample, end}));
      const auto now = story_.clock.true_time();
      if (now >= next_fault) {
        fault(static_cast<unsigned>(random_() % kKinds));
        story_.laws.digest();
        next_fault = story_.clock.true_time() + minutes(20, 240);
      }
      if (now >= next_sample) {
        samples_.push_back(sample(story_, pid()));
        next_sample += between_samples;
      }
      REQUIRE_MESSAGE(story_.laws.bridge().running(), story_.laws.bridge().standard_error());
    }
    REQUIRE_MESSAGE(story_.laws.peace(), story_.laws.unrest());
    // What a burst has taken is given back some time after it; a leak never is.
    samples_.emplace_back();
    eventually(
        [&] {
          samples_.back() = sample(story_, pid());
          return gained().empty();
        },
        story_.laws.patience());
    tell();
    CHECK(samples_.front().resident_kb > 0);
    CHECK(gained() == "");
    story_.laws.check();
  }

 private:
  static constexpr unsigned kKinds = 15;

  /// With the environment that systemd gives the bridge.
  void as_a_service() {
    const std::string key = "Environment=";
    std::ifstream unit(SOURCE_DIR "/deploy/systemd/emporia2mqtt.service");
    unsigned variables = 0;
    for (std::string line; std::getline(unit, line);) {
      if (line.compare(0, key.size(), key) != 0) continue;
      const auto equals = line.find('=', key.size());
      REQUIRE(equals != std::string::npos);
      story_.home.set_environment(line.substr(key.size(), equals - key.size()), line.substr(equals + 1));
      ++variables;
    }
    REQUIRE(variables > 0);
  }

  void meet_each_fault() {
    meeting_ = true;
    for (unsigned kind = 0; kind < kKinds; ++kind) {
      fault(kind);
      REQUIRE_MESSAGE(story_.laws.peace(), story_.laws.unrest());
      story_.laws.digest();
    }
    meeting_ = false;
  }

  pid_t pid() { return story_.laws.bridge().pid(); }
  std::chrono::minutes minutes(int least, int most) {
    // The broker's keep-alive runs out after 23 of them.
    if (meeting_) return std::chrono::minutes{std::min(most, 30)};
    return std::chrono::minutes{least + static_cast<int>(random_() % static_cast<unsigned>(most - least + 1))};
  }
  void wait_until(std::chrono::sys_seconds time) {
    const auto left = story_.clock.real(time - story_.clock.true_time());
    CHECK(eventually([&] { return story_.clock.true_time() >= time; }, left + support::kPatience));
  }
  void pass(std::chrono::minutes duration) { wait_until(story_.clock.true_time() + duration); }
  void service(const std::string& line) { REQUIRE(story_.home.service.command(line) == "ok"); }
  void limit_files(rlim_t bytes) {
    const rlimit limits{bytes, RLIM_INFINITY};
    REQUIRE(::prlimit(pid(), RLIMIT_FSIZE, &limits, nullptr) == 0);
  }

  void fault(unsigned kind) {
    constexpr const char* kStatuses[] = {"UNAVAILABLE", "INTERNAL",  "UNKNOWN",          "RESOURCE_EXHAUSTED",
                                         "ABORTED",     "NOT_FOUND", "PERMISSION_DENIED"};
    constexpr const char* kGarbage[] = {"short-values", "no-starts",     "descending",  "nan",
                                        "huge",         "unknown-enums", "empty-id",    "other-id",
                                        "long-names",   "empty-reply",   "wrong-scale", "channel-max"};
    Laws& laws = story_.laws;
    ++faults_;
    switch (kind) {
      case 0:
        laws.kill_broker();
        pass(minutes(0, 30));
        return laws.return_broker();
      case 1:
        laws.to_broker.black_hole();
        pass(minutes(1, 60));
        return laws.to_broker.forward();
      case 2:
        story_.home.broker.process().signal(SIGSTOP);
        pass(minutes(1, 40));
        return story_.home.broker.process().signal(SIGCONT);
      case 3:
        laws.to_broker.cut_after(100 + random_() % 20000);
        pass(minutes(5, 30));
        return laws.to_broker.forward();
      case 4:
        laws.to_service.refuse();
        pass(minutes(1, 300));
        return laws.to_service.forward();
      case 5:
        laws.to_service.black_hole();
        pass(minutes(1, 60));
        return laws.to_service.forward();
      case 6:
        laws.to_service.cut_after(1000 + random_() % 50000);
        pass(minutes(5, 30));
        return laws.to_service.forward();
      case 7:
        service("freeze on");
        pass(minutes(1, 60));
        return service("freeze off");
      case 8:
        return service(std::string("fail * ") + kStatuses[random_() % std::size(kStatuses)] + " " +
                       std::to_string(random_() % 20 + 1));
      case 9:
        return service(std::string("garbage ") + kGarbage[random_() % std::size(kGarbage)] + " 2");
      case 10:
        return service("expire-tokens");
      case 11:
        story_.clock.set(minutes(1, 120) * (random_() % 2 == 0 ? 1 : -1));
        pass(minutes(5, 60));
        return story_.clock.set(0s);
      case 12:
        limit_files(0);
        pass(minutes(5, 60));
        return limit_files(RLIM_INFINITY);
      case 13:
        laws.bridge().signal(SIGSTOP);
        pass(minutes(1, 60));
        return laws.bridge().signal(SIGCONT);
      default:
        laws.bridge().signal(SIGHUP);
        for (auto i = random_() % 5; i > 0; --i) laws.switch_lamp(false);
    }
  }

  void tell() const {
    std::ostringstream table;
    table << "  hours  resident kB  anonymous kB  threads  pooled  descriptors\n" << std::fixed << std::setprecision(1);
    for (const Sample& s : samples_) {
      const double hours = std::chrono::duration<double, std::ratio<3600>>(s.at - samples_.front().at).count() + 1;
      table << std::setw(7) << hours << std::setw(13) << s.resident_kb << std::setw(14) << s.anonymous_kb
            << std::setw(9) << s.threads << std::setw(8) << s.pooled << std::setw(13) << s.descriptors << '\n';
    }
    std::cout << table.str() << faults_ << " faults\n" << std::flush;
  }

  /// What there is more of at the end than there was, in words; empty when there is nothing.
  std::string gained() const {
    const Sample& first = samples_.front();
    const Sample& last = samples_.back();
    std::string more;
    if (last.resident_kb * 100 > first.resident_kb * 105) more += "resident memory;";
    if (last.threads > first.threads) more += "threads:" + new_threads() + ";";
    if (last.pooled > most_pooled()) more += "threads of gRPC's pools;";
    if (last.descriptors > first.descriptors) more += "descriptors;";
    return more;
  }

  /// The names of which there are more than there were.
  std::string new_threads() const {
    std::string names;
    for (const auto& [name, count] : samples_.back().thread_names) {
      const auto before = samples_.front().thread_names.find(name);
      if (before == samples_.front().thread_names.end() || count > before->second) names += " " + name;
    }
    return names;
  }

  Story story_;
  std::mt19937 random_;
  std::vector<Sample> samples_;
  unsigned faults_ = 0;
  bool meeting_ = false;
};

}  // namespace

TEST_CASE("soak: days among random faults, and it is as lean as after the first hour and one fault of each kind") {
  const auto seed = static_cast<unsigned>(from_environment("E2M_SEED", 1));
  const double days = from_environment("E2M_SOAK_DAYS", 0.25);
  INFO("play this again with E2M_SEED=", seed, " E2M_SOAK_DAYS=", days);
  Soak soak(static_cast<int>(from_environment("E2M_SOAK_RATE", 360)), seed);
  soak.play(std::chrono::minutes{static_cast<long>(days * 24 * 60)});
}
