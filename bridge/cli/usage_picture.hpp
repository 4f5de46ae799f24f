#pragma once

#include <string>
#include <vector>

#include "cli/cells.hpp"
#include "cli/usage_rows.hpp"

namespace emporia::cli {

/// Usage for a terminal: a headline, a plot of the device as a whole (of a monitor the mains), and what each channel
/// took in the range, the largest first. Power in W for buckets of a fixed length, energy in kWh for the others. Pure.
std::vector<Line> usage_picture(const std::string& name, const UsageRange& range, const UsageColumns& columns,
                                const UsageRows& rows, std::size_t width);

}  // namespace emporia::cli
