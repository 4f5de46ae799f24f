#include "cli/device_text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/quantities.hpp"

namespace emporia::cli {
namespace {

using model::DeviceModel;

constexpr std::size_t kModelColumns = 15;
constexpr std::size_t kStateColumns = 12;
constexpr std::size_t kPowerColumns = 10;
constexpr std::size_t kEnergyColumns = 14;
constexpr std::size_t kLeastName = 12;
constexpr std::size_t kIndent = 2;

std::size_t name_columns(std::size_t columns) {
  constexpr std::size_t kOthers = 2 + kModelColumns + 2 + kStateColumns + kPowerColumns + kEnergyColumns;
  return columns > kOthers + kLeastName ? columns - kOthers : kLeastName;
}

Line row(std::size_t columns, Span name, const std::string& device_model, Span state, Span power, Span energy) {
  name.text = left_aligned(name.text, name_columns(columns)) + "  ";
  state.text = left_aligned(state.text, kStateColumns);
  power.text = right_aligned(power.text, kPowerColumns);
  energy.text = right_aligned(energy.text, kEnergyColumns);
  return {std::move(name),
          {left_aligned(device_model, kModelColumns) + "  ", Style::faint},
          std::move(state),
          std::move(power),
          std::move(energy)};
}

Span availability(const DeviceView& device) {
  if (!device.availability) return {"-", Style::faint};
  if (*device.availability != "online") return {device.connected ? "stale" : "offline", Style::bad};
  const json::Value* on = device.state.find("on");
  if (on == nullptr) return {"online", Style::good};
  if (on->as_bool() == nullptr) return {"online, ?", Style::warning};
  return *on->as_bool() ? Span{"online, on", Style::good} : Span{"online, off", Style::plain};
}

std::string words_of(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

/// "importing 1200 W", "exporting 300 W"; nothing while the power is not known.
std::string flow(std::optional<double> power_w, const char* positive, const char* negative) {
  if (!power_w) return {};
  // What is shown as 0 W flows nowhere.
  if (std::abs(*power_w) < 0.5) return "idle";
  return std::string(*power_w > 0 ? positive : negative) + " " + watts(std::abs(*power_w));
}

/// Facts of a device beside each other, three blanks apart; empty ones left out.
Line facts(const std::vector<std::string>& texts) {
  Line line{{std::string(kIndent, ' ')}};
  for (const std::string& text : texts) {
    if (!text.empty()) line.push_back({(line.size() > 1 ? "   " : "") + text});
  }
  return line;
}

std::string energy_fact(const char* label, const json::Value& value, const char* key) {
  return std::string(label) + " " + kilowatt_hours(number_at(value, key));
}

Line monitor_facts(const json::Value& state) {
  const json::Value nothing;
  const json::Value* mains = state.find("mains");
  const json::Value* balance = state.find("balance");
  const json::Value& of_mains = mains == nullptr ? nothing : *mains;
  return facts({flow(number_at(of_mains, "power_w"), "importing", "exporting"),
                energy_fact("import", of_mains, "import_kwh"), energy_fact("export", of_mains, "export_kwh"),
                balance == nullptr ? "" : "balance " + watts(number_at(*balance, "power_w"))});
}

Line charger_facts(const json::Value& state) {
  const char* car = !true_at(state, "car_connected") ? "no car connected"
                    : true_at(state, "car_charging") ? "car connected, charging"
                                                     : "car connected, not charging";
  return facts({car, "rate " + whole(number_at(state, "charge_rate_a"), " A") + " of " +
                         whole(number_at(state, "max_charge_rate_a"), " A")});
}

std::vector<Line> battery_facts(const json::Value& state) {
  const auto soc_pct = number_at(state, "soc_pct");
  const auto reserve_pct = number_at(state, "reserve_soc_pct");
  const bool low = soc_pct && reserve_pct && *soc_pct <= *reserve_pct;
  Line charge =
      facts({bar(soc_pct) + " " + whole(soc_pct, " %"), "reserve " + whole(reserve_pct, " %"),
             words_of(text_at(state, "dispatch_mode")), flow(number_at(state, "power_w"), "discharging", "charging")});
  charge[1].style = low ? Style::warning : Style::good;
  return {std::move(charge),
          facts({energy_fact("charged", state, "charged_kwh"), energy_fact("discharged", state, "discharged_kwh")})};
}

Line meter_facts(const json::Value& state) {
  return facts({flow(number_at(state, "power_w"), "importing", "exporting"), energy_fact("import", state, "import_kwh"),
                energy_fact("export", state, "export_kwh")});
}

std::vector<Line> model_facts(const DeviceView& device) {
  switch (device.model) {
    case DeviceModel::vue1:
    case DeviceModel::vue2:
    case DeviceModel::vue3:
      return {monitor_facts(device.state)};
    case DeviceModel::ev_charger:
      return {charger_facts(device.state)};
    case DeviceModel::battery:
      return battery_facts(device.state);
    case DeviceModel::utility_connect:
      return {meter_facts(device.state)};
    case DeviceModel::group:
      if (text_at(device.state, "direction") != "bidirectional") return {};
      return {meter_facts(device.state)};
    case DeviceModel::outlet:
      return {};
    case DeviceModel::unknown:
      break;
  }
  const std::string firmware = text_at(device.state, "firmware");
  return {facts({"this model is not known to this version", firmware.empty() ? "" : "firmware " + firmware})};
}

struct Circuit {
  std::string name;
  std::optional<double> power_w;
  std::string energy;
  bool generates = false;
};

std::vector<Circuit> circuits_of(const json::Value& state) {
  std::vector<Circuit> circuits;
  const json::Value* told = state.find("circuits");
  const json::Object* members = told == nullptr ? nullptr : told->as_object();
  if (members == nullptr) return circuits;
  for (const auto& [channel, value] : *members) {
    Circuit circuit;
    circuit.name = text_at(value, "name");
    if (circuit.name.empty()) circuit.name = "Channel " + printable(channel);
    circuit.power_w = number_at(value, "power_w");
    const std::string direction = text_at(value, "direction");
    circuit.generates = direction == "generation";
    circuit.energy = direction == "bidirectional"
                         ? both_ways(number_at(value, "import_kwh"), number_at(value, "export_kwh"))
                         : kilowatt_hours(number_at(value, "energy_kwh"));
    circuits.push_back(std::move(circuit));
  }
  // Stable: circuits that draw the same stay in the order of their channels.
  std::stable_sort(circuits.begin(), circuits.end(), [](const Circuit& a, const Circuit& b) {
    if (!a.power_w || !b.power_w) return a.power_w.has_value() && !b.power_w;
    return *a.power_w > *b.power_w;
  });
  return circuits;
}

void add_circuits(DeviceText& text, const json::Value& state, std::size_t columns) {
  constexpr std::size_t kPower = 9;
  constexpr std::size_t kEnergy = 14;
  constexpr std::size_t kTwoFit = 76;
  const std::vector<Circuit> circuits = circuits_of(state);
  text.circuit_count = circuits.size();
  text.circuits_a_line = columns >= kTwoFit ? 2 : 1;
  const std::size_t cell = (columns - std::min(columns, kIndent)) / text.circuits_a_line - kIndent;
  const std::size_t name = std::clamp<std::size_t>(cell - std::min(cell, kPower + kEnergy), 8, 30);
  const std::size_t lines = (circuits.size() + text.circuits_a_line - 1) / text.circuits_a_line;
  for (std::size_t index = 0; index < lines * text.circuits_a_line; ++index) {
    if (index % text.circuits_a_line == 0) text.circuits.push_back({});
    Line& line = text.circuits.back();
    line.push_back({std::string(kIndent, ' ')});
    if (index >= circuits.size()) continue;
    const Circuit& circuit = circuits[index];
    line.push_back({left_aligned(circuit.name, name), circuit.generates ? Style::good : Style::plain});
    line.push_back({right_aligned(watts(circuit.power_w), kPower), Style::strong});
    line.push_back({right_aligned(circuit.energy, kEnergy), Style::faint});
  }
}

}  // namespace

Line device_headings(std::size_t columns) {
  Line line = row(columns, {"DEVICE", Style::faint}, "MODEL", {"STATE", Style::faint}, {"POWER", Style::faint},
                  {"ENERGY", Style::faint});
  return line;
}

DeviceText device_text(const DeviceView& device, std::size_t columns) {
  const json::Value nothing;
  const json::Value* mains = device.state.find("mains");
  const auto power_w = number_at(mains == nullptr ? device.state : *mains, "power_w");
  const bool one_way = device.state.find("energy_kwh") != nullptr;
  DeviceText text;
  text.head.push_back(row(columns, {device.name, Style::strong}, model::product_name(device.model),
                          availability(device), {watts(power_w), Style::strong},
                          {one_way ? kilowatt_hours(number_at(device.state, "energy_kwh")) : "", Style::plain}));
  if (device.state.is_null()) return text;
  for (Line& line : model_facts(device)) text.head.push_back(std::move(line));
  add_circuits(text, device.state, columns);
  return text;
}

}  // namespace emporia::cli
