#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commands/setting.hpp"
#include "model/home.hpp"
#include "runtime/result.hpp"

namespace emporia::commands {

/// Values of modes' settings: the newest of what a person set while the mode did not use it and of what was last read
/// back. A mode that is chosen without them takes them from here.
using KeptSettings = std::map<Setting, double>;

/// Where they outlive a restart. Belongs to the loop's thread.
class DraftStore {
 public:
  virtual ~DraftStore() = default;
  /// Empty for a device that was never saved.
  virtual KeptSettings load(const model::DeviceId& device) = 0;
  virtual void save(const model::DeviceId& device, const KeptSettings& kept) = 0;
};

/// What one call has to say to a battery.
struct BatteryPlan {
  std::optional<double> reserve_soc_pct;
  /// Complete, or empty when nothing of the mode changes.
  std::optional<model::Dispatch> dispatch;
  /// Settings that were wished for and that the mode does not use: kept, not sent.
  std::vector<Setting> unused;
};

/// Fits wishes (already in range) to the battery. The mode is the wished one, else the one last read. Its settings come
/// from the wishes, else, when it is the one last read, from there, else from `kept`. The error says what is missing or
/// does not fit, and how to give it.
runtime::Result<BatteryPlan, std::string> plan_battery(const Settings& wishes, const model::DevicePicture& picture,
                                                       const KeptSettings& kept);

/// The setting's value in a mode's message, if it is there.
std::optional<double> value_in(const model::Dispatch& dispatch, Setting setting);

}  // namespace emporia::commands
