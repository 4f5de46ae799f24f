#pragma once

#include <optional>
#include <unordered_map>

#include "model/by_channel.hpp"
#include "model/energy.hpp"

namespace emporia::app {

/// The newest settled power of every channel. It is a glance, not a record, so it is not kept across restarts.
class NewestPower {
 public:
  /// Takes the newest bucket of each channel that has a value.
  void take(const model::DeviceUsage& usage);
  /// Watts; nothing when the newest value is more than a quarter of an hour older than `as_of`: a channel that stopped
  /// reporting must not show its last power for ever.
  std::optional<double> at(const model::DeviceId& device, model::Channel channel, model::UtcSeconds as_of) const;
  void forget(const model::DeviceId& device) { newest_.erase(device); }

 private:
  struct Value {
    model::UtcSeconds until;
    double power_w = 0;
  };
  std::unordered_map<model::DeviceId, model::ByChannel<Value>> newest_;
};

}  // namespace emporia::app
