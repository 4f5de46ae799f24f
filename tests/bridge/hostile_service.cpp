#include "bridge/hostile_service.hpp"

#include <algorithm>

namespace emporia::tests {
namespace {

using ledger::MicroWh;
using model::Circuit;
using model::CircuitType;
using model::Device;
using model::DeviceModel;
using model::EnergyDirection;
using model::Scale;
using model::UtcSeconds;

constexpr auto kMinute = model::bucket_length(Scale::minutes);
// A bucket's value may change for as long, and one that is late has come by then.
constexpr auto kOpenFor = 24h;
constexpr unsigned kLeftOutAtMost = 3;

/// One draw for each purpose, the same whenever it is asked for.
enum class Draw : std::uint64_t { energy, zero, never, late, late_block, revised, flat, gone };

std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

struct Place {
  std::uint64_t seed;
  std::uint64_t device;
  std::uint64_t channel;
  UtcSeconds minute;

  std::uint64_t draw(Draw what, std::uint64_t variant = 0) const {
    const auto when = static_cast<std::uint64_t>(minute.time_since_epoch().count());
    return mixed(mixed(mixed(seed ^ device) + channel * 16 + static_cast<std::uint64_t>(what)) + when * 4 + variant);
  }
  /// The same for all channels of a device, or all minutes of a stretch.
  Place of_device() const { return {seed, device, 0, minute}; }
  Place of_stretch(std::chrono::seconds length) const {
    return {seed, device, channel, minute - minute.time_since_epoch() % length};
  }
};

Place place_of(std::uint64_t seed, const Device& device, const Circuit& circuit, UtcSeconds minute) {
  std::uint64_t id = 0;
  for (const char c : device.id.text()) id = id * 131 + static_cast<unsigned char>(c);
  return {seed, id, circuit.channel, minute};
}

/// A value as the service has it at some time; `revision` counts those that went before.
MicroWh energy(const Place& place, EnergyDirection direction, std::uint64_t revision) {
  if (place.draw(Draw::zero, revision) % 4 == 0) return 0;
  const auto amount = static_cast<MicroWh>(place.draw(Draw::energy, revision) % 60'000'000);
  switch (direction) {
    case EnergyDirection::generation:
      return -amount;
    case EnergyDirection::bidirectional:
      return amount - 25'000'000;
    case EnergyDirection::consumption:
    case EnergyDirection::unknown:
      break;
  }
  return amount;
}

/// When, after its end, a value is revised; in order.
std::vector<std::chrono::seconds> revisions(const Place& place) {
  const auto at = [&](std::uint64_t variant) {
    return std::chrono::seconds{place.draw(Draw::revised, variant) % static_cast<std::uint64_t>(kOpenFor / 1s)};
  };
  std::vector<std::chrono::seconds> times;
  const auto fate = place.draw(Draw::revised) % 100;
  if (fate < 12) times.push_back(at(1));
  if (fate < 4) times.push_back(at(2));
  // A quarter of an hour that is told anew as a whole, as after an outage of the device.
  const Place quarter = place.of_stretch(15min);
  if (quarter.draw(Draw::flat) % 25 == 0) {
    times.push_back(std::chrono::seconds{quarter.draw(Draw::flat, 1) % static_cast<std::uint64_t>(kOpenFor / 1s)});
  }
  std::sort(times.begin(), times.end());
  return times;
}

/// How old a bucket is when its value comes; a day at most.
std::chrono::seconds lateness(const Place& place) {
  const auto within_a_day = [](std::uint64_t draw) {
    return std::chrono::seconds{draw % static_cast<std::uint64_t>(kOpenFor / 1s)};
  };
  // The device is offline for some hours and tells them all when it is back.
  const Place block = place.of_device().of_stretch(3h);
  if (block.draw(Draw::late_block) % 20 == 0) return within_a_day(block.draw(Draw::late_block, 1));
  if (place.draw(Draw::late) % 40 == 0) return within_a_day(place.draw(Draw::late, 1));
  return 8min;
}

/// The first monitor lacks whole buckets only: its mains and balance are then the sums of all minutes there are. The
/// second one lacks single channels, and one of its clamps is off for days.
bool never_told(const Device& device, const Place& place) {
  if (place.of_device().of_stretch(20min).draw(Draw::never) % 100 == 0) return true;
  if (device.id.text() == "A0001") return false;
  if (place.channel == 4 && place.of_stretch(24h * 4).draw(Draw::gone) % 3 == 0) return true;
  return place.draw(Draw::never) % 500 == 0;
}

Device device(const char* id, DeviceModel model, std::vector<Circuit> circuits) {
  Device made;
  made.id = model::DeviceId(id);
  made.model = model;
  made.name = id;
  made.timezone = "America/Denver";
  made.connected = true;
  made.circuits = std::move(circuits);
  return made;
}

Circuit circuit(model::Channel channel, EnergyDirection direction, CircuitType type = CircuitType::expansion_50a) {
  return {channel, type, direction, "", "Circuit"};
}

std::vector<Device> make_house() {
  const auto leg = [](model::Channel n) { return circuit(n, EnergyDirection::bidirectional, CircuitType::main_200a); };
  const auto only = [](EnergyDirection way) { return circuit(1, way, CircuitType::main); };
  return {device("A0001", DeviceModel::vue2,
                 {leg(1), leg(2), circuit(4, EnergyDirection::consumption), circuit(5, EnergyDirection::generation)}),
          device("A0002", DeviceModel::vue3,
                 {leg(1), circuit(4, EnergyDirection::consumption), circuit(6, EnergyDirection::bidirectional)}),
          device("B0001", DeviceModel::outlet, {only(EnergyDirection::consumption)}),
          device("Z0001", DeviceModel::utility_connect, {only(EnergyDirection::bidirectional)})};
}

}  // namespace

HostileService::HostileService(std::uint64_t seed, UtcSeconds hostile_from, UtcSeconds hostile_until)
    : seed_(mixed(seed)), from_(hostile_from), until_(hostile_until), random_(seed), house_(make_house()) {}

HostileService::Energy HostileService::last(const Device& device, const Circuit& circuit, UtcSeconds minute) const {
  const Place place = place_of(seed_, device, circuit, minute);
  if (!hostile(minute)) return energy(place, circuit.direction, 0);
  if (never_told(device, place)) return std::nullopt;
  return energy(place, circuit.direction, revisions(place).size());
}

HostileService::Energy HostileService::told(const Device& device, const Circuit& circuit, UtcSeconds minute,
                                            UtcSeconds now) const {
  const auto age = now - (minute + kMinute);
  if (age < 5min || age > 7 * 24h) return std::nullopt;
  if (!hostile(minute) || now >= until_) return last(device, circuit, minute);
  const Place place = place_of(seed_, device, circuit, minute);
  if (never_told(device, place) || age < lateness(place)) return std::nullopt;
  const auto times = revisions(place);
  const auto done = std::upper_bound(times.begin(), times.end(), age) - times.begin();
  return energy(place, circuit.direction, static_cast<std::uint64_t>(done));
}

double HostileService::bucket_wh(const Device& device, const Circuit& circuit, UtcSeconds start, Scale scale,
                                 UtcSeconds now) const {
  Energy sum;
  if (scale == Scale::minutes) {
    sum = told(device, circuit, start, now);
  } else {
    for (auto minute = start; minute < start + model::bucket_length(scale); minute += kMinute) {
      const Energy value = last(device, circuit, minute);
      if (value) sum = sum.value_or(0) + *value;
    }
  }
  return sum ? ledger::to_wh(*sum) : model::kMissing;
}

World::Told HostileService::answer(const partner::Request& request, UtcSeconds now) {
  const bool signing_in = std::holds_alternative<partner::SignIn>(request);
  std::chrono::milliseconds after{200};
  if (hostile(now) && chance(10) == 0) after = std::chrono::milliseconds{chance(60'000)};
  if (failure) return {runtime::Failure{*failure}, after};
  if (hostile(now) && chance(30) == 0) return {runtime::Failure{some_error(signing_in)}, after};
  if (signing_in) return {partner::Answer{partner::Token{"token"}}, after};
  if (std::holds_alternative<partner::ListDevices>(request)) return {partner::Answer{inventory(now)}, after};
  if (const auto* asked = std::get_if<partner::FetchUsage>(&request))
    return {partner::Answer{usage(*asked, now)}, after};
  if (const auto* asked = std::get_if<partner::ListStates>(&request)) return {partner::Answer{states(*asked)}, after};
  return {partner::Answer{partner::States{}}, after};
}

partner::PartnerError HostileService::some_error(bool signing_in) {
  using Kind = partner::PartnerError::Kind;
  switch (chance(signing_in ? 3 : 6)) {
    case 0:
      return {Kind::try_later, "out of reach", false};
    case 1:
      return {Kind::malformed, "garbled", false};
    case 2:
      return {Kind::try_later, "the quota is used up", true};
    case 3:
      return {Kind::sign_in_again, "the token is no longer taken", false};
    case 4:
      return {Kind::too_large, "too large", false};
    default:
      return {Kind::refused, "refused", false};
  }
}

partner::Inventory HostileService::inventory(UtcSeconds now) {
  partner::Inventory inventory{house_};
  if (!hostile(now)) return inventory;
  auto& devices = inventory.devices;
  std::shuffle(devices.begin(), devices.end(), random_);
  const auto gone = [this](const Device& device) { return device.id == vanished; };
  devices.erase(std::remove_if(devices.begin(), devices.end(), gone), devices.end());
  return inventory;
}

partner::States HostileService::states(const partner::ListStates& request) const {
  partner::States states;
  if (request.kind == partner::StateKind::outlets) {
    for (const model::DeviceId& id : request.devices) states.states.push_back(model::OutletState{id, true});
  }
  return states;
}

partner::Usage HostileService::usage(const partner::FetchUsage& request, UtcSeconds now) {
  partner::Usage usage;
  for (const Device& device : house_) {
    const bool asked = std::count(request.devices.begin(), request.devices.end(), device.id) > 0;
    if (!asked || (hostile(now) && device.id == vanished)) continue;
    model::DeviceUsage told = device_usage(device, request, now);
    if (hostile(now)) leave_out(told);
    if (!told.starts.empty() && !told.channels.empty()) usage.devices.push_back(std::move(told));
  }
  if (hostile(now)) std::shuffle(usage.devices.begin(), usage.devices.end(), random_);
  return usage;
}

model::DeviceUsage HostileService::device_usage(const Device& device, const partner::FetchUsage& request,
                                                UtcSeconds now) {
  model::DeviceUsage usage{device.id, request.scale, {}, {}};
  const auto length = model::bucket_length(request.scale);
  // What is asked of the far future or past has no buckets to go through.
  const UtcSeconds last = std::min(request.end, now - 5min - length);
  for (auto start = model::bucket_start(std::max(request.start, now - 400 * 24h), request.scale); start <= last;
       start += length) {
    usage.starts.push_back(start);
  }
  for (const Circuit& circuit : device.circuits) {
    model::ChannelUsage channel{circuit.channel, {}};
    for (const UtcSeconds start : usage.starts) {
      channel.energy_wh.push_back(bucket_wh(device, circuit, start, request.scale, now));
    }
    usage.channels.push_back(std::move(channel));
  }
  return usage;
}

void HostileService::leave_out(model::DeviceUsage& usage) {
  if (usage.starts.empty() || chance(5) != 0) return;
  std::vector<unsigned*> counts;
  for (const UtcSeconds start : usage.starts) {
    unsigned& count = left_out_[{usage.device, model::bucket_start(start, Scale::hours)}];
    if (count >= kLeftOutAtMost) return;
    if (counts.empty() || counts.back() != &count) counts.push_back(&count);
  }
  for (unsigned* count : counts) ++*count;
  auto& channels = usage.channels;
  const auto buckets = static_cast<unsigned>(usage.starts.size());
  const unsigned first = chance(buckets);
  const unsigned end = first + 1 + chance(buckets - first);
  const auto cut = [&](auto& list) { list.erase(list.begin() + first, list.begin() + end); };
  switch (chance(4)) {
    case 0:
      channels.clear();
      return;
    case 1:
      channels.erase(channels.begin() + chance(static_cast<unsigned>(channels.size())));
      return;
    case 2: {
      auto& values = channels[chance(static_cast<unsigned>(channels.size()))].energy_wh;
      std::fill(values.begin() + first, values.begin() + end, model::kMissing);
      return;
    }
    default:
      cut(usage.starts);
      for (model::ChannelUsage& channel : channels) cut(channel.energy_wh);
  }
}

}  // namespace emporia::tests
