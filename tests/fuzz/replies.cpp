// The bytes of a reply of the service, through translation and into the picture of the home that is shown. Long because
// each kind of reply has its own laws.
#include <cmath>
#include <google/protobuf/stubs/logging.h>
#include <set>
#include <type_traits>

#include "fuzz/bytes.hpp"
#include "fuzz/law.hpp"
#include "homeassistant/discovery.hpp"
#include "homeassistant/state_payload.hpp"
#include "json/value.hpp"
#include "partner/translate.hpp"
#include "runtime/time_text.hpp"

namespace emporia::fuzz {
namespace {

using partner::Oddities;

constexpr std::size_t kLongest = 1000;
const model::UtcSeconds kNow = *runtime::parse_iso8601("2026-11-23T12:00:00Z");

std::string wrong_text(const std::string& text) {
  return text.size() > kLongest ? "a text without bound" : "";
}

std::string wrong_device(const model::Device& device) {
  if (device.id.empty()) return "a device without an id";
  if (device.billing_cycle_start_day > 28) return "a billing day that no month has";
  for (const std::string* text : {&device.id.text(), &device.name, &device.firmware, &device.timezone}) {
    if (std::string wrong = wrong_text(*text); !wrong.empty()) return wrong;
  }
  model::Channel before = 0;
  for (const model::Circuit& circuit : device.circuits) {
    if (circuit.channel <= before || circuit.channel > model::kLastChannel) return "channels not ascending or too high";
    before = circuit.channel;
    if (circuit.name.size() > kLongest || circuit.sub_type.size() > kLongest) return "a circuit's text without bound";
  }
  return {};
}

std::string wrong_inventory(const partner::Inventory& inventory) {
  std::set<model::DeviceId> ids;
  for (const model::Device& device : inventory.devices) {
    if (!ids.insert(device.id).second) return "a device twice";
    if (std::string wrong = wrong_device(device); !wrong.empty()) return wrong;
  }
  return {};
}

std::string wrong_usage(const model::DeviceUsage& usage, const partner::FetchUsage& request) {
  if (usage.device != request.devices[0] && usage.device != request.devices[1]) return "a device nobody asked for";
  if (usage.scale != request.scale || usage.starts.empty() || usage.channels.empty()) return "usage of nothing";
  const auto length = model::bucket_length(usage.scale);
  for (std::size_t i = 0; i < usage.starts.size(); ++i) {
    if (i > 0 && usage.starts[i] <= usage.starts[i - 1]) return "starts that do not ascend";
    if (length.count() == 0) continue;
    if (model::bucket_start(usage.starts[i], usage.scale) != usage.starts[i]) return "a start off its edge";
    if (usage.starts[i] < request.start - length || usage.starts[i] > request.end) return "a start out of range";
  }
  std::set<model::Channel> seen;
  for (const model::ChannelUsage& channel : usage.channels) {
    if (channel.channel < 1 || channel.channel > model::kLastChannel || !seen.insert(channel.channel).second) {
      return "a channel that cannot be, or twice";
    }
    if (channel.energy_wh.size() != usage.starts.size()) return "values that belong to no bucket";
    for (const double energy_wh : channel.energy_wh) {
      if (!std::isnan(energy_wh) && !(std::fabs(energy_wh) <= 1e12)) return "an energy nobody has measured";
    }
  }
  return {};
}

std::string wrong_number(const std::optional<double>& number, double highest) {
  return number && !(*number >= 0 && *number <= highest) ? "a number out of range" : "";
}

struct WrongState {
  std::string operator()(const model::OutletState&) const { return {}; }
  std::string operator()(const model::UtilityConnectState& state) const { return wrong_text(state.zigbee_mac); }
  std::string operator()(const model::ChargerState& state) const {
    constexpr unsigned kHighestRateA = 100;
    return state.max_charge_rate_a > kHighestRateA || state.charge_rate_a.value_or(0) > kHighestRateA ? "a charge rate"
                                                                                                      : "";
  }
  std::string operator()(const model::BatteryState& state) const {
    const model::Dispatch dispatch = state.dispatch.value_or(model::Dispatch{});
    for (const auto& wrong :
         {wrong_number(state.capacity_kwh, 1e5), wrong_number(state.inverter_max_power_kw, 1e4),
          wrong_number(state.soc_pct, 100), wrong_number(state.reserve_soc_pct, 100),
          wrong_number(dispatch.power_kw, 1e4), wrong_number(dispatch.charge_power_kw, 1e4),
          wrong_number(dispatch.discharge_power_kw, 1e4), wrong_number(dispatch.target_soc_pct, 100)}) {
      if (!wrong.empty()) return wrong;
    }
    return {};
  }
};

/// What the model makes of it is shown, whatever it was.
std::string wrong_when_shown(const model::Home& home) {
  constexpr json::Limits kLimits{std::size_t{16} * 1024 * 1024, 8, false};
  for (const auto& [id, picture] : home.devices()) {
    const auto circuits = model::shown_circuits(picture, true);
    const homeassistant::DiscoveryContext context;
    const auto labels = homeassistant::labels_of(picture.device, circuits, context);
    const auto state = json::parse(json::to_text(homeassistant::device_state(picture, circuits, labels)), kLimits);
    if (!state) return "a state that is no JSON: " + state.error();
    for (const auto& discovery : homeassistant::device_discovery(picture, circuits, context)) {
      if (!mqtt::legal_topic(discovery.topic)) return "an illegal discovery topic";
      const auto payload = json::parse(discovery.payload(), kLimits);
      if (!payload) return "a discovery that is no JSON: " + payload.error();
    }
  }
  return {};
}

template <typename Reply, typename... Request>
auto translated(std::string_view bytes, const Request&... request) {
  Reply reply;
  Oddities oddities;
  using Translated = decltype(partner::from_wire(reply, request..., oddities));
  if (!reply.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Translated{};
  return partner::from_wire(reply, request..., oddities);
}

std::string broken_by_usage(model::Scale scale, std::string_view bytes) {
  const partner::FetchUsage request{
      {model::DeviceId("A"), model::DeviceId("B")}, scale, kNow - std::chrono::hours{1}, kNow};
  const partner::Usage usage = translated<partner::wire::DeviceUsageResponse>(bytes, request);
  std::set<model::DeviceId> seen;
  for (const model::DeviceUsage& device : usage.devices) {
    if (!seen.insert(device.device).second) return "a device twice";
    if (std::string wrong = wrong_usage(device, request); !wrong.empty()) return wrong;
  }
  return {};
}

std::string broken_by_states(const partner::States& states) {
  model::Home home;
  model::InventorySeen inventory{kNow, {}};
  model::StatesSeen seen{kNow, {}};
  std::set<model::DeviceId> ids;
  for (const partner::DeviceState& state : states.states) {
    if (std::string wrong = std::visit(WrongState{}, state); !wrong.empty()) return wrong;
    model::Device device;
    device.id = std::visit([](const auto& known) { return known.device; }, state);
    if (device.id.empty() || !ids.insert(device.id).second) return "a state without a device, or two of one";
    constexpr model::DeviceModel kModels[] = {model::DeviceModel::outlet, model::DeviceModel::ev_charger,
                                              model::DeviceModel::battery, model::DeviceModel::utility_connect};
    device.model = kModels[state.index()];
    inventory.devices.push_back(std::move(device));
    seen.states.push_back(state);
  }
  home.apply(inventory);
  home.apply(seen);
  return wrong_when_shown(home);
}

}  // namespace

std::string broken_law(std::string_view input) {
  // The library would write a line for each text that is not UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  Bytes bytes(input);
  const std::size_t kind = bytes.below(12);
  switch (kind) {
    case 0: {
      const auto inventory = translated<partner::wire::DeviceInventoryResponse>(bytes.rest());
      if (std::string wrong = wrong_inventory(inventory); !wrong.empty()) return wrong;
      model::Home home;
      home.apply(model::InventorySeen{kNow, inventory.devices});
      return wrong_when_shown(home);
    }
    case 1:
      return broken_by_states(translated<partner::wire::OutletsResponse>(bytes.rest()));
    case 2:
      return broken_by_states(translated<partner::wire::EVChargersResponse>(bytes.rest()));
    case 3:
      return broken_by_states(translated<partner::wire::BatteriesResponse>(bytes.rest()));
    case 4:
      return broken_by_states(translated<partner::wire::UtilityConnectsResponse>(bytes.rest()));
    default:
      return broken_by_usage(static_cast<model::Scale>(kind - 5), bytes.rest());
  }
}

}  // namespace emporia::fuzz
