#include "cli/device_list.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "app/circuit_list.hpp"
#include "cli/cells.hpp"
#include "cli/quantities.hpp"
#include "homeassistant/names.hpp"
#include "runtime/text.hpp"

namespace emporia::cli {
namespace {

using runtime::concat;

std::string state_word(bool on) {
  return on ? "on" : "off";
}

std::string spaced(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

/// What of a device's settings a line has room for.
struct InWords {
  std::string operator()(const model::OutletState& state) const { return state_word(state.on); }
  std::string operator()(const model::ChargerState& state) const {
    std::string text = state.on ? state_word(*state.on) : "-";
    if (state.charge_rate_a) text += concat(", ", *state.charge_rate_a, " of ", state.max_charge_rate_a, " A");
    if (state.car_connected) text += state.car_charging ? ", charging" : ", car connected";
    return text;
  }
  std::string operator()(const model::BatteryState& state) const {
    std::string text = whole(state.soc_pct, " %") + ", reserve " + whole(state.reserve_soc_pct, " %");
    if (state.dispatch) text += ", " + spaced(model::word(state.dispatch->mode));
    return text;
  }
  std::string operator()(const model::UtilityConnectState& state) const { return state.zigbee_mac; }
};

template <typename Number>
json::Value or_null(const std::optional<Number>& value) {
  return value ? json::Value(*value) : json::Value();
}

struct AsJson {
  json::Value operator()(const model::OutletState& state) const { return json::Object{{"on", state.on}}; }
  json::Value operator()(const model::ChargerState& state) const {
    return json::Object{{"on", or_null(state.on)},
                        {"charge_rate_a", or_null(state.charge_rate_a)},
                        {"max_charge_rate_a", state.max_charge_rate_a},
                        {"car_connected", state.car_connected},
                        {"car_charging", state.car_charging}};
  }
  json::Value operator()(const model::BatteryState& state) const {
    const model::Dispatch dispatch = state.dispatch.value_or(model::Dispatch{});
    return json::Object{{"soc_pct", or_null(state.soc_pct)},
                        {"reserve_soc_pct", or_null(state.reserve_soc_pct)},
                        {"dispatch_mode", state.dispatch ? json::Value(model::word(dispatch.mode)) : json::Value()},
                        {"dispatch", json::Object{{"power_kw", or_null(dispatch.power_kw)},
                                                  {"charge_power_kw", or_null(dispatch.charge_power_kw)},
                                                  {"discharge_power_kw", or_null(dispatch.discharge_power_kw)},
                                                  {"target_soc_pct", or_null(dispatch.target_soc_pct)}}},
                        {"capacity_kwh", state.capacity_kwh},
                        {"inverter_max_power_kw", state.inverter_max_power_kw}};
  }
  json::Value operator()(const model::UtilityConnectState& state) const {
    return json::Object{{"zigbee_mac", state.zigbee_mac.empty() ? json::Value() : json::Value(state.zigbee_mac)}};
  }
};

const model::DeviceId& device_of(const partner::DeviceState& state) {
  return std::visit([](const auto& told) -> const model::DeviceId& { return told.device; }, state);
}

using Row = std::array<Span, 5>;

/// The columns as wide as their widest cells, the last one as it is; to be cut at the terminal's edge.
std::vector<std::string> table(const std::vector<Row>& rows, std::size_t columns, bool colour) {
  constexpr std::size_t kWhole = 10'000;
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i].text));
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    Line line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      line.push_back({last ? row[i].text : left_aligned(row[i].text, widths[i] + 2), row[i].style});
    }
    lines.push_back(to_text(line, columns == 0 ? kWhole : columns, colour));
  }
  return lines;
}

}  // namespace

void DeviceList::add(model::Device device) {
  Entry entry{std::move(device), std::nullopt};
  const model::DeviceId id = entry.device.id;
  entries_.insert_or_assign(id, std::move(entry));
}

void DeviceList::add(const partner::DeviceState& state) {
  const auto entry = entries_.find(device_of(state));
  if (entry != entries_.end()) entry->second.state = state;
}

std::vector<model::DeviceId> DeviceList::ids_of(model::DeviceModel device_model) const {
  std::vector<model::DeviceId> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.device.model == device_model) ids.push_back(id);
  }
  return ids;
}

std::string DeviceList::name_of(const model::Device& device) const {
  const auto own = configured_.names.find(device.id.text());
  return homeassistant::device_label(device,
                                     own == configured_.names.end() ? std::nullopt : std::optional(own->second));
}

bool DeviceList::shown(const model::Device& device) const {
  return settings::wanted(configured_, device.id.text(), model::word(device.model));
}

std::vector<std::string> DeviceList::to_lines(std::size_t columns, bool colour) const {
  if (empty())
    return {"The account has no devices: add customers in the partner portal, or check [partner] customers."};
  std::vector<const Entry*> entries;
  for (const auto& [id, entry] : entries_) entries.push_back(&entry);
  std::map<const Entry*, std::string> names;
  for (const Entry* entry : entries) names.emplace(entry, printable(name_of(entry->device)));
  std::sort(entries.begin(), entries.end(), [&](const Entry* a, const Entry* b) {
    return std::tie(a->device.model, names[a], a->device.id) < std::tie(b->device.model, names[b], b->device.id);
  });
  std::vector<Row> rows{{Span{"NAME", Style::faint}, Span{"MODEL", Style::faint}, Span{"ID", Style::faint},
                         Span{"CLOUD", Style::faint}, Span{"SETTINGS", Style::faint}}};
  std::size_t connected = 0;
  for (const Entry* entry : entries) {
    const model::Device& device = entry->device;
    if (device.connected) ++connected;
    std::string settings = entry->state ? std::visit(InWords{}, *entry->state) : std::string();
    if (model::is_monitor(device.model)) settings = concat(device.circuits.size(), " channels");
    if (!shown(device)) settings += (settings.empty() ? "" : ", ") + std::string("left out by [devices]");
    rows.push_back({Span{names[entry], Style::strong}, Span{model::product_name(device.model)},
                    Span{printable(device.id.text()), Style::faint},
                    device.connected ? Span{"connected", Style::good} : Span{"offline", Style::bad},
                    Span{printable(settings)}});
  }
  std::vector<std::string> lines = table(rows, columns, colour);
  lines.push_back(concat(entries.size(), entries.size() == 1 ? " device, " : " devices, ", connected, " connected"));
  return lines;
}

json::Value DeviceList::to_json() const {
  json::Array devices;
  for (const auto& [id, entry] : entries_) {
    const model::Device& device = entry.device;
    devices.push_back(json::Object{{"id", id.text()},
                                   {"model", model::word(device.model)},
                                   {"name", name_of(device)},
                                   {"firmware", device.firmware},
                                   {"timezone", device.timezone},
                                   {"solar", device.solar},
                                   {"connected", device.connected},
                                   {"shown", shown(device)},
                                   {"circuits", app::circuit_list(device)},
                                   {"settings", entry.state ? std::visit(AsJson{}, *entry.state) : json::Value()}});
  }
  return devices;
}

}  // namespace emporia::cli
