// The ledger after its program was killed at random moments, against sums of the test's own.
#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <random>

#include "ledger/store.hpp"
#include "rooms/ledger/kill_script.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"

using namespace emporia;
using namespace emporia::ledger;

namespace {

/// The latest value of every minute that the steps have told, in thousandths; a missing one takes nothing back.
class Truth {
 public:
  void tell(int step) {
    const Booking booking = step_of("a", step);
    for (const model::ChannelUsage& channel : booking.usage.channels) {
      for (std::size_t i = 0; i < booking.usage.starts.size(); ++i) {
        if (!model::is_known(channel.energy_wh[i])) continue;
        values_[channel.channel][booking.usage.starts[i]] = std::llround(channel.energy_wh[i] * 1000);
      }
    }
  }
  bool holds_for(const Counters& counters) const {
    for (const auto& [channel, minutes] : values_) {
      const auto counter = counters.find(channel);
      if (counter == counters.end() || !(sums_of(minutes) == Sums{counter->second.positive, counter->second.negative}))
        return false;
    }
    return !counters.empty() || values_.empty();
  }

 private:
  static Sums sums_of(const std::map<model::UtcSeconds, std::int64_t>& minutes) {
    Sums sums;
    for (const auto& [start, value] : minutes) sums.add(value * 1000);
    return sums;
  }
  std::map<model::Channel, std::map<model::UtcSeconds, std::int64_t>> values_;
};

int times_to_kill() {
  const char* wanted = std::getenv("LEDGER_KILLS");
  return wanted == nullptr ? 20 : std::atoi(wanted);
}

bool nothing_shown_fell(const Counters& before, const Counters& after) {
  for (const auto& [channel, counter] : before) {
    const Counter& now = after.at(channel);
    if (now.shown_positive < counter.shown_positive || now.shown_negative < counter.shown_negative ||
        now.shown_net < counter.shown_net)
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("killed at random moments, the ledger holds what was committed and nothing else") {
  const support::TempDir folder;
  const std::string path = folder.file("ledger.db");
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  Truth truth;
  int next = 0;
  Counters before;
  const int kills = times_to_kill();
  for (int kill = 0; kill < kills; ++kill) {
    const int until = next + static_cast<int>(random() % 40);
    {
      support::ChildProcess child({KILL_CHILD, path, std::to_string(next)});
      if (until > next) REQUIRE(child.wait_for_line("booked " + std::to_string(until - 1)));
      child.signal(SIGKILL);
      REQUIRE(child.wait_for_exit() == 128 + SIGKILL);
      for (const std::string& line : child.lines()) {
        if (line.rfind("booked ", 0) == 0) truth.tell(next++);
      }
    }
    Store store(path);
    CHECK(store.set_aside().empty());
    const Counters& counters = store.counters(model::DeviceId("a"));
    // It may have committed a step and been killed before it could say so.
    if (!truth.holds_for(counters)) truth.tell(next++);
    CHECK_MESSAGE(truth.holds_for(counters), "kill ", kill, " at step ", next, ", seed ", seed);
    // The other device was booked in the same transactions.
    CHECK(store.counters(model::DeviceId("b")) == counters);
    CHECK_MESSAGE(nothing_shown_fell(before, counters), "kill ", kill, ", seed ", seed);
    before = counters;
  }
  MESSAGE(kills, " kills, ", next, " steps committed");
}
