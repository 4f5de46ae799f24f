#include "homeassistant/component.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "homeassistant/names.hpp"
#include "runtime/text.hpp"

namespace emporia::homeassistant {
namespace {

using runtime::concat;

constexpr double kSmallestPowerKw = 0.1;

bool given(const char* text) {
  return *text != '\0';
}

void add(json::Object& object, const char* key, const char* text) {
  if (given(text)) object.emplace_back(key, text);
}

std::string reference(const EntityRow& row, const std::optional<Part>& part) {
  if (part) return concat("value_json.", part->collection, "['", part->channel, "'].", row.path);
  return concat("value_json.", row.path);
}

/// {'word': 'Label', ...} or the other way round, in the language of templates.
std::string mapping(const std::vector<Choice>& choices, bool to_label) {
  std::string map = "{";
  for (const Choice& choice : choices) {
    if (map.size() > 1) map += ", ";
    map += to_label ? concat("'", choice.word, "': '", choice.label, "'")
                    : concat("'", choice.label, "': '", choice.word, "'");
  }
  return map + "}";
}

/// Of a number: what Home Assistant lets a person choose from.
struct Range {
  json::Value min;
  json::Value max;
  json::Value step;
  const char* mode = "";
};

std::optional<Range> range_of(const EntityRow& row, const Owner& owner) {
  switch (row.bounds) {
    case Bounds::charge_rate:
      return Range{6, owner.max_charge_rate_a, 1, "slider"};
    case Bounds::percent:
      return Range{1, 100, 1, "slider"};
    case Bounds::battery_power:
      return Range{kSmallestPowerKw, std::max(owner.max_power_kw, kSmallestPowerKw), 0.1, "box"};
    case Bounds::none:
      break;
  }
  return std::nullopt;
}

/// What Home Assistant is to show of the value that `reference` names.
std::string shown_value(const EntityRow& row, const Owner& owner, const std::string& reference) {
  if (given(row.condition)) return concat(reference, " ", row.condition);
  // A word that is in no list yields None, which Home Assistant takes for unknown.
  if (row.platform == Platform::select) return concat(mapping(choices_of(row.choices), true), ".get(", reference, ")");
  // A number outside its range is an error in Home Assistant's log with every state, and the entity keeps the value
  // before; None makes it unknown. The service does tell such values, as of a charger that has never been set.
  if (const auto range = range_of(row, owner)) {
    return concat(reference, " if ", reference, " is number and ", json::to_text(range->min), " <= ", reference,
                  " <= ", json::to_text(range->max), " else none");
  }
  return reference;
}

void add_source(json::Object& object, const EntityRow& row, const Owner& owner, const std::optional<Part>& part) {
  const mqtt::TopicTree& topics = *owner.topics;
  switch (row.source) {
    case Source::none:
      return;
    case Source::bridge_state:
      object.emplace_back("state_topic", topics.bridge("state"));
      return;
    case Source::bridge_event:
      object.emplace_back("state_topic", topics.bridge("event"));
      return;
    case Source::bridge_health:
      object.emplace_back("state_topic", topics.bridge("health"));
      break;
    case Source::bridge_info:
      object.emplace_back("state_topic", topics.bridge("info"));
      break;
    case Source::device_state:
      object.emplace_back("state_topic", topics.device(owner.device_id, "state"));
      break;
  }
  object.emplace_back("value_template", concat("{{ ", shown_value(row, owner, reference(row, part)), " }}"));
}

void add_name(json::Object& object, const EntityRow& row, const Owner& owner, const std::optional<Part>& part) {
  if (row.naming == Naming::as_device) {
    object.emplace_back("name", nullptr);
    return;
  }
  if (row.naming == Naming::by_class) return;
  if (part && part->own_device) {
    add(object, "name", row.own_name);
    return;
  }
  const std::string full = part ? concat(part->label, " ", row.name) : std::string(row.name);
  std::string name = without_device_name(full, owner.device_name);
  if (name.empty()) name = row.name;
  const bool lower = name.front() >= 'a' && name.front() <= 'z';
  if (lower && name.size() < full.size()) name.front() = static_cast<char>(name.front() - 'a' + 'A');
  object.emplace_back("name", std::move(name));
}

void add_command(json::Object& object, const EntityRow& row, const Owner& owner) {
  if (!given(row.setting)) return;
  if (row.platform == Platform::button) {
    object.emplace_back("command_topic", owner.topics->bridge(concat("request/", row.setting)));
    object.emplace_back("payload_press", "{}");
    return;
  }
  object.emplace_back("command_topic", owner.topics->device(owner.device_id, concat("set/", row.setting)));
  if (row.platform == Platform::select) {
    object.emplace_back("command_template", concat("{{ ", mapping(choices_of(row.choices), false), "[value] }}"));
  }
}

void add_bounds(json::Object& object, const EntityRow& row, const Owner& owner) {
  auto range = range_of(row, owner);
  if (!range) return;
  object.emplace_back("min", std::move(range->min));
  object.emplace_back("max", std::move(range->max));
  object.emplace_back("step", std::move(range->step));
  object.emplace_back("mode", range->mode);
}

/// What a platform needs besides to read or list the values of the payload.
void add_values(json::Object& object, const EntityRow& row) {
  const auto put_list = [&object](const char* key, json::Array list) { object.emplace_back(key, std::move(list)); };
  if (row.platform == Platform::binary_sensor) {
    const bool text = row.source == Source::bridge_state;
    object.emplace_back("payload_on", text ? "online" : "True");
    object.emplace_back("payload_off", text ? "offline" : "False");
  }
  if (row.platform == Platform::switching) {
    object.emplace_back("state_on", "True");
    object.emplace_back("state_off", "False");
  }
  if (row.platform == Platform::event) {
    json::Array types;
    for (const char* type : event_types()) types.emplace_back(type);
    put_list("event_types", std::move(types));
  }
  if (row.choices != Choices::none) {
    json::Array options;
    for (const Choice& choice : choices_of(row.choices)) options.emplace_back(choice.label);
    put_list("options", std::move(options));
  }
}

void add_reachable(json::Object& object, const EntityRow& row, const Owner& owner) {
  switch (row.reachable) {
    case Reachable::as_device:
      return;
    case Reachable::bridge_only:
      object.emplace_back("availability", json::Array{json::Object{{"topic", owner.topics->bridge("state")}}});
      return;
    case Reachable::always:
      object.emplace_back("availability", json::Array{});
      return;
  }
}

std::string identity(const EntityRow& row, const std::optional<Part>& part) {
  return part ? concat(part->channel, "_", row.metric) : std::string(row.metric);
}

}  // namespace

std::string component_key(const EntityRow& row, const std::optional<Part>& part) {
  return concat(word(row.platform), "_", identity(row, part));
}

json::Value component(const EntityRow& row, const Owner& owner, const std::optional<Part>& part) {
  json::Object object;
  object.emplace_back("platform", word(row.platform));
  object.emplace_back("unique_id", concat(owner.object, "_", identity(row, part)));
  object.emplace_back("qos", 1);
  add_source(object, row, owner, part);
  add_name(object, row, owner, part);
  add(object, "device_class", row.device_class);
  add(object, "state_class", row.state_class);
  // Home Assistant ignores an empty text, and complains of "None".
  if (given(row.since)) {
    object.emplace_back("last_reset_value_template", concat("{{ value_json.", row.since, " or '' }}"));
  }
  add(object, "unit_of_measurement", row.unit);
  if (row.precision >= 0) object.emplace_back("suggested_display_precision", row.precision);
  add_command(object, row, owner);
  add_bounds(object, row, owner);
  add_values(object, row);
  add(object, "entity_category", row.category);
  add(object, "icon", row.icon);
  if (!row.enabled) object.emplace_back("enabled_by_default", false);
  add_reachable(object, row, owner);
  return object;
}

json::Value tombstone(const json::Value& component) {
  const json::Value* platform = component.find("platform");
  return json::Object{{"platform", platform == nullptr ? json::Value("sensor") : *platform}};
}

}  // namespace emporia::homeassistant
