#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "ledger/reader.hpp"
#include "model/device.hpp"

namespace emporia::cli {

/// Consecutive hours in which values are missing and that have been asked for again equally often.
struct LedgerGap {
  model::UtcSeconds from;
  model::UtcSeconds until;
  unsigned missing_minutes = 0;
  unsigned attempts = 0;
  /// The last time one of them was asked for again.
  model::UtcSeconds asked_at;
  bool given_up = false;
  friend bool operator==(const LedgerGap&, const LedgerGap&) = default;
};
std::vector<LedgerGap> gaps_of(const std::vector<ledger::Hole>& holes);

/// What somebody calls a device and its circuits. The ledger knows numbers only.
struct LedgerNames {
  std::string device;
  model::DeviceModel model = model::DeviceModel::unknown;
  std::map<model::Channel, std::string> circuits;
};

/// What the ledger holds of a device.
struct LedgerDevice {
  std::string id;
  LedgerNames names;
  ledger::Counters counters;
  std::vector<LedgerGap> gaps;
  /// The newest first.
  std::vector<ledger::Revision> revisions;
};
/// Everything of one device, or of all by their ids. May throw as the reader does.
LedgerDevice read_device(ledger::Reader& reader, const model::DeviceId& id, LedgerNames names);

/// "mains", "balance", "leg A", "circuit 3", and the circuit's name after it where it has one. Where nobody has told
/// the model, a device with merged mains is a monitor.
std::string channel_label(const LedgerDevice& device, model::Channel channel);

/// "2026-11-23 05:10", UTC.
std::string minute_text(model::UtcSeconds time);
/// To the millionth of a watt-hour, and rounded to thousandths of one: "12.345678".
std::string exact_wh(ledger::MicroWh energy);
std::string exact_kwh(ledger::MicroWh energy);

/// All devices, a line each.
std::vector<std::string> ledger_table(const std::vector<LedgerDevice>& devices);
/// Counters, gaps and revisions of one device, a line each.
std::vector<std::string> ledger_text(const LedgerDevice& device);
/// Everything of one device; energies in Wh.
json::Value ledger_json(const LedgerDevice& device);

}  // namespace emporia::cli
