#include "simulator/control.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

#include "simulator/answers.hpp"
#include "simulator/buckets.hpp"
#include "simulator/usage.hpp"

namespace simulator {
namespace {

using Json = nlohmann::ordered_json;

/// A complaint: the command did nothing.
struct Refused {
  std::string why;
};

// The words of a command line, taken from the left.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  bool empty() {
    skip();
    return rest_.empty();
  }
  std::string next(const char* what) {
    if (empty()) throw Refused{std::string(what) + " is missing"};
    const auto end = rest_.find(' ');
    std::string word{rest_.substr(0, end)};
    rest_.remove_prefix(word.size());
    return word;
  }
  template <typename T>
  T number(const char* what, T least, T most) {
    const std::string word = next(what);
    T value{};
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || stop != word.data() + word.size() || !(value >= least && value <= most)) {
      std::ostringstream text;
      text << what << " is a number from " << least << " to " << most;
      throw Refused{text.str()};
    }
    return value;
  }
  bool flag() {
    const std::string word = next("on or off");
    if (word != "on" && word != "off") throw Refused{"say on or off"};
    return word == "on";
  }
  Seconds time(const char* what) {
    const auto time = parse_time(next(what));
    if (!time) throw Refused{std::string(what) + " is a time such as 2026-03-08T07:00:00Z, or seconds since 1970"};
    return *time;
  }
  /// All that is left but the blank that parts it, trailing blanks included.
  std::string rest() {
    if (!rest_.empty()) rest_.remove_prefix(1);
    return std::string(rest_);
  }

 private:
  void skip() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

Device& device_of(World& world, Words& words) {
  const std::string id = words.next("a device id");
  Device* const device = world.house.find_any(id);
  if (device == nullptr) throw Refused{"no device '" + id + "'"};
  return *device;
}

CircuitSpec& circuit_of(Device& device, Words& words) {
  const auto channel = words.number<std::uint32_t>("a channel", 0, 4294967295U);
  for (CircuitSpec& circuit : device.spec.circuits) {
    if (circuit.channel == channel) return circuit;
  }
  throw Refused{"no channel " + std::to_string(channel) + " on '" + device.spec.id + "'"};
}

std::string rpc_of(Words& words) {
  const std::string rpc = words.next("an rpc or *");
  if (rpc != "*" && std::find(kRpcs.begin(), kRpcs.end(), rpc) == kRpcs.end()) {
    std::string names = "*";
    for (const std::string_view name : kRpcs) names += ", " + std::string(name);
    throw Refused{"no rpc '" + rpc + "'; there are " + names};
  }
  return rpc;
}

Json call_json(const Journal::Call& call) {
  Json request = Json::parse(call.request);
  // Empty already; not even their names are worth a look.
  request.erase("auth_token");
  request.erase("password");
  return {{"at", iso8601(call.at)}, {"rpc", call.rpc}, {"status", code_name(call.code)}, {"request", request}};
}

std::string stats(World& world, Words&) {
  const Seconds now = world.house.now();
  Json json = {{"now", iso8601(now)},
               {"total", world.journal.total},
               {"calls", world.journal.by_rpc},
               {"tokens_issued", world.access.tokens_issued()},
               {"quota", {{"limit", world.access.quota()}, {"used", world.access.calls_in_hour(now)}}},
               {"last", Json::array()}};
  for (const Journal::Call& call : world.journal.last) {
    // What a fleet's request names would fill pages.
    Json entry = call_json(call);
    if (call.request.size() > 4096) entry.erase("request");
    json["last"].push_back(std::move(entry));
  }
  return json.dump();
}

std::string reset_stats(World& world, Words&) {
  world.journal = {};
  return {};
}

std::string updates(World& world, Words&) {
  Json json = Json::array();
  for (const Journal::Call& call : world.journal.updates) json.push_back(call_json(call));
  return json.dump();
}

