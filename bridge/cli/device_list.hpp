#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/device.hpp"
#include "partner/request.hpp"
#include "settings/settings.hpp"

namespace emporia::cli {

/// The devices of an account as the service tells them now, for people and for programs. Pure.
class DeviceList {
 public:
  /// Names of the configuration come before the customer's; what it leaves out is listed and said to be left out.
  explicit DeviceList(settings::Devices configured) : configured_(std::move(configured)) {}

  void add(model::Device device);
  /// Of a device that is not listed: ignored.
  void add(const partner::DeviceState& state);

  bool empty() const { return entries_.empty(); }
  std::vector<model::DeviceId> ids_of(model::DeviceModel device_model) const;

  /// A table with its headings, and a line below that counts. `columns` 0: as wide as it takes.
  std::vector<std::string> to_lines(std::size_t columns, bool colour) const;
  /// An array with the keys of <base>/bridge/devices and, besides, `shown` (false: the configuration leaves it out) and
  /// `settings`, whose keys are those of the device's state; values that the service does not tell are null.
  json::Value to_json() const;

 private:
  struct Entry {
    model::Device device;
    std::optional<partner::DeviceState> state;
  };
  std::string name_of(const model::Device& device) const;
  bool shown(const model::Device& device) const;

  settings::Devices configured_;
  std::map<model::DeviceId, Entry> entries_;
};

}  // namespace emporia::cli
