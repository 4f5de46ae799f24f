#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "simulator/answers.hpp"
#include "simulator/buckets.hpp"
#include "simulator/usage.hpp"

namespace simulator {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Seconds kForever = std::numeric_limits<std::int32_t>::max() * Seconds{4};
// 240 MB; a careful client asks for far less.
constexpr std::size_t kMostValues = 30'000'000;
constexpr Seconds kSettles = 10 * kMinute;
constexpr Seconds kRevised = 2 * kHour;

Seconds retention_of(Scale scale) {
  return scale == Scale::minutes ? 7 * kDay : scale == Scale::fifteen_minutes ? 365 * kDay : kForever;
}

struct Question {
  Seconds start = 0;
  Seconds end = 0;
  Scale scale = Scale::minutes;
  bool mains_only = true;
};

struct Bucket {
  Seconds start = 0;
  Seconds end = 0;
  /// No value on any channel, and none on most.
  bool lost = false;
  bool unsettled = false;
};

// Until when the service has this device's data.
Seconds edge_of(const World& world, const Device& device) {
  Seconds edge = world.house.now() - (world.behaviour.on("lag") ? device.lag_minutes * kMinute : 0);
  if (!device.spec.connected) edge = std::min(edge, device.offline_since);
  return floor_to(edge, kMinute);
}

std::vector<Bucket> buckets_of(const World& world, const Device& device, const Question& question) {
  const Behaviour& behaviour = world.behaviour;
  const Buckets calendar(question.scale, *device.zone, behaviour, device.spec.billing_day);
  const Seconds edge = edge_of(world, device);
  const Seconds oldest = world.house.now() - retention_of(question.scale);
  const bool running = calendar.by_calendar() || behaviour.on("partial_bars");
  Seconds from = std::max(question.start, device.onboarded);
  if (behaviour.is("retention", "empty")) from = std::max(from, oldest);
  std::vector<Bucket> found;
  if (question.end < device.onboarded) return found;
  for (Seconds start = calendar.start_of(from); start <= question.end;) {
    Bucket bucket{start, calendar.next(start)};
    if (running ? bucket.start >= edge : bucket.end > edge) break;
    if (start == question.end && question.start != question.end && behaviour.is("end_inclusive", "off")) break;
    start = bucket.end;
    if (!calendar.by_calendar()) {
      bucket.lost = bucket.start < oldest && behaviour.is("retention", "nan");
      bucket.unsettled =
          behaviour.on("newest_nan") && !running && bucket.end > edge - std::min(calendar.width(), kSettles);
    }
    bucket.end = std::min(bucket.end, edge);
    bucket.lost = bucket.lost || (question.scale == Scale::minutes && device.spec.model == kUtilityConnect &&
                                  behaviour.on("gaps") && chance(device.key, static_cast<std::uint64_t>(start)) < 0.03);
    found.push_back(bucket);
  }
  return found;
}

// One device's answer, row by row.
class Writer {
 public:
  Writer(const World& world, const Device& device, const Question& question)
      : world_(world), device_(device), question_(question), meter_(world.house, device) {}

  void write(const std::vector<Bucket>& buckets, api::DeviceUsageResponse::DeviceUsage& out) {
    out.set_manufacturer_device_id(device_.spec.id);
    out.set_scale(static_cast<api::DataResolution>(question_.scale));
    std::vector<google::protobuf::RepeatedField<double>*> columns;
    for (const CircuitSpec* circuit : meter_.circuits()) {
      columns.push_back(shown(*circuit) ? add_channel(circuit->channel, buckets.size(), out) : nullptr);
    }
    add_missing_mains(buckets.size(), out);
    out.mutable_bucket_epoch_seconds()->Reserve(static_cast<int>(buckets.size()));
    for (const Bucket& bucket : buckets) {
      out.add_bucket_epoch_seconds(static_cast<std::uint64_t>(bucket.start));
      const Span span{std::max(bucket.start, device_.onboarded) / kMinute, bucket.end / kMinute};
      const std::vector<Energy> sums = bucket.lost ? std::vector<Energy>{} : meter_.sum(span);
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (columns[c] != nullptr) columns[c]->Add(bucket.lost ? kNan : value(bucket, span, c, sums[c]));
      }
    }
  }

 private:
  bool shown(const CircuitSpec& circuit) const {
    return !question_.mains_only || circuit.type == kMain200A || circuit.type == kMain;
  }

  google::protobuf::RepeatedField<double>* add_channel(std::uint32_t channel, std::size_t rows,
                                                       api::DeviceUsageResponse::DeviceUsage& out) {
    auto* const usage = out.add_channel_usages();
    usage->set_channel(channel);
    usage->mutable_usages()->Reserve(static_cast<int>(rows));
    return usage->mutable_usages();
  }