std::string arm(World& world, Words& words, bool carried_out) {
  const std::string rpc = rpc_of(words);
  const std::string name = words.next("a status");
  Faults::Failure failure;
  failure.carried_out = carried_out;
  failure.code = code_number(name);
  if (failure.code <= 0) throw Refused{"no status '" + name + "'; for example UNAVAILABLE, RESOURCE_EXHAUSTED"};
  failure.count = words.number<int>("a count", 0, 1'000'000'000);
  failure.text = words.rest();
  if (failure.text.empty()) failure.text = "simulated failure";
  if (failure.count == 0) {
    world.faults.failures.erase(rpc);
  } else {
    world.faults.failures[rpc] = failure;
  }
  return {};
}

std::string fail(World& world, Words& words) {
  return arm(world, words, false);
}
std::string lose(World& world, Words& words) {
  return arm(world, words, true);
}

std::string delay(World& world, Words& words) {
  const std::string rpc = rpc_of(words);
  world.faults.delays_ms[rpc] = words.number<int>("milliseconds", 0, 3'600'000);
  return {};
}

std::string freeze(World& world, Words& words) {
  world.faults.frozen = words.flag();
  return {};
}

std::string large(World& world, Words& words) {
  world.faults.large = words.flag();
  return {};
}

std::string garbage(World& world, Words& words) {
  const std::string kind = words.next("a kind");
  if (kind == "off") {
    world.faults.garbage.clear();
    return {};
  }
  std::string names = "off";
  bool known = false;
  for (const auto& [name, what] : garbage_kinds()) {
    names += ", " + std::string(name);
    known = known || name == kind;
  }
  if (!known) throw Refused{"no kind '" + kind + "'; there are " + names};
  world.faults.garbage[kind] = words.number<int>("a count", 1, 1'000'000);
  return {};
}

std::string quota(World& world, Words& words) {
  world.access.set_quota(words.number<unsigned>("a quota", 0, 1'000'000));
  return {};
}

std::string expire_tokens(World& world, Words&) {
  world.access.expire_tokens();
  return {};
}

std::string password(World& world, Words& words) {
  world.access.set_password(words.next("a password"));
  return {};
}

std::string behaviour(World& world, Words& words) {
  const std::string key = words.next("a key");
  const std::string value = words.next("a value");
  const std::string error = world.behaviour.set(key, value);
  if (!error.empty()) throw Refused{error};
  return {};
}

std::string behaviours(World& world, Words&) {
  Json json;
  for (const Switch& row : switches()) {
    json[std::string(row.key)] = {
        {"value", world.behaviour.value(row.key)}, {"allowed", row.values}, {"what", row.meaning}};
  }
  return json.dump();
}

std::string connect(World& world, Words& words) {
  Device& device = device_of(world, words);
  const bool on = words.flag();
  if (on && !device.spec.connected) device.back_online(world.house.now());
  if (!on && device.spec.connected) {
    device.spec.connected = false;
    device.offline_since = world.house.now();
  }
  return {};
}

std::string outage(World& world, Words& words) {
  Device& device = device_of(world, words);
  const auto minutes = words.number<Seconds>("minutes", 1, 1'000'000);
  if (device.spec.connected) device.offline_since = world.house.now();
  device.spec.connected = false;
  device.offline_until = world.house.now() + minutes * kMinute;
  return {};
}

std::string lag(World& world, Words& words) {
  Device& device = device_of(world, words);
  device.lag_minutes = words.number<Seconds>("minutes", 0, 1'000'000);
  return {};
}

std::string missing(World& world, Words& words) {
  Device& device = device_of(world, words);
  const auto channel = circuit_of(device, words).channel;
  const Seconds from = words.time("the start");
  const Seconds to = words.time("the end");
  device.missing.push_back({channel, {floor_to(from, kMinute) / kMinute, floor_to(to, kMinute) / kMinute}});
  return {};
}

std::string revise(World& world, Words& words) {
  world.faults.revise_pct = words.number<double>("percent", 0, 100);
  return {};
}

std::string rename_device(World& world, Words& words) {
  Device& device = device_of(world, words);
  device.spec.name = words.rest();
  return {};
}

std::string rename_circuit(World& world, Words& words) {
  Device& device = device_of(world, words);
  CircuitSpec& circuit = circuit_of(device, words);
  circuit.name = words.rest();
  return {};
}

std::string add_circuit(World& world, Words& words) {
  Device& device = device_of(world, words);
  CircuitSpec circuit;
  circuit.channel = words.number<std::uint32_t>("a channel", 0, 4294967295U);
  for (const CircuitSpec& other : device.spec.circuits) {
    if (other.channel == circuit.channel) throw Refused{"channel is there already; remove-circuit first"};
  }
  circuit.pattern = words.next("a load pattern");
  const Pattern* const pattern = find_pattern(circuit.pattern);
  if (pattern == nullptr) throw Refused{"no pattern '" + circuit.pattern + "'"};
  circuit.name = words.rest();
  circuit.type = is_monitor(device.spec.model) ? kExpansion50A : kMain;
  circuit.direction = pattern->generates ? kGeneration : kConsumption;
  circuit.legs = "A";
  device.spec.circuits.push_back(circuit);
  return {};
}

std::string remove_circuit(World& world, Words& words) {
  Device& device = device_of(world, words);
  const auto channel = circuit_of(device, words).channel;
  std::erase_if(device.spec.circuits, [&](const CircuitSpec& circuit) { return circuit.channel == channel; });
  return {};
}

std::string remove_device(World& world, Words& words) {
  device_of(world, words).removed = true;
  return {};
}

std::string restore_device(World& world, Words& words) {
  device_of(world, words).removed = false;
  return {};
}

std::string plug(World& world, Words& words) {
  Device& device = device_of(world, words);
  if (device.charger == nullptr) throw Refused{"'" + device.spec.id + "' is not a charger"};
  device.charger->car_connected = words.flag();
  device.charger->commute = false;
  if (!words.empty()) device.charger->car_soc_pct = words.number<double>("the car's charge in percent", 0, 100);
  return {};
}

std::string soc(World& world, Words& words) {
  Device& device = device_of(world, words);
  if (device.battery == nullptr) throw Refused{"'" + device.spec.id + "' is not a battery"};
  device.battery->soc_pct = words.number<double>("percent", 1, 100);
  return {};
}

std::string advance(World& world, Words& words) {
  world.clock.advance(words.number<Seconds>("seconds", 0, 400 * kDay));
  return iso8601(world.advance());
}

std::string time_now(World& world, Words&) {
  return iso8601(world.house.now());
}

std::string state(World& world, Words& words) {
  const Device& device = device_of(world, words);
  Json json = {{"id", device.spec.id},
               {"model", device.spec.model},
               {"name", device.spec.name},
               {"connected", device.spec.connected},
               {"removed", device.removed},
               {"lag_minutes", device.lag_minutes},
               {"onboarded", iso8601(device.onboarded)}};
  if (device.appliance) json["watts"] = device.appliance->watts();
  if (device.outlet != nullptr) json["settings"] = Json::parse(as_json(outlet_reply(device)));
  if (device.charger != nullptr) {
    json["settings"] = Json::parse(as_json(charger_reply(device)));
    json["car_soc_pct"] = device.charger->car_soc_pct;
  }
  if (device.battery != nullptr) {
    json["settings"] = Json::parse(as_json(battery_reply(device, world.behaviour)));
    json["soc_pct"] = device.battery->soc_pct;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The truth of a range: no lag, no loss of data, no retention. Wh with the wire's sign.
std::string usage(World& world, Words& words) {
  const Device& device = device_of(world, words);
  const auto channel = words.number<std::uint32_t>("a channel", 0, 4294967295U);
  const Seconds from = words.time("the start");
  const Seconds to = words.time("the end");
  const auto scale = words.number<int>("a scale's number", 0, kScales - 1);
  const Buckets buckets(static_cast<Scale>(scale), *device.zone, world.behaviour, device.spec.billing_day);
  Meter meter(world.house, device);
  std::size_t index = 0;
  while (index < meter.circuits().size() && meter.circuits()[index]->channel != channel) ++index;
  if (index == meter.circuits().size()) throw Refused{"no clamp on channel " + std::to_string(channel)};
  Json json = {{"starts", Json::array()}, {"wh", Json::array()}};
  for (Seconds start = buckets.start_of(from); start <= to && start < world.house.now(); start = buckets.next(start)) {
    if (json["starts"].size() == 100'000) throw Refused{"more than 100000 buckets"};
    const Seconds end = std::min(buckets.next(start), floor_to(world.house.now(), kMinute));
    const auto sums = meter.sum({std::max(start, device.onboarded) / kMinute, end / kMinute});
    json["starts"].push_back(start);
    json["wh"].push_back(on_the_wire(watt_hours(sums[index]), meter.circuits()[index]->direction));
  }
  return json.dump();
}

std::string help(World&, Words&);

struct Command {
  std::string_view name, arguments, what;
  std::string (*act)(World&, Words&);
};

constexpr Command kCommands[] = {
    {"help", "", "these commands", help},
    {"stats", "", "calls by rpc and status, quota, the last calls: JSON", stats},
    {"reset-stats", "", "forgets calls and updates", reset_stats},
    {"updates", "", "the Update calls, with the fields they set: JSON", updates},
    {"fail", "RPC|* STATUS COUNT [TEXT]", "the next COUNT calls fail; 0 ends it", fail},
    {"lose", "RPC|* STATUS COUNT [TEXT]", "the same, but what they ask is done", lose},
    {"delay", "RPC|* MS", "answers come later; 0 ends it", delay},
    {"freeze", "on|off", "calls are taken and never answered", freeze},
    {"large", "on|off", "replies exceed 4 MiB", large},
    {"garbage", "KIND COUNT|off", "spoils the next replies it fits", garbage},
    {"quota", "N", "calls in a rolling hour; 0: no limit", quota},
    {"expire-tokens", "", "no token handed out so far is good any more", expire_tokens},
    {"password", "NEW", "sign-in takes another password", password},
    {"behaviour", "KEY VALUE", "sets a switch", behaviour},
    {"behaviours", "", "all switches: JSON", behaviours},
    {"connect", "ID on|off", "the device's link", connect},
    {"outage", "ID MINUTES", "offline for a while; up to 15 minutes come back exact, more as a mean", outage},
    {"lag", "ID MINUTES", "how late its data come", lag},
    {"nan", "ID CHANNEL FROM TO", "no values in that time", missing},
    {"revise", "PERCENT", "15-minute and hour values of the last two hours are off by that much", revise},
    {"rename-device", "ID NAME", "all after one blank is the name", rename_device},
    {"rename-circuit", "ID CHANNEL NAME", "the same", rename_circuit},
    {"add-circuit", "ID CHANNEL PATTERN NAME", "a new clamp", add_circuit},
    {"remove-circuit", "ID CHANNEL", "", remove_circuit},
    {"remove-device", "ID", "the partner no longer has it", remove_device},
    {"restore-device", "ID", "the partner has it again", restore_device},
    {"plug", "ID on|off [PERCENT]", "the car, and how full it is", plug},
    {"soc", "ID PERCENT", "the battery's charge", soc},
    {"advance", "SECONDS", "moves time on; answers the new time", advance},
    {"now", "", "the virtual time", time_now},
    {"usage", "ID CHANNEL FROM TO SCALE", "the truth: bucket starts and Wh: JSON", usage},
    {"state", "ID", "what the device really is and does: JSON", state},
};

std::string help(World&, Words&) {
  std::string text;
  for (const Command& command : kCommands) {
    text += (text.empty() ? "" : " | ") + std::string(command.name);
    if (!command.arguments.empty()) text += " " + std::string(command.arguments);
    if (!command.what.empty()) text += ": " + std::string(command.what);
  }
  return text;
}

}  // namespace

std::string carry_out(World& world, std::string_view line) {
  Words words(line);
  try {
    const std::string name = words.next("a command");
    for (const Command& command : kCommands) {
      if (command.name != name) continue;
      const std::lock_guard lock(world.mutex);
      world.advance();
      const std::string answer = command.act(world, words);
      world.changed.notify_all();
      return answer.empty() ? "ok" : "ok " + answer;
    }
    return "error no command '" + name + "'; try help";
  } catch (const Refused& refused) {
    return "error " + refused.why;
  } catch (const std::exception& problem) {
    return std::string("error ") + problem.what();
  }
}

}  // namespace simulator
