// Counters against the truth of a service that is late, revises, leaves out and forgets, over simulated weeks.
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <map>

#include "bridge/sample_home.hpp"

using namespace emporia;
using namespace emporia::tests;

namespace {

using model::Scale;
using model::UtcSeconds;

constexpr auto kMinute = model::bucket_length(Scale::minutes);
const std::vector<model::Channel> kChannels{1, 2, 4};

unsigned mixed(model::Channel channel, UtcSeconds minute) {
  auto value = static_cast<unsigned>(minute.time_since_epoch().count() / 60) * 2654435761U + channel * 40503U;
  value ^= value >> 15;
  return value * 2246822519U >> 8;
}

/// How the service misbehaves.
struct Hostile {
  bool revises = false;
  /// In 10,000 minutes: without a value for two hours, and for ever.
  unsigned late = 0;
  unsigned never = 0;

  /// What the service says in the end: legs that flow both ways, a circuit that consumes.
  double last(model::Channel channel, UtcSeconds minute) const {
    if (mixed(channel + 50, minute) % 10'000 < never) return model::kMissing;
    const double value = mixed(channel, minute) % 60'000'000 / 1e6;
    return channel == 4 ? value : value - 15;
  }
  double minute(model::Channel channel, UtcSeconds minute, UtcSeconds now) const {
    const auto age = now - minute;
    const unsigned fate = mixed(channel + 90, minute) % 10'000;
    if (age > 7 * 24h) return model::kMissing;
    if (fate < late && age < 2h) return model::kMissing;
    const double value = last(channel, minute);
    if (!revises) return value;
    if (fate % 5 == 1 && age < 3h) return value * 1.1;
    if (fate % 50 == 2 && age < 22h) return -value;
    return value;
  }
  double bucket(model::Channel channel, UtcSeconds start, Scale scale, UtcSeconds now) const {
    if (scale == Scale::minutes) return minute(channel, start, now);
    if (scale == Scale::fifteen_minutes && now - start > 365 * 24h) return model::kMissing;
    double sum = 0;
    for (auto at = start; at < start + model::bucket_length(scale); at += kMinute) {
      const double value = last(channel, at);
      if (model::is_known(value)) sum += value;
    }
    return sum;
  }
};

const model::DeviceId kGroup{"group:g"};

/// Of two devices: the panel's mains and the lamp, less half of the oven.
settings::Settings with_group() {
  settings::Settings settings = World::some_settings();
  settings.groups = {
      {"g", "G", {{"A0001", "mains", 1, false}, {"B0001", "1", 1, false}, {"A0001", "4", 0.5, true}}, "bidirectional"}};
  return settings;
}

void settle_with(World& world, const Hostile& hostile) {
  world.service.devices = {panel(), lamp()};
  world.service.energy_wh[kPanel] = {{1, 0.0}, {2, 0.0}, {4, 0.0}};
  // Its channel is told the same as the panel's first, and has the same fate.
  world.service.energy_wh[kLamp] = {{1, 0.0}};
  world.service.bucket_wh = [hostile](model::Channel channel, UtcSeconds start, Scale scale, UtcSeconds now) {
    return hostile.bucket(channel, start, scale, now);
  };
  world.start();
}

/// Stands for the group in what is told of channels.
constexpr model::Channel kOfGroup = 2001;

struct Truth {
  double positive_wh = 0;
  double negative_wh = 0;
  double buckets = 0;
  void add(double value) {
    ++buckets;
    (value < 0 ? negative_wh : positive_wh) += std::fabs(value);
  }
};

/// Every channel, and what is computed of them, against the service's own last word.
void check_truth(const World& world, const Hostile& hostile) {
  const ledger::Counters& counters = world.counters(kPanel);
  const UtcSeconds from = counters.at(1).booked_from;
  const UtcSeconds until = counters.at(1).booked_until;
  std::map<model::Channel, Truth> truth;
  for (auto at = from; at < until; at += kMinute) {
    double mains = 0;
    for (const model::Channel channel : kChannels) {
      const double value = hostile.last(channel, at);
      if (model::is_known(value)) truth[channel].add(value);
      if (channel != 4) mains += value;
    }
    if (model::is_known(mains)) truth[model::kMergedMains].add(mains);
    const double balance = mains - hostile.last(4, at);
    if (model::is_known(balance)) truth[model::kBalance].add(balance);
    const double group = mains + hostile.last(1, at) - 0.5 * hostile.last(4, at);
    if (model::is_known(group)) truth[kOfGroup].add(group);
  }
  for (const auto& entry : truth) {
    const model::Channel channel = entry.first;
    const Truth& told = entry.second;
    const ledger::Counter& counter = channel == kOfGroup ? world.counters(kGroup).at(1) : counters.at(channel);
    const double tolerance_wh = 0.001;  // of the whole; what is asked for is that much of every bucket
    CHECK_MESSAGE(std::fabs(counter.positive_wh() - told.positive_wh) < tolerance_wh + told.buckets * 1e-6, "channel ",
                  channel, ": ", counter.positive_wh(), " for ", told.positive_wh);
    CHECK_MESSAGE(std::fabs(counter.negative_wh() - told.negative_wh) < tolerance_wh + told.buckets * 1e-6, "channel ",
                  channel, ": ", counter.negative_wh(), " for ", told.negative_wh);
  }
}

/// The counters of a state, in the order of their keys.
std::map<std::string, double> shown_kwh(const std::string& state) {
  std::map<std::string, double> shown;
  const auto begin = state.find("\"mains\":");
  for (auto at = begin; (at = state.find("_kwh\":", at)) != std::string::npos; ++at) {
    // What counts for a day or a cycle may fall.
    if (state.compare(at - 6, 6, "_today") == 0 || state.compare(at - 6, 6, "_cycle") == 0) continue;
    const char* number = state.c_str() + at + 6;
    if (*number != 'n') shown[std::to_string(shown.size())] = std::stod(number);
  }
  return shown;
}

/// Runs in steps and sees that nothing shown falls.
void run_watching(World& world, std::chrono::hours duration, std::map<std::string, double>& shown) {
  for (auto left = duration; left > 0h; left -= 1h) {
    world.run_for(1h);
    const auto now = shown_kwh(world.retained["emporia/A0001/state"]);
    for (const auto& before : shown) {
      if (now.size() == shown.size()) CHECK_MESSAGE(now.at(before.first) >= before.second, "counter ", before.first);
    }
    shown = now;
  }
}

}  // namespace

TEST_CASE("two weeks of late, missing and revised data, outages and restarts: the counters are the truth") {
  const Hostile hostile{true, 300, 3};
  World world(with_group());
  settle_with(world, hostile);
  std::map<std::string, double> shown;
  run_watching(world, 60h, shown);
  world.service.failure = partner::PartnerError{partner::PartnerError::Kind::try_later, "away", false};
  run_watching(world, 31h, shown);
  world.service.failure.reset();
  run_watching(world, 40h, shown);
  world.stop();
  world.pass(5 * 24h);
  world.start();
  run_watching(world, 50h, shown);
  for (int i = 0; i < 10; ++i) {
    world.stop();
    world.pass(25min);
    world.start();
    run_watching(world, 2h, shown);
  }
  // No more news, and time for the last revisions of what there is.
  const UtcSeconds calm = world.counters(kPanel).at(1).booked_until;
  world.service.bucket_wh = [=](model::Channel channel, UtcSeconds start, Scale scale, UtcSeconds now) {
    return start >= calm ? model::kMissing : hostile.bucket(channel, start, scale, now);
  };
  run_watching(world, 40h, shown);
  CHECK(world.exit_code() == std::nullopt);
  check_truth(world, hostile);
  for (auto call = world.calls.begin(); call != world.calls.end(); ++call) {
    const auto hour = std::find_if(call, world.calls.end(), [&](auto later) { return later - *call >= 1h; });
    REQUIRE(hour - call <= 80);
  }
}

TEST_CASE("after twelve days away the gap is filled, minutes and then quarter hours, each once") {
  const Hostile hostile{};
  World world(with_group());
  settle_with(world, hostile);
  world.run_for(5h + 7min);
  world.stop();
  world.pass(12 * 24h);
  world.start();
  world.transcript();
  world.run_for(6h);
  const std::string events = world.transcript({"gap_filled"});
  CHECK_MESSAGE(events.find(R"("event_type":"gap_filled","device":"A0001","from":"2026-11-23T13:00:00Z",)"
                            R"("until":"2026-12-05T13:37:00Z","hours":289,"hours_missing":0)") != std::string::npos,
                events);
  const ledger::Counters& counters = world.counters(kPanel);
  for (const model::Channel channel : kChannels) {
    double net_wh = 0;
    for (auto at = counters.at(channel).booked_from; at < counters.at(channel).booked_until; at += kMinute) {
      net_wh += hostile.last(channel, at);
    }
    // By sign a quarter hour tells less than its minutes; the net is the same.
    CHECK_MESSAGE(std::fabs(counters.at(channel).net_wh() - net_wh) < 0.05, "channel ", channel, ": ",
                  counters.at(channel).net_wh(), " for ", net_wh);
  }
  const ledger::Counter& group = world.counters(kGroup).at(1);
  CHECK(group.booked_from == counters.at(1).booked_from);
  CHECK(group.booked_until == counters.at(1).booked_until);
  const double net_wh =
      counters.at(model::kMergedMains).net_wh() + counters.at(1).net_wh() - 0.5 * counters.at(4).net_wh();
  CHECK_MESSAGE(std::fabs(group.net_wh() - net_wh) < 0.05, "group: ", group.net_wh(), " for ", net_wh);
}
