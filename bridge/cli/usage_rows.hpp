#pragma once

#include <string>
#include <vector>

#include "cli/usage_range.hpp"
#include "json/value.hpp"
#include "model/device.hpp"
#include "model/energy.hpp"

namespace emporia::cli {

struct UsageColumn {
  model::Channel channel = 0;
  std::string label;
  friend bool operator==(const UsageColumn&, const UsageColumn&) = default;
};
using UsageColumns = std::vector<UsageColumn>;

/// What there is to read of a device, by channel; of a monitor first its mains (all legs) and its balance. `name` is
/// the device's, which stands for its only channel.
UsageColumns usage_columns(const model::Device& device, const std::string& name);

/// One bucket: Wh by column, model::kMissing where there is no value. Signed as the service tells it: what is generated
/// or exported is negative.
struct UsageRow {
  model::UtcSeconds start;
  std::vector<double> energy_wh;
};
using UsageRows = std::vector<UsageRow>;

/// What the service answered to one portion of a range; of a scale of fixed length a row for each of its buckets, told
/// or not. `usages` are those of one device, the computed channels appended.
UsageRows usage_rows(const std::vector<model::DeviceUsage>& usages, const UsagePortion& portion,
                     const UsageRange& range, const UsageColumns& columns);

/// "start,Mains (Wh),4 Heat pump (Wh)": times are UTC; a channel's number stands before its label.
std::string csv_header(const UsageColumns& columns);
/// "2026-03-08T14:30:00Z,120.5,,-3": empty where there is no value.
std::string csv_line(const UsageRow& row);

/// The whole answer as one object: device, name, scale, from, to, channels, starts, energy_wh by channel with null for
/// no value.
json::Value usage_json(const model::Device& device, const std::string& name, const UsageRange& range,
                       const UsageColumns& columns, const UsageRows& rows);

}  // namespace emporia::cli
