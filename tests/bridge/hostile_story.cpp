#include "bridge/hostile_story.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <sstream>

#include "runtime/time_text.hpp"

namespace emporia::tests {
namespace {

constexpr auto kPeace = 3h;
// A day for the last revisions, and some hours in which they are read.
constexpr auto kQuiet = 28h;
constexpr auto kMinute = model::bucket_length(model::Scale::minutes);

bool is_state(const std::string& topic) {
  constexpr std::string_view kLeaf = "/state";
  return topic.size() > kLeaf.size() && topic.compare(topic.size() - kLeaf.size(), kLeaf.size(), kLeaf) == 0;
}

}  // namespace

HostileStory::HostileStory(std::uint64_t seed, std::chrono::hours duration, Trouble trouble)
    : trouble_(trouble),
      random_(seed),
      world_(World::some_settings(), folder_.file("ledger.sqlite")),
      quiet_from_(world_.true_time() + kPeace + duration),
      service_(seed, world_.true_time() + kPeace, quiet_from_) {
  world_.answers = [this](const partner::Request& request) { return service_.answer(request, world_.true_time()); };
  world_.on_published = [this](const mqtt::Message& message) { on_published(message); };
  world_.wrap_ledger = [this](ledger::Store& store) -> ledger::UsageLedger& {
    ledger_.stand_before(store);
    return ledger_;
  };
}

void HostileStory::on_published(const mqtt::Message& message) {
  const auto at = world_.true_time();
  if (message.topic == "emporia/bridge/state" || message.topic.find("/availability") != std::string::npos) {
    return home_.hear_availability(message.topic, message.payload, at);
  }
  if (!is_state(message.topic)) return;
  for (const model::Device& device : service_.house()) {
    if (message.topic != "emporia/" + device.id.text() + "/state") continue;
    if (message.payload.empty()) return home_.hear_state(device, {}, {}, at);
    ++states_seen_;
    rising_.hear(message.topic, message.payload);
    home_.hear_state(device, message.payload, ledger_.take_growth(device.id), at);
  }
}

HostileStory::Seconds HostileStory::between(Seconds least, Seconds most) {
  return least + Seconds{chance(static_cast<unsigned>((most - least).count()) + 1)};
}

void HostileStory::run(Seconds duration) {
  const auto end = world_.now().steady + duration;
  while (world_.now().steady < end) {
    const auto left = std::chrono::ceil<Seconds>(end - world_.now().steady);
    try {
      world_.run_for(std::min<Seconds>(left, 1h));
    } catch (const HostileLedger::Killed&) {
      crash(between(0s, 10min));
    }
    world_.transcript();
    REQUIRE_FALSE(world_.exit_code());
  }
}

void HostileStory::restart(Seconds away, Seconds clock) {
  try {
    world_.stop();
    world_.pass(away);
    world_.set_clock(clock);
    world_.start();
  } catch (const HostileLedger::Killed&) {
    crash(away);
  }
}

void HostileStory::crash(Seconds away) {
  world_.crash();
  world_.pass(away);
  world_.start();
}

void HostileStory::service_away() {
  using Kind = partner::PartnerError::Kind;
  const Kind kinds[] = {Kind::try_later, Kind::malformed, Kind::sign_in_again, Kind::try_later};
  const unsigned which = chance(4);
  service_.failure = partner::PartnerError{kinds[which], "away", which == 3};
  run(chance(4) == 0 ? between(6h, 60h) : between(10min, 6h));
  service_.failure.reset();
}

void HostileStory::broker_away() {
  world_.broker_goes();
  home_.hear_availability("emporia/bridge/state", "offline", world_.true_time());
  run(chance(4) == 0 ? between(2h, 20h) : between(10s, 1h));
  const bool empty = chance(2) == 0;
  world_.broker_returns(empty);
  home_.comes(world_.retained, world_.true_time());
}

void HostileStory::home_assistant_away() {
  home_.goes();
  run(between(1min, 3h));
  home_.comes(world_.retained, world_.true_time());
  world_.receive("homeassistant/status", "online");
}

void HostileStory::disk_full() {
  ledger_.disk_full = true;
  run(between(5min, 10h));
  ledger_.disk_full = false;
}

void HostileStory::clock_wrong() {
  const bool far = chance(3) == 0;
  const auto by = (chance(2) == 0 ? 1 : -1) * (far ? between(12h, 72h) : between(1min, 5h));
  if (chance(2) == 0) {
    world_.set_clock(by);
  } else {
    restart(between(0s, 5min), by);
  }
  run(between(1min, far ? 12h : 4h));
  // Set right as it was set wrong: while it runs, or while it does not.
  if (chance(3) != 0) {
    world_.set_clock(-by);
  } else {
    restart(between(0s, 5min), -by);
  }
}

void HostileStory::trouble() {
  switch (chance(9)) {
    case 0:
      if (trouble_.service) return service_away();
      break;
    case 1:
      if (trouble_.broker) return broker_away();
      break;
    case 2:
      if (trouble_.restarts) return restart(chance(3) == 0 ? between(2h, 50h) : between(0s, 20min), 0s);
      break;
    case 3:
      if (!trouble_.restarts) break;
      if (chance(2) == 0) return crash(between(0s, 10min));
      ledger_.killed_in = chance(20);
      ledger_.killed_after_commit = chance(2) == 0;
      return run(2h);
    case 4:
      if (trouble_.home_assistant) return home_assistant_away();
      break;
    case 5:
      if (trouble_.disk) return disk_full();
      break;
    case 6:
      if (trouble_.clock) return clock_wrong();
      break;
    case 7:
      service_.vanished = service_.house()[chance(4)].id;
      run(between(10min, 5h));
      return service_.vanished.reset();
    default:
      world_.receive("emporia/B0001/set/on", "ON");
      return run(2min);
  }
}

void HostileStory::begin() {
  world_.start();
  run(kPeace);
}

void HostileStory::play() {
  begin();
  while (world_.true_time() < quiet_from_) {
    const auto before = world_.now().steady;
    trouble();
    // What was away for long is filled at the pace that the budget allows.
    run(world_.now().steady - before > 6h ? between(12h, 20h) : between(10min, 6h));
  }
  run(kQuiet + (world_.true_time() > quiet_from_ ? 0s : quiet_from_ - world_.true_time()));
}

void HostileStory::check() {
  for (const std::string& fall : rising_.falls()) FAIL_CHECK(fall);
  CHECK(rising_.counters() > 0);
  for (const model::Device& device : service_.house()) check_counters(device);
  home_.check_statistics();
  check_calls();
  MESSAGE(states_seen_ << " states published, " << world_.calls.size() << " calls, " << ledger_.failures
                       << " bookings failed");
}

void HostileStory::check_calls() const {
  std::ptrdiff_t most = 0;
  auto first = world_.calls.begin();
  for (auto last = first; last != world_.calls.end(); ++last) {
    while (*last - *first >= 1h) ++first;
    most = std::max(most, last - first + 1);
  }
  CHECK(most <= 95);
}

double HostileStory::truth_kwh(const model::Device& device, CounterKey counter, model::UtcSeconds from,
                               model::UtcSeconds until) const {
  const auto [channel, side] = counter;
  ledger::MicroWh positive = 0;
  ledger::MicroWh negative = 0;
  for (auto minute = from; minute < until; minute += kMinute) {
    ledger::MicroWh energy = 0;
    bool whole = true;
    for (const model::Circuit& circuit : device.circuits) {
      const bool leg = model::is_mains(device.model, circuit.channel);
      const bool counts =
          channel == circuit.channel || (channel == model::kMergedMains && leg) || channel == model::kBalance;
      if (!counts) continue;
      const auto told = service_.last(device, circuit, minute);
      whole = whole && told;
      if (told) energy += channel == model::kBalance && !leg ? -*told : *told;
    }
    if (whole) (energy < 0 ? negative : positive) += std::abs(energy);
  }
  const ledger::MicroWh sum = side == Side::net ? positive - negative : side == Side::positive ? positive : negative;
  return static_cast<double>(sum) / 1e9;
}

std::string HostileStory::unread(const model::Device& device, model::UtcSeconds from, model::UtcSeconds until) const {
  std::ostringstream text;
  unsigned found = 0;
  for (const model::Circuit& circuit : device.circuits) {
    for (auto minute = from; minute < until; minute += kMinute) {
      const auto told = service_.last(device, circuit, minute);
      const auto booked = ledger_.booked_wh(device.id, circuit.channel, minute);
      if (!told || (booked && ledger::to_micro_wh(*booked) == *told) || ++found > 8) continue;
      text << "\n  channel " << circuit.channel << " " << runtime::iso8601(minute) << ": " << ledger::to_wh(*told)
           << ", booked " << (booked ? std::to_string(*booked) : "nothing");
    }
  }
  return std::to_string(found) + " minutes lack their last value" + text.str();
}

void HostileStory::check_counters(const model::Device& device) {
  const std::string& state = world_.retained["emporia/" + device.id.text() + "/state"];
  const auto& counters = world_.counters(device.id);
  REQUIRE_FALSE(counters.empty());
  auto from = model::UtcSeconds::max();
  auto until = model::UtcSeconds::min();
  for (const auto& [channel, counter] : counters) {
    from = std::min(from, counter.booked_from);
    until = std::max(until, counter.booked_until);
  }
  CAPTURE(device.id.text());
  CHECK(world_.true_time() - until < 40min);
  CHECK(state.find("\"as_of\":\"" + runtime::iso8601(until) + "\"") != std::string::npos);
  bool right = true;
  unsigned compared = 0;
  for (const auto& [path, kwh] : counters_of(state, true)) {
    const CounterKey key = counter_at(device, path);
    // Of a clamp that is off for days the balance has no single truth.
    if (key.first == model::kBalance && device.id.text() != "A0001") continue;
    const double truth = truth_kwh(device, key, from, until);
    ++compared;
    // The sums are whole millionths, so no bucket adds to the difference: only what is rounded to be shown.
    if (std::fabs(kwh - truth) <= 1e-6) continue;
    right = false;
    FAIL_CHECK(path, " is ", kwh, " kWh and not ", truth, ": ", (kwh - truth) * 1e3, " Wh");
  }
  CHECK_MESSAGE(right, unread(device, from, until));
  CHECK(compared >= 1);
}

}  // namespace emporia::tests
