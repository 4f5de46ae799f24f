#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "bridge/world.hpp"
#include "ledger/micro_wh.hpp"

namespace emporia::tests {

/// A service that does to usage whatever the real one may: buckets come late, alone or a device's for hours, are
/// revised up, down and to the other sign until they are a day old, or never come; replies leave out devices, channels
/// and buckets, come late or fail with every code. What a bucket's last value is depends on the seed alone, so that the
/// sums of all can be told at the end without any memory of what was asked.
class HostileService {
 public:
  /// It behaves from the start until `hostile_from`, and again from `hostile_until` on, when all that was held back is
  /// there.
  HostileService(std::uint64_t seed, model::UtcSeconds hostile_from, model::UtcSeconds hostile_until);

  World::Told answer(const partner::Request& request, model::UtcSeconds now);

  /// What the service says of a minute in the end; nothing for one it never has a value of.
  std::optional<ledger::MicroWh> last(const model::Device& device, const model::Circuit& circuit,
                                      model::UtcSeconds minute) const;
  const std::vector<model::Device>& house() const { return house_; }

  /// When set, every call fails with it.
  std::optional<partner::PartnerError> failure;
  /// Left out of inventories and usage while set.
  std::optional<model::DeviceId> vanished;

 private:
  using Energy = std::optional<ledger::MicroWh>;
  bool hostile(model::UtcSeconds now) const { return now >= from_ && now < until_; }
  unsigned chance(unsigned of) { return static_cast<unsigned>(random_() % of); }
  partner::PartnerError some_error(bool signing_in);
  partner::Inventory inventory(model::UtcSeconds now);
  partner::States states(const partner::ListStates& request) const;
  partner::Usage usage(const partner::FetchUsage& request, model::UtcSeconds now);
  model::DeviceUsage device_usage(const model::Device& device, const partner::FetchUsage& request,
                                  model::UtcSeconds now);
  Energy told(const model::Device& device, const model::Circuit& circuit, model::UtcSeconds minute,
              model::UtcSeconds now) const;
  double bucket_wh(const model::Device& device, const model::Circuit& circuit, model::UtcSeconds start,
                   model::Scale scale, model::UtcSeconds now) const;
  /// Leaves some of it out, of each hour a few times at most: what is asked for again does come.
  void leave_out(model::DeviceUsage& usage);

  std::uint64_t seed_;
  model::UtcSeconds from_;
  model::UtcSeconds until_;
  std::mt19937_64 random_;
  std::vector<model::Device> house_;
  std::map<std::pair<model::DeviceId, model::UtcSeconds>, unsigned> left_out_;
};

}  // namespace emporia::tests