  void add_missing_mains(std::size_t rows, api::DeviceUsageResponse::DeviceUsage& out) {
    if (world_.behaviour.is("missing_main", "absent")) return;
    for (const CircuitSpec& circuit : device_.spec.circuits) {
      if (circuit.pattern != "absent" || !shown(circuit)) continue;
      auto* const column = add_channel(circuit.channel, rows, out);
      for (std::size_t i = 0; i < rows; ++i) column->Add(0);
    }
  }

  double value(const Bucket& bucket, Span span, std::size_t c, Energy energy) {
    const CircuitSpec& circuit = *meter_.circuits()[c];
    const auto row = mix(mix(device_.key, circuit.channel), static_cast<std::uint64_t>(bucket.start));
    // One channel in eight is quicker than the others.
    if (bucket.unsettled && chance(row, 1) > 0.125) return kNan;
    for (const MissingSpan& missing : device_.missing) {
      if (missing.channel != circuit.channel) continue;
      const Span overlap{std::max(span.from, missing.span.from), std::min(span.to, missing.span.to)};
      if (overlap.from >= overlap.to) continue;
      if (overlap.from == span.from && overlap.to == span.to) return kNan;
      energy -= Meter(world_.house, device_).sum(overlap)[c];
    }
    double wh = on_the_wire(watt_hours(energy), circuit.direction);
    const bool revisable = question_.scale == Scale::fifteen_minutes || question_.scale == Scale::hours;
    if (world_.faults.revise_pct > 0 && revisable && bucket.end > world_.house.now() - kRevised) {
      wh *= 1 + world_.faults.revise_pct / 100 * (chance(row, 2) < 0.5 ? -1 : 1);
    }
    return wh;
  }

  const World& world_;
  const Device& device_;
  const Question question_;
  Meter meter_;
};

Outcome understand(const World& world, const api::DeviceUsageRequest& request, Question& question) {
  if (request.scale() < 0 || request.scale() >= kScales) {
    return {Code::invalid_argument, "scale " + std::to_string(request.scale()) + " is not a DataResolution"};
  }
  if (request.channels() != api::DeviceUsageRequest::MAINS && request.channels() != api::DeviceUsageRequest::ALL) {
    return {Code::invalid_argument, "channels " + std::to_string(request.channels()) + " is not a UsageChannel"};
  }
  if (request.start_epoch_seconds() > request.end_epoch_seconds() && world.behaviour.is("reversed_range", "invalid")) {
    return {Code::invalid_argument, "start_epoch_seconds is after end_epoch_seconds"};
  }
  const auto bounded = [](std::uint64_t seconds) {
    return static_cast<Seconds>(std::min<std::uint64_t>(seconds, static_cast<std::uint64_t>(kForever)));
  };
  question = {bounded(request.start_epoch_seconds()), bounded(request.end_epoch_seconds()),
              static_cast<Scale>(request.scale()), request.channels() == api::DeviceUsageRequest::MAINS};
  return {};
}

Outcome asked_devices(const World& world, const api::DeviceUsageRequest& request, std::vector<const Device*>& devices) {
  if (request.manufacturer_device_ids().empty() && world.behaviour.is("empty_ids", "all")) {
    for (const auto& device : world.house.devices()) {
      if (!device->removed) devices.push_back(device.get());
    }
  }
  std::set<std::string> seen;
  for (const std::string& id : request.manufacturer_device_ids()) {
    const Device* const device = world.house.find(id);
    if (device == nullptr && world.behaviour.is("usage_unknown_ids", "invalid")) {
      return {Code::invalid_argument, "unknown device " + id};
    }
    if (device != nullptr && seen.insert(id).second) devices.push_back(device);
  }
  if (world.behaviour.is("order", "reversed")) std::reverse(devices.begin(), devices.end());
  return {};
}

}  // namespace

Outcome get_usage(World& world, const api::DeviceUsageRequest& request, api::DeviceUsageResponse& reply) {
  Question question;
  if (Outcome refused = understand(world, request, question); !refused.ok()) return refused;
  std::vector<const Device*> devices;
  if (Outcome refused = asked_devices(world, request, devices); !refused.ok()) return refused;
  std::size_t values = 0;
  for (const Device* device : devices) {
    const std::vector<Bucket> buckets = buckets_of(world, *device, question);
    values += buckets.size() * (question.mains_only ? 3 : device->spec.circuits.size());
    if (values > kMostValues) return {Code::resource_exhausted, "reply too large: ask for fewer devices or less time"};
    if (buckets.empty() && world.behaviour.is("empty_device", "omit")) continue;
    api::DeviceUsageResponse::DeviceUsage usage;
    Writer(world, *device, question).write(buckets, usage);
    if (usage.channel_usages().empty() && world.behaviour.is("empty_device", "omit")) continue;
    reply.add_device_usages()->Swap(&usage);
  }
  return {};
}

}  // namespace simulator
