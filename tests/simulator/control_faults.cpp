#include <algorithm>
#include <nlohmann/json.hpp>

#include "simulator/answers.hpp"
#include "simulator/control_words.hpp"

namespace simulator {
namespace {

using Json = nlohmann::ordered_json;

std::string rpc_of(Words& words) {
  const std::string rpc = words.next("an rpc or *");
  if (rpc != "*" && std::find(kRpcs.begin(), kRpcs.end(), rpc) == kRpcs.end()) {
    std::string names = "*";
    for (const std::string_view name : kRpcs) names += ", " + std::string(name);
    throw Refused{"no rpc '" + rpc + "'; there are " + names};
  }
  return rpc;
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

std::string revise(World& world, Words& words) {
  world.faults.revise_pct = words.number<double>("percent", 0, 100);
  return {};
}

}  // namespace

const std::vector<Command>& fault_commands() {
  static const std::vector<Command> table = {
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
      {"revise", "PERCENT", "15-minute and hour values of the last two hours are off by that much", revise},
  };
  return table;
}

}  // namespace simulator
