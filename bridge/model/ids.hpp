#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace emporia::model {

/// The service's manufacturer_device_id: case-sensitive text of any length, the key of everything. Never shown to a
/// person where a name will do, never derived from one.
class DeviceId {
 public:
  DeviceId() = default;
  explicit DeviceId(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend auto operator<=>(const DeviceId&, const DeviceId&) = default;

 private:
  std::string text_;
};

/// The number of a measuring channel on its device. Mains are 1 to 3 on a monitor, the circuits follow from 4;
/// single-channel devices have channel 1.
using Channel = std::uint32_t;

}  // namespace emporia::model

template <>
struct std::hash<emporia::model::DeviceId> {
  std::size_t operator()(const emporia::model::DeviceId& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};
