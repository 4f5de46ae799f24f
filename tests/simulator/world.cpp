#include "simulator/world.hpp"

#include <algorithm>

namespace simulator {
namespace {

constexpr std::array<std::string_view, 17> kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

}  // namespace

std::string code_name(int code) {
  if (code < 0 || code >= static_cast<int>(kCodes.size())) return std::to_string(code);
  return std::string(kCodes[static_cast<std::size_t>(code)]);
}

int code_number(std::string_view name) {
  const auto found = std::find(kCodes.begin(), kCodes.end(), name);
  return found == kCodes.end() ? -1 : static_cast<int>(found - kCodes.begin());
}

void Journal::note(Call call, bool update) {
  ++total;
  ++by_rpc[call.rpc]["total"];
  ++by_rpc[call.rpc][code_name(call.code)];
  if (update) {
    updates.push_back(call);
    if (updates.size() > 1000) updates.pop_front();
  }
  last.push_back(std::move(call));
  if (last.size() > 200) last.pop_front();
}

World::World(const Home& home, const WorldOptions& options)
    : clock(options.start, options.time_scale),
      access(home.email, home.password, options.token_lifetime, options.quota),
      behaviour(home.behaviour),
      house(home, options.seed, options.start) {}

Seconds World::advance() {
  const Seconds now = clock.now();
  house.advance(now);
  return now;
}

}  // namespace simulator
