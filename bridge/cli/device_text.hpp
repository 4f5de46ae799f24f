#pragma once

#include <vector>

#include "cli/cells.hpp"
#include "cli/home_view.hpp"

namespace emporia::cli {

/// One device as lines: one with name, model, availability, power and energy, then what its model has besides, then its
/// circuits by falling power.
struct DeviceText {
  std::vector<Line> head;
  /// Several circuits a line where the columns suffice.
  std::vector<Line> circuits;
  std::size_t circuits_a_line = 1;
  /// How many circuits there are.
  std::size_t circuit_count = 0;
};

/// What stands above the columns of the first lines.
Line device_headings(std::size_t columns);
DeviceText device_text(const DeviceView& device, std::size_t columns);

}  // namespace emporia::cli
