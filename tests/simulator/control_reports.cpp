#include <nlohmann/json.hpp>

#include "simulator/answers.hpp"
#include "simulator/buckets.hpp"
#include "simulator/control_words.hpp"
#include "simulator/usage.hpp"

namespace simulator {
namespace {

using Json = nlohmann::ordered_json;

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
               {"calls_with_an_older_token", world.access.calls_with_an_older_token()},
               {"quota", {{"limit", world.access.quota()}, {"used", world.access.calls_in_hour(now)}}},
               {"busiest_hour", world.access.busiest_hour()},
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

std::string tokens(World& world, Words&) {
  return Json(world.access.newest_tokens()).dump();
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

}  // namespace

const std::vector<Command>& report_commands() {
  static const std::vector<Command> table = {
      {"stats", "", "calls by rpc and status, quota, the most calls in an hour, the last calls: JSON", stats},
      {"reset-stats", "", "forgets calls and updates", reset_stats},
      {"updates", "", "the Update calls, with the fields they set: JSON", updates},
      {"tokens", "", "the tokens handed out, to look where they have got to: JSON", tokens},
      {"advance", "SECONDS", "moves time on; answers the new time", advance},
      {"now", "", "the virtual time", time_now},
      {"usage", "ID CHANNEL FROM TO SCALE", "the truth: bucket starts and Wh: JSON", usage},
      {"state", "ID", "what the device really is and does: JSON", state},
  };
  return table;
}

}  // namespace simulator
