#include "cli/usage_rows.hpp"

#include <map>
#include <utility>

#include "homeassistant/names.hpp"
#include "homeassistant/state_payload.hpp"
#include "runtime/text.hpp"
#include "runtime/time_text.hpp"

namespace emporia::cli {
namespace {

using runtime::concat;

constexpr int kWhDecimals = 6;

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string heading(const UsageColumn& column) {
  const bool measured = column.channel <= model::kLastChannel;
  return concat(measured ? concat(column.channel, " ") : "", column.label, " (Wh)");
}

}  // namespace

UsageColumns usage_columns(const model::Device& device, const std::string& name) {
  UsageColumns columns;
  if (!homeassistant::has_circuits(device.model)) {
    columns.push_back({device.circuits.empty() ? 1 : device.circuits.front().channel, name});
    return columns;
  }
  if (model::is_monitor(device.model)) {
    columns.push_back({model::kMergedMains, "Mains"});
    columns.push_back({model::kBalance, "Balance"});
  }
  const auto labels = homeassistant::circuit_labels(device, device.circuits);
  for (const model::Circuit& circuit : device.circuits) {
    const auto label = labels.find(circuit.channel);
    columns.push_back({circuit.channel, model::is_mains(device.model, circuit.channel) ? concat("Leg ", circuit.channel)
                                        : label == labels.end() ? concat("Channel ", circuit.channel)
                                                                : label->second});
  }
  return columns;
}

UsageRows usage_rows(const std::vector<model::DeviceUsage>& usages, const UsagePortion& portion,
                     const UsageRange& range, const UsageColumns& columns) {
  std::map<model::UtcSeconds, std::vector<double>> rows;
  const std::vector<double> nothing(columns.size(), model::kMissing);
  const auto length = model::bucket_length(range.scale);
  if (length.count() > 0) {
    for (auto start = portion.start; start <= portion.end; start += length) rows.emplace(start, nothing);
  }
  std::map<model::Channel, std::size_t> places;
  for (std::size_t i = 0; i < columns.size(); ++i) places.emplace(columns[i].channel, i);
  for (const model::DeviceUsage& usage : usages) {
    for (std::size_t i = 0; i < usage.starts.size(); ++i) {
      if (usage.starts[i] >= range.to) continue;
      const auto row = length.count() > 0 ? rows.find(usage.starts[i]) : rows.emplace(usage.starts[i], nothing).first;
      if (row == rows.end()) continue;
      for (const model::ChannelUsage& channel : usage.channels) {
        const auto place = places.find(channel.channel);
        if (place != places.end() && model::is_known(channel.energy_wh[i]))
          row->second[place->second] = channel.energy_wh[i];
      }
    }
  }
  UsageRows result;
  for (auto& [start, energy_wh] : rows) result.push_back({start, std::move(energy_wh)});
  return result;
}

std::string csv_header(const UsageColumns& columns) {
  std::string text = "start";
  for (const UsageColumn& column : columns) text += "," + quoted(heading(column));
  return text;
}

std::string csv_line(const UsageRow& row) {
  std::string text = runtime::iso8601(row.start);
  for (const double energy_wh : row.energy_wh) {
    text += ',';
    if (model::is_known(energy_wh)) text += concat(json::rounded(energy_wh, kWhDecimals));
  }
  return text;
}

json::Value usage_json(const model::Device& device, const std::string& name, const UsageRange& range,
                       const UsageColumns& columns, const UsageRows& rows) {
  json::Array channels;
  for (const UsageColumn& column : columns) {
    channels.push_back(json::Object{{"channel", column.channel}, {"name", column.label}});
  }
  json::Array starts;
  for (const UsageRow& row : rows) starts.emplace_back(runtime::iso8601(row.start));
  json::Object energy;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    json::Array values;
    for (const UsageRow& row : rows) {
      const double energy_wh = row.energy_wh[i];
      if (model::is_known(energy_wh)) {
        values.emplace_back(json::rounded(energy_wh, kWhDecimals));
      } else {
        values.emplace_back();
      }
    }
    energy.emplace_back(concat(columns[i].channel), std::move(values));
  }
  return json::Object{{"device", device.id.text()},        {"name", name},
                      {"scale", model::word(range.scale)}, {"from", runtime::iso8601(range.from)},
                      {"to", runtime::iso8601(range.to)},  {"channels", std::move(channels)},
                      {"starts", std::move(starts)},       {"energy_wh", std::move(energy)}};
}

}  // namespace emporia::cli
