#include "cli/ledger_names.hpp"

#include <utility>

#include "app/own_devices.hpp"
#include "cli/asking.hpp"
#include "cli/broker.hpp"
#include "cli/home_view.hpp"
#include "mqtt/topic_tree.hpp"

namespace emporia::cli {
namespace {

constexpr json::Limits kLimits{8 * 1024 * 1024, 8};

model::DeviceModel model_named(const std::string& word) {
  using enum model::DeviceModel;
  for (const auto known : {vue1, vue2, vue3, utility_connect, outlet, ev_charger, battery}) {
    if (model::word(known) == word) return known;
  }
  return unknown;
}

std::string read_topic(const settings::Settings& settings, LedgerNamesById& names) {
  const std::string topic = app::topics_of(settings).bridge("devices");
  Ears ears;
  Broker broker(settings, ears, "ledger");
  std::map<std::string, std::string> retained;
  if (!broker.connect() || !broker.read_retained({topic}, retained)) {
    return broker.trouble() ? broker.trouble()->text : "the broker does not answer";
  }
  const auto found = retained.find(topic);
  if (found == retained.end()) return topic + ": nothing there";
  names = names_in(found->second);
  return {};
}

}  // namespace

LedgerNamesById names_in(std::string_view devices_payload) {
  LedgerNamesById names;
  const auto parsed = json::parse(devices_payload, kLimits);
  const json::Array* devices = parsed ? parsed.value().as_array() : nullptr;
  if (devices == nullptr) return names;
  for (const json::Value& device : *devices) {
    const json::Value* id = device.find("id");
    if (id == nullptr || id->as_string() == nullptr) continue;
    LedgerNames& known = names[*id->as_string()];
    known.device = text_at(device, "name");
    known.model = model_named(text_at(device, "model"));
    const json::Value* circuits = device.find("circuits");
    if (circuits == nullptr || circuits->as_array() == nullptr) continue;
    for (const json::Value& circuit : *circuits->as_array()) {
      const auto channel = number_at(circuit, "channel");
      if (!channel || *channel < 1 || *channel > model::kLastChannel) continue;
      const std::string name = text_at(circuit, "name");
      known.circuits[static_cast<model::Channel>(*channel)] = name.empty() ? text_at(circuit, "sub_type") : name;
    }
  }
  return names;
}

FoundNames find_names(const settings::Settings& settings) {
  FoundNames found;
  found.trouble = read_topic(settings, found.names);
  for (const auto& [id, name] : settings.devices.names) found.names[id].device = name;
  return found;
}

}  // namespace emporia::cli
